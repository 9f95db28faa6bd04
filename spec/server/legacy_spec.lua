--- party.legacy: PartyKit's older form of a party, a table of functions that get the room.

local admin = require "spec.support.admin"
local json = require "partylua.json"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local Response = party.Response

local Listening = party.legacy {
  onConnect = function(conn, room)
    conn:addEventListener("message", function(event)
      conn:send(room.id .. " " .. event.data .. " " .. room.connections[conn.id].id)
    end)
  end,
}

local Asleep = party.legacy { onRequest = function() return Response "ok" end }

local Main = party.legacy {
  onConnect = function(conn, room, ctx) conn:send(room.id .. " " .. ctx.request.query.q) end,
  onMessage = function(message, conn, room, isBinary)
    if message == "fail" then error "on purpose" end
    conn:send(("%s %s %s"):format(room.name, message, isBinary))
  end,
  onClose = function(conn, room, code) room.storage:put("closed", conn.id .. " " .. code) end,
  onError = function(conn, err, room) room.storage:put("failed", conn.id .. " " .. err.message) end,
  onRequest = function(request, room)
    if request.method == "POST" then room.storage:setAlarm(party.now() + 1) end
    return Response.json { closed = room.storage:get "closed",
      failed = room.storage:get "failed", rang = room.storage:get "rang" }
  end,
  onAlarm = function(room, info) room.storage:put("rang", "rang " .. info.retryCount) end,
  onSocket = function(socket, lobby)
    socket:send(socket.request.path .. " " .. type(lobby.parties.main))
  end,
  onCron = function(cron, lobby, ctx)
    ctx:waitUntil(function() party.log.info(cron.name .. " ran") end)
  end,
  unstable_onFetch = function(request) return Response("older " .. request.path) end,
  onFetch = function(request) return Response("newer " .. request.path) end,
}

return party.app { main = Main, parties = { listening = Listening, asleep = Asleep } }
]]

describe("a party of PartyKit's older form", function()
  local server
  before_each(function() server = admin.serve(APP, { "--dev-endpoints" }) end)
  after_each(function() server:stop() end)

  local function stored(name)
    return json.decode(server:get("/party/a").body)[name]
  end

  it("has its hooks called with the room behind what they are about", function()
    local socket = server:connect "/party/a?_pk=ann&q=7"
    assert.equal("a 7", socket:receive())
    socket:send "hi"
    assert.equal("main hi false", socket:receive())
    socket:close(4001)
    party.eventually("onClose has run", function() return stored "closed" == "ann 4001" end)
  end)

  it("has onAlarm called with the room", function()
    server:request("POST", "/party/a")
    party.eventually("onAlarm has run", function() return stored "rang" == "rang 0" end)
  end)

  it("has onError called with the room", function()
    local socket = server:connect "/party/a?_pk=bob&q=1"
    socket.tcp:send "\255\255\255\255"
    party.eventually("onError has run", function()
      return (stored "failed" or ""):find "^bob %S"
    end)
  end)

  it("has its static functions called without a class", function()
    assert.equal("/x table", server:connect("/x"):receive())
    assert.matches("^ran cron nightly", server:get("/__scheduled__?cron=nightly").body)
    server:expect_log "(nightly ran)"
  end)

  it("has onFetch before unstable_onFetch", function()
    assert.equal("newer /x", server:get("/x").body)
  end)

  it("may listen in onConnect, and stays awake for that", function()
    local socket = server:connect "/parties/listening/l?_pk=me"
    socket:send "hello"
    assert.equal("l hello me", socket:receive())
    assert.equal(409, (admin.request(server.data, "POST",
      "/api/room/hibernate?party=listening&room=l").status))
  end)

  it("hibernates with onMessage, or without onConnect", function()
    server:connect("/party/m?q=1"):receive()
    server:connect "/parties/asleep/s"
    for _, room in ipairs { "party=main&room=m", "party=asleep&room=s" } do
      assert.equal(200, admin.request(server.data, "POST", "/api/room/hibernate?" .. room).status)
    end
  end)
end)

describe("party.legacy", function()
  local legacy = require "partylua.legacy"

  it("takes a table of functions, by the names of hooks", function()
    assert.error_matches(function() legacy "x" end,
      "^party.legacy takes a table of functions, got string")
    assert.error_matches(function() legacy { onStart = function() end } end,
      "party.legacy: there is no hook 'onStart'")
    assert.error_matches(function() legacy { onConnect = 1 } end,
      "party.legacy: onConnect should be a function, got number")
  end)

  it("prefers onFetch to unstable_onFetch, which alone is the same", function()
    local function newer() return "newer" end
    local function older() return "older" end
    for _, names in ipairs { { unstable_onFetch = older, onFetch = newer },
      { onFetch = newer, unstable_onFetch = older, onSocket = newer, onCron = newer } } do
      assert.equal("newer", legacy(names):onFetch())
    end
    assert.equal("older", legacy({ unstable_onFetch = older }):onFetch())
  end)
end)
