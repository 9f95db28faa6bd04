--- host: what the native side calls to run hooks.
---
--- Each function runs as a task. An error in it is mapped to what the client sees by the native
--- side (lua/host.c), so there is hardly a pcall here: the good path is all there is.

local Body = require "partylua.body"
local Request = require "partylua.request"
local Response = require "partylua.response"
local assets = require "partylua.assets"
local connection = require "partylua.connection"
local context = require "partylua.context"
local lazy = require "partylua.lazy"
local native = require "partylua.native"
local room_fields = require "partylua.room"

local cron_run = lazy "partylua.cron.run" ---@module "partylua.cron.run"
local subprotocol = lazy "partylua.subprotocol" ---@module "partylua.subprotocol"

local flat_headers, take_body = Response.flat_headers, Response.take_body

local host = {}

--- The party under which sockets of onSocket live; no URL reaches a party of this name.
host.SOCKETS = "(socket)"

--- Definitions by party name; set once by the application.
---@type table<string, partylua.Definition>
local definitions = {}

---@param all table<string, partylua.Definition>
function host.configure(all)
  definitions = all
end

-- Requests and answers --------------------------------------------------------------------------

--- The next piece of a request's body; nil at its end.
function native.exchange.methods.read(exchange)
  while true do
    local chunk, state = exchange:take()
    if chunk then return chunk end
    if state == "end" then return nil end
    if state == "broken" then error("the client left before the request's body ended", 2) end
    exchange:wait "reading a request's body"
  end
end

--- Gives a body up when whoever reads it leaves, also while it waits for its next chunk. The task
--- is woken by the answer's end, too, when there is nothing left to give up.
local function give_up_with(exchange, source)
  native.spawn(function()
    while not exchange:is_gone() do exchange:wait "watching the reader of an answer" end
    source:cancel "whoever read it has left"
  end)
end

local function stream(exchange, response, kind, content, source)
  exchange:begin(response.status, response.statusText, flat_headers(response))
  if source then give_up_with(exchange, source) end
  local function write(chunk)
    if exchange:is_gone() then return false end
    if not exchange:write(chunk) then exchange:wait "writing a response" end
    return not exchange:is_gone()
  end
  if kind == "chunks" then
    for chunk in content do
      if not write(chunk) then return end
    end
  else
    Body.produce(content, write)
  end
  exchange:finish()
end

local function send(exchange, response)
  local kind, content, source = take_body(response)
  if kind == "none" or kind == "bytes" then
    local flat, text = flat_headers(response), response.statusText
    local usual = Response.USUAL_HEADERS[flat]
    if usual and text == "" then return exchange:respond_usual(response.status, usual, content) end
    exchange:respond(response.status, text, flat, content)
  else
    stream(exchange, response, kind, content, source)
  end
end

local function check_response(value, hook)
  if Response.is(value) then return value end
  error(("%s must return a Response, got %s"):format(hook, type(value)), 0)
end

-- Static hooks ----------------------------------------------------------------------------------

--- A before-hook: a Response answers, a Request goes on to the room, and nothing at all lets the
--- request on as the hook has left it. Anything else is refused: a hook that says `return
--- is_allowed` must not let everybody in.
function host.before(party, exchange)
  local class = definitions[party].class
  local name = exchange:is_websocket() and "onBeforeConnect" or "onBeforeRequest"
  local request = Request.from_native(exchange)
  local lobby = context.lobby(exchange:host(), exchange:room_id())
  local result = class[name](class, request, lobby, context.execution())
  if Response.is(result) then return send(exchange, result) end
  if result ~= nil and not Request.is(result) then
    error(("%s must return a Request, a Response or nothing, got %s")
      :format(name, type(result)), 0)
  end
  if name == "onBeforeConnect" then
    local offered = exchange:header "sec-websocket-protocol"
    local chosen = subprotocol.choose(offered, result or request, result and result ~= request)
    if chosen then exchange:choose_protocol(chosen) end
  end
  exchange:keep(result or request)
  exchange:forward()
end

--- PartyKit's development endpoint, which runs a cron at once.
local function run_cron(exchange, class)
  local request = Request.from_native(exchange)
  local name = request.query.cron or "unknown"
  local definition = context.crons()[name] or "* * * * *"
  local cron = cron_run.describe(name, definition, native.now())
  local ok, message = cron_run.now(class, cron, exchange:host())
  if not ok then return send(exchange, Response(message, { status = 500 })) end
  send(exchange, Response(("ran cron %s: %s"):format(name, definition)))
end

--- What is no party URL: static files, then onFetch, then 404 (PartyKit: order of decisions).
function host.other(exchange)
  local class = definitions.main.class
  local path = exchange:path()
  if path == "/__scheduled__" and context.has_dev_endpoints() and class.onCron then
    return run_cron(exchange, class)
  end
  if assets.send(exchange, path) or assets.send_page(exchange) then return end
  if class.onFetch then
    local request = Request.from_native(exchange)
    local lobby = context.lobby(exchange:host())
    local result = class.onFetch(class, request, lobby, context.execution())
    if result then return send(exchange, check_response(result, "onFetch")) end
  end
  if assets.send_missing(exchange) then return end
  send(exchange, Response("Not found", { status = 404 }))
end

-- Rooms -----------------------------------------------------------------------------------------

--- Makes the room's object and starts it. The host is that of the request that woke the room.
function host.start(party, room, request_host)
  room_fields.set_host(room, request_host)
  if party == host.SOCKETS then return native.set_object { is_socket = true, room = room } end
  local object = definitions[party]:construct(room)
  local wanted = type(object.options) == "table" and object.options or {}
  native.set_object(object, wanted.hibernate == true, wanted.serialize == true)
  local hook = object.onStart
  if hook then hook(object) end
end

--- onSocket: a WebSocket without a room, which the hook equips with listeners.
local function connect_socket(socket, exchange)
  local class = definitions.main.class
  native.side(socket).request = Request.from_native(exchange)
  native.pin(socket)
  native.register(socket, {})
  class.onSocket(class, socket, context.lobby(exchange:host()), context.execution())
end

function native.connection.getters.request(socket)
  return native.side(socket).request
end

local NO_TAGS = {}

--- `kept` is the request that a before-hook has passed on, if there was one.
function host.connect(object, conn, exchange, kept)
  if object.is_socket then return connect_socket(conn, exchange) end
  local get_tags, hook = object.getConnectionTags, object.onConnect
  if not get_tags and not hook then
    exchange:release()
    return native.register(conn, NO_TAGS)
  end
  local ctx, tags = { request = kept or Request.from_native(exchange) }, NO_TAGS
  if get_tags then tags = connection.check_tags(conn.id, get_tags(object, conn, ctx)) end
  native.register(conn, tags)
  hook = object.onConnect
  if hook then hook(object, conn, ctx) end
end

function host.message(object, message, conn, is_binary)
  if connection.has_listeners then
    connection.dispatch(conn, "message", { data = message, isBinary = is_binary })
  end
  local hook = object.onMessage
  if hook then hook(object, message, conn, is_binary) end
end

function host.close(object, conn, code, reason, was_clean)
  if connection.has_listeners then
    connection.dispatch(conn, "close", { code = code, reason = reason, wasClean = was_clean })
  end
  local hook = object.onClose
  if hook then hook(object, conn, code, reason, was_clean) end
end

local ConnectionError = {
  __tostring = function(self) return self.message end,
}

function host.error(object, conn, message)
  if connection.has_listeners then
    connection.dispatch(conn, "error", { message = message })
  end
  local hook = object.onError
  if hook then hook(object, conn, setmetatable({ message = message }, ConnectionError)) end
end

--- PartyKit gives onAlarm nothing; what it is told here about its attempts is more.
function host.alarm(object, retries)
  local hook = object.onAlarm
  if hook then hook(object, { retryCount = retries, isRetry = retries > 0 }) end
end

--- The server was told to stop: what would keep it from its end is closed.
function host.drain()
  local WebSocket = package.loaded["partylua.websocket"] -- else there is none
  if WebSocket then WebSocket.close_all() end
end

function host.request(object, exchange, kept)
  local hook = object.onRequest
  if not hook then error("No onRequest handler", 0) end
  local request = kept or Request.from_native(exchange)
  send(exchange, check_response(hook(object, request), "onRequest"))
end

return host
