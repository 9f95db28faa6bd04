--- stubs: room.context.parties as programs see it.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local later = require "ts2lua.runtime.later"
local shape = require "ts2lua.runtime.shape"
local sockets = require "ts2lua.host.sockets"
local tasks = require "ts2lua.runtime.tasks"

local requests = later "requests"
local responses = later "responses"

local stubs = {}

-- Stubs. Slot 1 holds the host's.

local Stub = class.builtin("Stub")
local stub = Stub.prototype

--- The arguments of fetch and socket: a path and an init, or only one of them.
local function arguments(path, init)
  if type(path) == "table" then path, init = nil, path end
  return path ~= nil and convert.to_text(path) or nil, requests.native_init(init)
end

function stub.fetch(self, path, init)
  local native_path, native_init = arguments(path, init)
  return tasks.run(function()
    return responses.wrap(self[1]:fetch(native_path, native_init))
  end, true)
end

function stub.socket(self, path, init)
  local native_path, native_init = arguments(path, init)
  return tasks.run(function()
    return sockets.wrap(self[1]:socket(native_path, native_init))
  end, true)
end

function stub.connect(self) return sockets.wrap(self[1]:connect()) end

--- The parties by name, of the host's.
---@param native table<string, partylua.Party>
function stubs.parties(native)
  local names = {}
  for name in pairs(native) do names[#names + 1] = name end
  table.sort(names)
  local all = shape.object()
  for _, name in ipairs(names) do
    local party = shape.object()
    rawset(party, "get", function(_, id)
      return class.instance(Stub, { native[name]:get(convert.to_text(id)) })
    end)
    shape.add(all, name, party)
  end
  return all
end

return stubs
