local party = require "spec.support.party"

--- `sender` rooms hold sockets to `taker` rooms, which take messages only when they are let.
local APP = [[
local party = require "partylua"
local Response = party.Response
local Sender, Taker = {}, {}

function Taker:onBeforeConnect(request, lobby)
  if lobby.id:find "^shut" then return Response("not you", { status = 403 }) end
  request.headers:set("x-came-by", "onBeforeConnect")
end

function Taker:onStart() self.taken, self.is_held = {}, self.room.id:find "^held" ~= nil end

function Taker:onConnect(conn, ctx)
  conn:send(ctx.request.headers:get "x-came-by" or "straight")
end

function Taker:onMessage(message, conn)
  self.taken[#self.taken + 1] = message:match "^%d+" or message -- in the order of the starts
  while self.is_held do party.sleep(0.002) end
  if message == "flood" then
    for i = 1, 40 do conn:send(("x"):rep(4096)) end
    return party.log.info("flooded", { state = conn.readyState })
  end
  if message == "many" then
    for i = 1, 1500 do conn:send(tostring(i)) end
  end
end

function Taker:onClose(conn, code) party.log.info("taker lost one", { code = code }) end

function Sender:onStart() self.sent, self.heard, self.over = 0, {}, "open" end

local commands = {}

function commands.open(self, query)
  local stub = self.room.context.parties.taker:get(query.to)
  self.socket = query.connect and stub:connect() or stub:socket()
  self.socket:addEventListener("message", function(event)
    self.heard[#self.heard + 1] = event.data
    while query.deaf do party.sleep(3600) end
  end)
  self.socket:addEventListener("error", function(event)
    self.heard[#self.heard + 1] = event.message
  end)
  self.socket:addEventListener("close", function(event)
    self.over = ("%d %s"):format(event.code, event.reason)
  end)
  return "opened"
end

function commands.pump(self, query)
  party.spawn(function()
    for i = 1, tonumber(query.count) do
      self.socket:send(i .. (" "):rep(tonumber(query.size)))
      self.sent = i
    end
    if query.close then self.socket:close(4000, "all sent") end
  end)
  return "begun"
end

function commands.send(self, query)
  local text = query.text == "broken" and "\255" or query.text
  local ok, why = pcall(self.socket.send, self.socket, text)
  return ok and "sent" or why
end

function commands.flood(self)
  self.room:blockConcurrencyWhile(function()
    self.socket:send "flood"
    party.sleep(0.05)
  end)
  return "flooded"
end

function commands.look(self)
  return party.json.encode { sent = self.sent, heard = #self.heard, first = self.heard[1],
    over = self.over }
end

function Sender:onRequest(request)
  local command = request.path:match "^/[^/]*/[^/]*/[^/]*/(.*)$"
  return Response(commands[command](self, request.query))
end

local takers = {}
function Taker:constructor(room) takers[room.id] = self end

-- Takers may be blocked, so that they are asked from outside.
local Main = {}
function Main:onFetch(request)
  local taker = takers[request.query.taker]
  if request.path == "/release" then taker.is_held = false end
  return Response.json { count = #taker.taken, list = table.concat(taker.taken, " ") }
end

return party.app { main = Main, parties = { sender = Sender, taker = Taker } }
]]

describe("a socket to a room", function()
  local json = require "partylua.json"
  local server, rooms, sender, taker = nil, 0, nil, nil
  setup(function()
    server = party.serve(APP, { "--room-events", "8", "--room-tasks", "4", "--queued-bytes",
      "64KiB" })
  end)
  teardown(function() server:stop() end)

  local function begin(kind, more)
    rooms = rooms + 1
    sender, taker = "sender" .. rooms, kind .. rooms
    local answer = server:get(("/parties/sender/%s/open?to=%s%s"):format(sender, taker, more or ""))
    assert.equal("opened", answer.body)
  end

  local function tell(command)
    return server:get(("/parties/sender/%s/%s"):format(sender, command)).body
  end
  local function look() return json.decode(tell "look") end
  local function taken(what)
    return json.decode(server:get(("/%s?taker=%s"):format(what or "taken", taker)).body)
  end

  --- Waits until a figure of the sender has stopped to change.
  local function settle(name)
    local before
    party.eventually(name .. " comes to rest", function()
      local figure = look()[name]
      local is_same = figure == before and figure > 0
      before = figure
      return is_same
    end)
    return before
  end

  it("lets its sender wait while the room takes no more, and loses nothing", function()
    begin "held"
    assert.equal("begun", tell "pump?count=2000&size=4096")
    local sent = settle "sent"
    assert.is_true(sent > 8 and sent < 200, sent .. " messages are sent to a room that takes none")
    taken "release"
    party.eventually("all have come", function() return taken().count == 2000 end)
    local at = 0
    for number in taken().list:gmatch "%d+" do
      at = at + 1
      assert.equal(at, tonumber(number))
    end
    assert.equal(2000, look().sent)
  end)

  it("is closed by its sender after what was sent", function()
    begin "held"
    tell "pump?count=50&size=10&close=1"
    taken "release"
    party.eventually("all have come", function() return taken().count == 50 end)
    server:expect_log "taker lost one [^\n]*code=4000"
    assert.equal("4000 all sent", look().over)
  end)

  it("refuses a text that is not UTF-8 where it is sent", function()
    begin "free"
    assert.matches("^a text message must be valid UTF%-8", tell "send?text=broken")
    assert.equal("sent", tell "send?text=right")
  end)

  it("whose reader is too slow is closed with 1013", function()
    begin "free"
    assert.equal("flooded", tell "flood")
    server:expect_log "taker lost one [^\n]*code=1013"
    party.eventually("the reader hears of it", function()
      return look().over == "1013 The connection reads too slowly"
    end)
  end)

  it("runs no more than 1024 listeners at a time", function()
    local first = server
    server = party.serve(APP, { "--room-tasks", "5000" })
    finally(function()
      server:drop_all()
      server.process:kill() -- no drain ends what waits for an hour
      server = first
    end)
    begin("free", "&deaf=1")
    tell "send?text=many"
    party.eventually("they run", function() return look().heard == 1024 end)
    assert.equal(1024, settle "heard")
  end)

  it("comes straight to the room", function()
    begin "free"
    party.eventually("it has heard", function() return look().first end)
    assert.equal("straight", look().first)
  end)

  it("comes by the before-hook when it was made by connect", function()
    begin("free", "&connect=1")
    party.eventually("it has heard", function() return look().first end)
    assert.equal("onBeforeConnect", look().first)
    begin("shut", "&connect=1")
    party.eventually("it has heard", function() return look().first end)
    assert.equal("Expected a websocket response", look().first)
    assert.equal("1006 ", look().over)
  end)
end)
