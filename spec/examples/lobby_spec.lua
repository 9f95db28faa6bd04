local json = require "partylua.json"
local party = require "spec.support.party"

local LOBBY = "/parties/lobby/main"

describe("examples/lobby", function()
  local server, prefix, rounds = nil, nil, 0
  setup(function() server = party.serve "examples/lobby/app.lua" end)
  teardown(function() server:stop() end)
  before_each(function()
    rounds = rounds + 1
    prefix = "round-" .. rounds .. "-"
  end)

  local function enter(room, on)
    local socket = (on or server):connect("/parties/main/" .. prefix .. room)
    socket:receive_type "people"
    return socket
  end

  local function watch(on)
    local socket = (on or server):connect(LOBBY)
    socket.list = socket:receive_type "rooms"
    return socket
  end

  --- How many people a list shows in a room; nil if it is not listed.
  local function people_in(list, room)
    for _, entry in ipairs(list.rooms) do
      if entry.room == prefix .. room then return entry.people end
    end
  end

  --- Waits until the last list that the watcher has got shows this count for the room.
  local function hear_count(watcher, room, people)
    while people_in(watcher.list, room) ~= people do
      watcher.list = watcher:receive_type "rooms"
    end
    return watcher.list
  end

  it("lists a room while somebody is there, with the count", function()
    local watcher = watch()
    assert.is_nil(people_in(watcher.list, "garden"))
    local ann = enter "garden"
    hear_count(watcher, "garden", 1)
    local bob = enter "garden"
    hear_count(watcher, "garden", 2)
    ann:close(1000)
    hear_count(watcher, "garden", 1)
    bob:drop()
    hear_count(watcher, "garden", nil)
  end)

  it("lists several rooms, the fullest first", function()
    local watcher = watch()
    enter "a"
    enter "b"
    enter "b"
    hear_count(watcher, "a", 1)
    local list = hear_count(watcher, "b", 2)
    local order = {}
    for _, entry in ipairs(list.rooms) do
      if entry.room:find(prefix, 1, true) then order[#order + 1] = entry.room end
    end
    assert.same({ prefix .. "b", prefix .. "a" }, order)
  end)

  it("shows who comes later, and over HTTP, what is there", function()
    enter "hall"
    hear_count(watch(), "hall", 1)
    assert.equal(1, people_in(watch().list, "hall"))
    local answer = server:get(LOBBY)
    assert.equal("application/json", answer.headers["content-type"])
    assert.equal(1, people_in(json.decode(answer.body), "hall"))
  end)

  it("ends with the right count after many have come and gone at once", function()
    local watcher, visitors = watch(), {}
    for i = 1, 40 do visitors[i] = enter "crowd" end
    local stays = enter "crowd"
    hear_count(watcher, "crowd", 41)
    for i = 1, 40 do visitors[i]:close(1000) end
    hear_count(watcher, "crowd", 1)
    stays:close(1000)
    hear_count(watcher, "crowd", nil)
    assert.is_nil(people_in(watch().list, "crowd"))
  end)

  it("lets people in a room wave at the others there", function()
    local ann, bob, cem = enter "square", enter "square", enter "elsewhere"
    ann:receive_type "people"
    ann:send "wave"
    bob:receive_type "wave"
    ann:send "shout"
    assert.equal("error", json.decode(ann:receive()).type) -- and no wave of her own
    cem:send "shout"
    assert.equal("error", json.decode(cem:receive()).type) -- and no wave from another room
  end)

  it("takes no reports from outside", function()
    for _, method in ipairs { "POST", "PUT", "DELETE" } do
      local answer = server:request(method, LOBBY .. "/rooms", {
        body = json.encode { room = prefix .. "fake", people = 9 },
      })
      assert.equal(403, answer.status)
    end
    assert.is_nil(people_in(watch().list, "fake"))
  end)

  it("takes no room with a name that is unfit to be shown", function()
    for _, name in ipairs { ("x"):rep(41), "a%20b", "%3Cb%3E", "a.b", "caf%C3%A9" } do
      assert.equal(404, server:connect("/parties/main/" .. name).answer.status)
    end
    assert.equal(101, server:connect("/parties/main/" .. ("x"):rep(40)).answer.status)
  end)

  it("knows the rooms again after the lobby has left memory", function()
    local brief = party.serve("examples/lobby/app.lua",
      { "--room-idle", "20ms", "--var", "REPORT_SECONDS=0.2", "--log-level", "debug" })
    enter("garden", brief)
    local watcher = watch(brief)
    hear_count(watcher, "garden", 1)
    watcher:close(1000)
    brief:expect_log "(room: unload party=lobby)"
    hear_count(watch(brief), "garden", 1)
    brief:stop()
  end)

  it("serves its page, and not its programs", function()
    assert.match("<title>Lobby</title>", server:get("/").body)
    assert.equal(404, server:get("/lobby.lua").status)
  end)

  it("has no errors or warnings of its own in all this", function()
    local log = server:log()
    assert.is_nil(log:match " error[^\n]*")
    assert.is_nil(log:match " warn[^\n]*")
  end)
end)
