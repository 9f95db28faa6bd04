--- Alarms that fail, in a clock that passes over the hours between their tries.

local party = require "partylua.testing"

local FIRST_MS, TRIES = 2000, 7 -- the first and six more

--- An app whose alarm fails until `is_well` says otherwise; `tries` notes each.
local function open(tries, is_well, seed)
  return party.app({
    onMessage = function(self) self.room.storage:setAlarm(party.now() + 1000) end,
    onAlarm = function(self, info)
      tries[#tries + 1] = { at = party.now(), count = info.retryCount, again = info.isRetry }
      if not is_well() then error "not yet" end
    end,
  }, { seed = seed })
end

local function close(app)
  app:takeErrors() -- which would be failures else
  app:stop()
end

describe("an alarm that fails", function()
  local app, tries
  before_each(function() tries = {} end)
  after_each(function() close(app) end)

  it("is tried again after two seconds, then each time after twice as long, six times", function()
    app = open(tries, function() return false end)
    app:room("r"):connect():send "set"
    app:advance(3600)
    assert.equal(TRIES, #tries)
    for i, try in ipairs(tries) do
      assert.equal(i - 1, try.count)
      assert.equal(i > 1, try.again)
      local waits = i > 1 and (try.at - tries[i - 1].at) / (FIRST_MS * 2 ^ (i - 2)) or 1
      assert.is_true(waits >= 1 and waits <= 1.25, "try " .. i .. " came after " .. waits)
    end
  end)

  it("is dropped after that, and a new one begins to count anew", function()
    app = open(tries, function() return false end)
    local ana = app:room("r"):connect()
    ana:send "set"
    app:advance(86400)
    assert.equal(TRIES, #tries)
    ana:send "set"
    app:advance(3600)
    assert.equal(2 * TRIES, #tries)
    assert.equal(0, tries[TRIES + 1].count)
  end)

  it("is over once it has gone well", function()
    app = open(tries, function() return #tries == 3 end)
    app:room("r"):connect():send "set"
    app:advance(86400)
    assert.equal(3, #tries)
  end)

  it("waits by chance a little longer, not always the same", function()
    local waits = {}
    for seed = 1, 5 do
      if seed > 1 then close(app) end
      local own = {}
      app = open(own, function() return #own == 2 end, seed)
      app:room("r"):connect():send "set"
      app:advance(60)
      waits[own[2].at - own[1].at] = true
    end
    local count = 0
    for wait in pairs(waits) do
      assert.is_true(wait >= FIRST_MS)
      count = count + 1
    end
    assert.is_true(count > 1)
  end)
end)
