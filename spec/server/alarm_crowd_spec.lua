local party = require "spec.support.party"

local ROOMS, AT_ONCE = 8000, 4000

local APP = ([[
local party = require "partylua"
local App = {}

function App:onRequest(request)
  if request.query.due then
    self.room.storage:setAlarm(tonumber(request.query.due), { allowUnconfirmed = true })
    return party.Response "set"
  end
  local due = party.now() + 4000
  for i = 1, ROOMS do
    self.room.context.parties.main:get("room" .. i):fetch("/arm?due=" .. due)
  end
  self.room.storage:put("set", true) -- behind all of them in the queue to the disk
  return party.Response(party.now() < due and "set" or "too slow")
end

function App:onAlarm() end

return App
]]):gsub("ROOMS", ROOMS)

--- How many alarms woke a room, and how many rooms were in memory at the same time at most.
local function count(log)
  local started, live, most = 0, 0, 0
  for what in log:gmatch "room: (%a+) party=main id=room" do
    if what == "start" then started, live = started + 1, live + 1 end
    if what == "unload" then live = live - 1 end
    most = math.max(most, live)
  end
  return started, most
end

describe("when the alarms of very many rooms are due at once,", function()
  it("all run, and only some of the rooms are in memory at a time", function()
    local folder = party.make_folder()
    local first = party.serve(APP, { "--data", folder, "--room-idle", "0" })
    assert.equal("set", first:get("/parties/main/all").body)
    first.process:kill()
    local server = party.serve(APP, { "--data", folder, "--log-level", "debug" })
    local started, most
    party.eventually("all have run", function()
      started, most = count(server:log())
      return started == ROOMS
    end)
    assert.is_true(most < AT_ONCE, most .. " rooms were in memory")
    server:stop()
  end)
end)
