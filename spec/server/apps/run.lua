--- run: a room that runs the Lua code it is sent: specs say in place what room code does.
---
--- The code sees `room`, `storage`, `party`, `json`, `self`, and `conn` or `request`; what it
--- returns is the answer, as JSON. An error is answered as `{ "error": message }`. `X-onAlarm` and
--- `X-onStart` of a request are kept as the code of those hooks.

local party = require "partylua"
local json = party.json

local Run = {}

local function run(self, code, more)
  local chunk = assert(loadstring(code, "=code"))
  local names = { room = self.room, storage = self.room.storage, party = party, json = json,
    self = self }
  for name, value in pairs(more or {}) do names[name] = value end
  return setfenv(chunk, setmetatable(names, { __index = _G }))()
end

local function message_of(err)
  if type(err) == "table" then return err.message or json.encode(err) end
  return (tostring(err):gsub("^[^\n]-:%d+: ", "", 1))
end

function Run:onStart()
  local code = self.room.storage:get "code of onStart"
  if code then run(self, code) end
end

function Run:onRequest(request)
  for _, hook in ipairs { "onStart", "onAlarm" } do
    local code = request.headers:get("x-" .. hook)
    if code then self.room.storage:put("code of " .. hook, code) end
  end
  local ok, result = pcall(run, self, request:text(), { request = request })
  if not ok then return party.Response.json { error = message_of(result) } end
  if party.Response.is(result) then return result end
  return party.Response.json { result = result == nil and json.null or result }
end

function Run:onConnect(conn, ctx)
  local code = ctx.request.query.code
  if code then run(self, code, { conn = conn }) end
end

function Run:onMessage(code, conn)
  local result = run(self, code, { conn = conn })
  if result ~= nil then conn:send(json.encode(result)) end
end

function Run:onAlarm(info)
  local code = self.room.storage:get "code of onAlarm"
  if code then run(self, code, { info = info }) end
end

return Run
