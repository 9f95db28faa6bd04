--- server: the running server of a data folder, asked through its admin socket.

local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local fs = require "partylua.fs"
local http = require "partylua.cli.http"
local json = require "partylua.json"
local native = require "partylua.native"
local parser = require "partylua.cli.parser"
local percent = require "partylua.percent"

local server = {}

local ANSWER_BYTES_MAX = 64 * 1024 * 1024
local SOCKET = "admin.sock"
local END_MS, STEP_MS = 30000, 5

---@class partylua.cli.Server
---@field data string    its data folder
local Server = {}
Server.__index = Server

--- A parser for a command that asks a server.
---@param name string
---@param usage string    what stands behind the name
---@param description string
function server.parser(name, usage, description)
  return folder.parser(name, usage, description)
end

--- The server of a data folder, or nil and why there is none.
---@param data string
---@return partylua.cli.Server?
---@return string? message
---@return string? errno
function server.find(data)
  local line, message, errno = native.dial_local(data, SOCKET)
  if not line then return nil, message, errno end
  line:close()
  return setmetatable({ data = data }, Server)
end

local HINTS = {
  EACCES = "only the user who runs the server can ask it",
  ENOENT = "start one with 'partylua serve', or name its folder with --data or its app with --app",
}
HINTS.ECONNREFUSED = HINTS.ENOENT
HINTS.ENOTDIR = HINTS.ENOENT

--- The server that the arguments mean; raises a failure when there is none.
---@param result table    of parser.parse
---@return partylua.cli.Server
function server.get(result)
  native.loaded()
  local settings = folder.any_settings(result)
  local found, message, errno = server.find(settings.data)
  if found then return found end
  local is_absent = HINTS[errno] == HINTS.ENOENT
  failure.raise(("no server answers at %s/%s%s"):format(settings.data, SOCKET,
    is_absent and "" or ": " .. message), HINTS[errno])
end

--- A path with parameters, in the order of their names.
---@param path string
---@param query? table<string, string|number>
---@return string
function server.path(path, query)
  local names, pieces = {}, {}
  for name in pairs(query or {}) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    pieces[i] = name .. "=" .. percent.encode(tostring(query[name]), "[^%w._~-]")
  end
  return pieces[1] and path .. "?" .. table.concat(pieces, "&") or path
end

--- Sends a request; raises what the server refuses as a failure.
---@param method string
---@param path string
---@param body? string
---@param within_ms? number
---@return partylua.cli.Answer
function Server:send(method, path, body, within_ms)
  local line, message = native.dial_local(self.data, SOCKET)
  if not line then failure.raise("the server has gone: " .. message) end
  local answer = http.send(line, {
    method = method, path = path, host = "admin", body = body, within_ms = within_ms,
  })
  if answer.status < 400 then return answer end
  local text = answer:text(ANSWER_BYTES_MAX)
  local said = json.tryDecode(text)
  local why = type(said) == "table" and said.error or text:match "^[^\n]*"
  return failure.raise(("the server refuses: %s"):format(why))
end

--- Sends a request whose answer is JSON.
---@return any
function Server:ask(method, path, body, within_ms)
  local value, message = json.tryDecode(self:send(method, path, body, within_ms)
    :text(ANSWER_BYTES_MAX))
  if message then failure.raise("the server's answer is broken: " .. message) end
  return value
end

--- Whether a process runs; one that only waits for its parent has ended.
local function is_running(pid)
  local stat = fs.read(("/proc/%d/stat"):format(pid))
  return stat ~= nil and stat:match "^.*%) (%a)" ~= "Z"
end

--- Waits until the process of the server has ended, and its data folder is free.
---@param pid integer
function Server:await_end(pid)
  local deadline = native.now() + END_MS
  while is_running(pid) do
    if native.now() > deadline then
      failure.raise(("the server, process %d, does not end"):format(pid))
    end
    native.pause(STEP_MS)
  end
  self.data = nil
end

--- Parses the arguments of a command that asks a server.
---@param made table
---@param name string
---@param args string[]
---@return table? result
---@return partylua.cli.Server?
function server.parse(made, name, args)
  local result = parser.parse(made, name, args)
  if not result then return nil end
  return result, server.get(result)
end

return server
