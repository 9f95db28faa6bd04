--- parties: stubs, by which rooms and static hooks reach other rooms.
---
--- `parties.NAME:get(id)` gives a stub; a party that is not configured is nil. Stub traffic goes
--- straight to the room: before-hooks do not run for it (PartyKit: party stubs).

local Body = require "partylua.body"
local Headers = require "partylua.headers"
local Request = require "partylua.request"
local Response = require "partylua.response"
local lazy = require "partylua.lazy"
local native = require "partylua.native"

local url = lazy "partylua.url" ---@module "partylua.url"

local parties = {}

--- The names of the configured parties; set once by the application.
local known = {}

---@param names string[]
function parties.configure(names)
  known = {}
  for _, name in ipairs(names) do known[name] = true end
end

---@class partylua.Stub
---@field private party string
---@field private id string
---@field private base string    the room's URL
local Stub = {}
Stub.__index = Stub

--- The path and the init of a call: both are optional, and the init may be a Request.
local function read_arguments(path, init)
  if type(path) == "table" then path, init = nil, path end
  if path ~= nil and (type(path) ~= "string" or path:sub(1, 1) ~= "/") then
    error("Path must start with /", 3)
  end
  return path or "", init
end

local function make_request(stub, path, init)
  if Request.is(init) then
    return Request(stub.base .. path,
      { method = init.method, headers = Headers(init.headers), body = init.body })
  end
  local request = Request(stub.base .. path, init)
  return request
end

--- The body of an answer that is still coming: called, it gives the next chunk.
local Answer = {}
Answer.__index = Answer

function Answer:__call()
  local call = self.call
  while not self.is_given_up do
    local chunk, state = call:take()
    if chunk then return chunk end
    if state == "end" then return nil end
    if state == "broken" then error("the room's answer broke off", 2) end
    call:wait "reading a stub's answer"
  end
end

--- Gives up what has not come yet: the room's hook need not wait for ever to be read.
function Answer:cancel()
  self.is_given_up = true
  self.call:give_up()
end

--- Gives up what a body comes from when the room has answered, also while it waits for more.
local function give_up_with(call, source)
  native.spawn(function()
    while not call:has_ended() do call:wait "watching a room's answer" end
    source:cancel "the room has answered without it"
  end)
end

--- Feeds a request's body to the room while it reads. What has no end goes no further than the
--- room's answer: then nobody reads it any more.
local function send_body(call, request)
  local function write(bytes)
    if call:has_ended() then return false end
    if call:send_body(bytes) == false then call:wait "sending to a room" end
    return not call:has_ended()
  end
  local kind, content, source = request:take_body()
  if source then give_up_with(call, source) end
  if kind == "bytes" then
    write(content)
  elseif kind == "chunks" then
    for chunk in content do
      if not write(chunk) then break end
    end
  elseif kind == "producer" then
    Body.produce(content, write)
  end
  call:end_body()
end

--- Begins a call. The room's hooks run in tasks of their own, never inside the caller's.
---@param kind "fetch"|"socket"|"connect"
local function begin_call(stub, request, kind)
  local target = url.URL(request.url)
  local has_body = request.source ~= nil
  local call = native.call(stub.party, stub.id, {
    method = request.method,
    host = target.host,
    path = target.pathname,
    search = target.search,
    headers = request:flat_headers(),
    has_body = has_body,
    is_websocket = kind ~= "fetch",
    is_awaited = kind ~= "connect",
    is_public = kind == "connect",
  })
  native.spawn(call.start, call)
  if has_body then native.spawn(send_body, call, request) end
  return call
end

local function wait_for_head(call, what)
  while not call:has_head() do call:wait(what) end
  return call:head()
end

--- Sends a request to the room and waits for its answer.
---@param path? string|partylua.RequestInit|partylua.Request    below the room's own path, starting
---                                                             with "/"; or the init
---@param init? partylua.RequestInit|partylua.Request
---@return partylua.Response
function Stub:fetch(path, init)
  path, init = read_arguments(path, init)
  local call = begin_call(self, make_request(self, path, init), "fetch")
  local status, reason, headers = wait_for_head(call, "fetching from a room")
  if not status then error("the room gave no answer", 2) end
  return Response.adopt(status, reason, headers, setmetatable({ call = call }, Answer))
end

--- Opens a WebSocket to the room and waits until it is open.
---@param path? string|partylua.RequestInit|partylua.Request
---@param init? partylua.RequestInit|partylua.Request
---@return partylua.StubSocket
function Stub:socket(path, init)
  path, init = read_arguments(path, init)
  local request = make_request(self, path, init)
  request.headers:set("upgrade", "websocket")
  local call = begin_call(self, request, "socket")
  if wait_for_head(call, "opening a socket to a room") ~= 101 then
    error("Expected a websocket response", 2)
  end
  return require "partylua.stubsocket"(call)
end

--- Deprecated: like socket, but returns at once with a socket that is still connecting, and comes
--- by the before-hooks as a client does (PartyKit: party stubs).
---@return partylua.StubSocket
function Stub:connect()
  local request = make_request(self, "", nil)
  request.headers:set("upgrade", "websocket")
  local StubSocket = require "partylua.stubsocket"
  local socket = StubSocket(begin_call(self, request, "connect"), true)
  return socket
end

-- Sets ------------------------------------------------------------------------------------------

---@class partylua.Party
---@field private name string
---@field private host string
local Party = {}
Party.__index = Party

--- The stub of a room. What may not stand in a path segment is percent-encoded and existing
--- escapes stay, so that `get "my room"` and `/my%20room` are one room.
---@param id string
---@return partylua.Stub
function Party:get(id)
  if type(id) ~= "string" or id == "" then
    error("get takes a room's id, got " .. (id == "" and "an empty string" or type(id)), 2)
  end
  local segment = url.encode_segment(id)
  local base = ("http://%s/parties/%s/%s"):format(self.host, self.name, segment)
  return setmetatable({ party = self.name, id = segment, base = base }, Stub)
end

--- The table `parties` of a room or lobby: by name, nil for what is not configured.
---@param host? string    host and port for the URLs that the rooms will see
---@return table<string, partylua.Party>
function parties.for_host(host)
  host = host or "localhost"
  local all = {}
  for name in pairs(known) do all[name] = setmetatable({ name = name, host = host }, Party) end
  return all
end

return parties
