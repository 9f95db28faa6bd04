--- Client: a browser of a spec: one WebSocket to a room.

local Answer = require "partylua.testing.answer"
local Headers = require "partylua.headers"
local binary = require "partylua.binary"
local json = require "partylua.json"
local native = require "partylua.native"
local url = require "partylua.url"

---@class partylua.testing.Client
---@field id? string
---@field inbox (string|partylua.Binary)[]    messages that were not taken yet
---@field closed? partylua.testing.Closed    once it is closed
---@field rejected? partylua.testing.Answer    when the upgrade was answered with a Response
---@field state "connecting"|"open"|"closed"|"rejected"
---@field protocol string    the sub-protocol in use, or empty
---@field private line partylua.native.Line
---@field private app partylua.testing.App
local Client = {}

-- What arrives ----------------------------------------------------------------------------------

--- Takes what has arrived off the line.
local function pull(self)
  local line = rawget(self, "line")
  while true do
    local kind, first, second, third = line:next_event()
    if kind == nil then return end
    if kind == "message" then
      self.messages[#self.messages + 1] = second and binary(first) or first
    else
      self.ending = { code = first, reason = second, wasClean = third }
    end
  end
end

local fields = {}

function fields.inbox(self)
  pull(self)
  return self.messages
end

function fields.closed(self)
  pull(self)
  return rawget(self, "ending")
end

function fields.rejected(self)
  local status = rawget(self, "line"):answer()
  if status == nil or status == 101 then return nil end
  return Answer.of(rawget(self, "line"))
end

function fields.protocol(self)
  return rawget(self, "line"):protocol()
end

function fields.state(self)
  if fields.closed(self) then return "closed" end
  if fields.rejected(self) then return "rejected" end
  local state = rawget(self, "line"):state()
  return state == "waiting" and "connecting" or state == "open" and "open" or "closed"
end

function Client.__index(self, key)
  if Client[key] ~= nil then return Client[key] end
  local field = fields[key]
  return field and field(self)
end

--- Takes the oldest message that has arrived; nil when there is none.
---@return string|partylua.Binary|nil
function Client:receive()
  return (table.remove(self.inbox, 1))
end

--- The same for a message of JSON.
---@return any
function Client:receiveJson()
  local message = self:receive()
  if message == nil then return nil end
  local value, why = json.tryDecode((binary.unwrap(message)))
  if why then error(("the message is no JSON: %s\n%s"):format(why, tostring(message)), 2) end
  return value
end

-- What it does ----------------------------------------------------------------------------------

local function check_open(self, what, level)
  local state = self.state
  if state == "open" then return end
  local why = "it is " .. state
  if self.closed then why = ("it was closed with %d"):format(self.closed.code) end
  if self.rejected then why = ("the server has answered %d"):format(self.rejected.status) end
  error(("%s cannot %s: %s"):format(self:name(), what, why), level + 1)
end

--- How messages name it.
---@return string
function Client:name()
  return rawget(self, "id") or "the client"
end

local function send(self, bytes, is_binary, level)
  self.app:check_driving(level + 1)
  check_open(self, "send", level + 1)
  self.line:send(bytes, is_binary)
  self.app:settle()
end

--- Sends a message: text, or party.binary.
---@param message string|partylua.Binary
function Client:send(message)
  local bytes, is_binary = binary.unwrap(message, 2)
  send(self, bytes, is_binary, 2)
end

---@param bytes string
function Client:sendBinary(bytes)
  if type(bytes) ~= "string" then error("sendBinary takes a string of bytes", 2) end
  send(self, bytes, true, 2)
end

---@param value any
function Client:sendJson(value)
  send(self, json.encode(value), false, 2)
end

--- Closes the connection as a browser does. Nothing, when it is closed already.
---@param code? integer    1000, or 3000 to 4999
---@param reason? string
function Client:close(code, reason)
  self.app:check_driving(2)
  local is_usual = code == nil or code == 1000 or code >= 3000 and code <= 4999
  if not is_usual then error("a browser closes with 1000, or 3000 to 4999", 2) end
  if self.closed then return end
  check_open(self, "close", 2)
  self.line:close(code or 1005, reason or "")
  self.app:settle()
end

--- Its network is gone: the server learns of it, without a closing handshake.
function Client:drop()
  self.app:check_driving(2)
  self.line:drop()
  self.app:settle()
end

-- Connecting ------------------------------------------------------------------------------------

local function sorted_pairs(query)
  local names, parts = {}, {}
  for name in pairs(query) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = ("%s=%s"):format(url.encode_component(name),
      url.encode_component(tostring(query[name])))
  end
  return parts
end

--- The query of the upgrade's URL: the id first, as partysocket has it.
local function query_of(id, query)
  local parts = {}
  if type(query) == "table" then parts = sorted_pairs(query) end
  if type(query) == "string" and query ~= "" then parts = { (query:gsub("^%?", "")) } end
  if id then table.insert(parts, 1, "_pk=" .. url.encode_component(id)) end
  return #parts > 0 and "?" .. table.concat(parts, "&") or ""
end

local NAMES = { id = true, query = true, headers = true, protocol = true, path = true }

local function check(given, level)
  for name in pairs(given) do
    if not NAMES[name] then
      error(("connect takes id, query, headers, protocol and path, not '%s'")
        :format(tostring(name)), level + 1)
    end
  end
end

local function headers_of(given, protocols, level)
  local headers = {
    "host", "localhost", "upgrade", "websocket", "connection", "Upgrade",
    "sec-websocket-version", "13", "sec-websocket-key", "c3BlYyBvZiBwYXJ0eWx1YQ==",
  }
  if protocols then
    headers[#headers + 1], headers[#headers + 2] = "sec-websocket-protocol", protocols
  end
  for _, each in ipairs(Headers.from(given.headers, level + 1)) do headers[#headers + 1] = each end
  return headers
end

---@param app partylua.testing.App
---@param path string
---@param given partylua.testing.ConnectOptions
---@param level integer    as in error(), counted from the caller
---@return partylua.testing.Client
function Client.connect(app, path, given, level)
  check(given, level + 1)
  local id, protocols = given.id, given.protocol
  if id == nil then id = native.uuid() end
  if type(protocols) == "table" then protocols = table.concat(protocols, ", ") end
  local line = app.house.transport:request {
    method = "GET", host = "localhost", address = "127.0.0.1", is_websocket = true,
    target = path .. (given.path or "") .. query_of(id, given.query),
    headers = headers_of(given, protocols, level + 1), protocols = protocols,
  }
  if not line then error("this is no path to connect to: " .. path, level + 1) end
  local self = setmetatable({ app = app, line = line, id = id or nil, messages = {} }, Client)
  app:settle()
  return self
end

return Client
