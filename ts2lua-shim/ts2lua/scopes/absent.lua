--- absent: what programs elsewhere find without declaring it, and here is not there.
---
--- A program that tests with `typeof` whether it is there is not blamed for using it.

local fault = require "ts2lua.fault"

local absent = {}

local NODE = "partylua runs no Node"
local MODULES = "write import … from \"…\" and export; a CommonJS module is not loaded"

--- What is wrong with a name, and what to do.
local NAMES = {
  WebAssembly = { "WebAssembly is not supported",
    "do it in TypeScript, or ask a server that can with fetch" },
  Proxy = { "Proxy is not supported",
    "write the properties out, or use a class with get and set" },
  Worker = { "workers are not supported", "a room of another party works beside this one" },
  SharedArrayBuffer = { "SharedArrayBuffer is not supported",
    "rooms share nothing; send messages" },
  Atomics = { "Atomics is not supported", "rooms share nothing; send messages" },
  WebSocketPair = { "WebSocketPair is not supported", "onConnect is given the connection" },
  HTMLRewriter = { "HTMLRewriter is not supported", "text.replace changes HTML as text" },
  XMLHttpRequest = { "XMLHttpRequest is not supported", "use fetch" },
  Buffer = { "Node's Buffer is not there; " .. NODE,
    "use Uint8Array, TextEncoder and TextDecoder, atob and btoa" },
  require = { "require() is not supported", MODULES, is_commonjs = true },
  module = { "'module' is not there", MODULES, is_commonjs = true },
  exports = { "'exports' is not there", MODULES, is_commonjs = true },
  __dirname = { "'__dirname' is not there; " .. NODE, "import a JSON file, or use room.storage" },
  __filename = { "'__filename' is not there; " .. NODE, "import a JSON file, or use room.storage" },
}

--- Notes the use of a name that nothing in the program declares.
---@param program table
---@param node table    an Identifier
function absent.note(program, node)
  local entry = NAMES[node.name]
  if not entry then return end
  local found = fault.at(program.source, program.file, node.start, entry[1], entry[2])
  found.name, found.is_commonjs = node.name, entry.is_commonjs
  table.insert(program.absent, found)
end

--- What a program uses without having tested whether it is there.
---@param program table
---@return ts2lua.Fault[]
function absent.list(program)
  local list = {}
  for _, found in ipairs(program.absent) do
    if not program.tested[found.name] then list[#list + 1] = found end
  end
  return list
end

return absent
