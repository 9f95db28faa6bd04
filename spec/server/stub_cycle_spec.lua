local party = require "spec.support.party"

--- Rooms that call each other while they start or are blocked: what each does stands in its id.
local APP = [[
local party = require "partylua"
local Response = party.Response
local Room, Mark = {}, {}

--- Rooms that have come to a point, and wait for each other there.
function Mark:onRequest(request)
  self.count = (self.count or 0) + (request.query.arrive and 1 or 0)
  return Response(tostring(self.count))
end

local function meet(room, count)
  local mark = room.context.parties.mark:get "one"
  mark:fetch "/?arrive=1"
  while tonumber(mark:fetch():text()) < count do party.sleep(0.002) end
end

local starts = {}

local function call(room, id, path)
  local answer = room.context.parties.main:get(id):fetch(path)
  return ("%d %s"):format(answer.status, answer:text())
end

function starts.self(room) call(room, room.id) end
function starts.first(room) starts.heard = call(room, "second") end
function starts.second(room) call(room, "first") end
function starts.all(room) party.all { function() call(room, room.id) end } end
function starts.left(room)
  meet(room, 2)
  call(room, "right")
end
function starts.right(room)
  meet(room, 2)
  call(room, "left")
end
function starts.beside(room)
  party.spawn(function() starts.later = call(room, room.id, "/say?what=beside") end)
end
function starts.socket(room) room.context.parties.main:get(room.id):socket() end
function starts.deep(room)
  local n = tonumber(room.id:match "%d+")
  starts.depth = n
  local answer = room.context.parties.main:get("deep" .. n + 1):fetch()
  if answer.status ~= 200 then error(answer:text(), 0) end
end

function Room:onStart()
  local start = starts[self.room.id:match "^%a+"]
  if start then start(self.room) end
end

local commands = {}
function commands.say(_, query) return query.what end
function commands.heard() return starts.heard end
function commands.later() return starts.later or "nothing yet" end
function commands.depth() return tostring(starts.depth) end
function commands.call(room, query)
  return (room.context.parties.main:get(query.to):fetch("/" .. query.path):text())
end
function commands.block(room, query)
  return room:blockConcurrencyWhile(function()
    local ok, why = pcall(call, room, query.to or room.id, "/" .. (query.path or "say"))
    return why
  end)
end
function commands.spawn_in_block(room)
  room:blockConcurrencyWhile(function()
    party.spawn(function() starts.later = call(room, room.id, "/say?what=unblocked") end)
  end)
  return "begun"
end
function commands.transact(room)
  return (select(2, pcall(room.storage.transaction, room.storage, function()
    call(room, room.id, "/say")
  end)))
end
function commands.both(room, query)
  return room:blockConcurrencyWhile(function()
    local mark = room.context.parties.mark:get "two"
    mark:fetch "/?arrive=1"
    while tonumber(mark:fetch():text()) < 2 do party.sleep(0.002) end
    local _, why = pcall(call, room, query.to, "/say?what=through")
    return why
  end)
end

function Room:onRequest(request)
  local command = request.path:match "^/[^/]*/[^/]*/[^/]*/(.*)$"
  return Response(tostring(commands[command](self.room, request.query)))
end

return party.app { main = Room, parties = { mark = Mark } }
]]

local STARTING = "a call to main/%s would wait for itself: that room is starting until it has ended"
local BLOCKED = "a call to main/%s would wait for itself: that room is blocked until it has ended"

describe("a call between rooms that would wait for itself", function()
  local server
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)

  local function ask(room, what)
    local answer = server:get(("/parties/main/%s/%s"):format(room, what))
    return answer.body, answer.status
  end

  local function begin(room, what)
    local tcp = server:tcp()
    tcp:send(("GET /parties/main/%s/%s HTTP/1.1\r\nHost: x\r\n\r\n"):format(room, what))
    return function() return require("spec.support.http").read(tcp) end
  end

  for name, room in pairs {
    ["to its own room in onStart"] = "self", ["for party.all in onStart"] = "all",
    ["for a socket in onStart"] = "socket",
  } do
    it(name .. " is an error", function()
      local body, status = ask(room, "say")
      assert.equal(500, status)
      assert.matches(STARTING:format(room), body, 1, true)
    end)
  end

  it("through another room that starts is an error in there", function()
    local answer = begin("first", "heard")()
    assert.equal("500 " .. STARTING:format("first"), (answer.body:gsub("%S+%.lua:%d+: ", "")))
  end)

  it("is an error for one of two that have begun by themselves", function()
    local left, right = begin("left", "say?what=left"), begin("right", "say?what=right")
    local answers = left().body .. right().body
    assert.matches("would wait for itself: that room is starting", answers, 1, true)
  end)

  it("inside a block of its room is an error", function()
    assert.matches(BLOCKED:format "blocked", (ask("blocked", "block")), 1, true)
    assert.matches(BLOCKED:format "blocked", (ask("blocked", "transact")), 1, true)
    assert.equal("still here", (ask("blocked", "say?what=still%20here")))
  end)

  it("inside a block by way of another room is an error in there", function()
    local body, status = ask("ann", "block?to=bob&path=call%3Fto=ann%26path=say")
    assert.equal(200, status)
    assert.matches("^500 .*" .. BLOCKED:format("ann"):gsub("%p", "%%%0"), body)
  end)

  it("because two blocks wait for each other is an error for one of them", function()
    local ann, bob = begin("one", "both?to=two"), begin("two", "both?to=one")
    local first, second = ann().body, bob().body
    local failed = first:find "would wait for itself" and first or second
    local other = failed == first and second or first
    assert.matches("would wait for itself: that room is blocked", failed)
    assert.equal("200 through", other)
  end)

  it("but that nobody waits for goes through later", function()
    assert.equal("there", (ask("beside", "say?what=there")))
    party.eventually("the call is answered", function()
      return ask("beside", "later") == "200 beside"
    end)
    assert.equal("begun", (ask("unblocked", "spawn_in_block")))
    party.eventually("the call is answered", function()
      return ask("unblocked", "later") == "200 unblocked"
    end)
  end)

  it("goes sixteen starts deep and no further", function()
    local body, status = ask("deep1", "say")
    assert.equal(500, status)
    assert.matches("rooms call each other more than 16 levels deep", body)
    assert.equal("17", (ask("plain", "depth")))
  end)
end)
