local native = require "partylua.native"
local ratelimit = require "partylua.ratelimit"

describe("ratelimit", function()
  local real_now, now = native.now, 0
  before_each(function()
    now = 1e12
    native.now = function() return now end
  end)
  after_each(function() native.now = real_now end)

  --- How many of `tries` a key gets at once.
  local function count(limit, key, tries)
    local taken = 0
    for _ = 1, tries do
      if limit:take(key) then taken = taken + 1 end
    end
    return taken
  end

  it("lets a key have its count at once, and then what time gives back", function()
    local limit = ratelimit { count = 10, seconds = 5 }
    assert.equal(10, count(limit, "ann", 30))
    now = now + 500
    assert.equal(1, count(limit, "ann", 30))
    now = now + 1250
    assert.equal(2, count(limit, "ann", 30))
    now = now + 250
    assert.equal(1, count(limit, "ann", 30))
    now = now + 3600 * 1000
    assert.equal(10, count(limit, "ann", 30))
  end)

  it("says how long to wait, and that is right", function()
    local limit = ratelimit { count = 3, seconds = 6 }
    assert.same({ true, 0 }, { limit:take "ann" })
    count(limit, "ann", 2)
    local ok, wait = limit:take "ann"
    assert.same({ false, 2 }, { ok, wait })
    now = now + wait * 1000 - 1
    assert.is_false((limit:take "ann"))
    now = now + 1
    assert.is_true((limit:take "ann"))
  end)

  it("never gives more than its rate, whatever the pace", function()
    math.randomseed(7)
    local limit, taken, begin = ratelimit { count = 7, seconds = 3 }, 0, now
    for _ = 1, 5000 do
      now = now + math.random(0, 200)
      if limit:take "ann" then taken = taken + 1 end
    end
    local most = 7 + (now - begin) / 1000 * 7 / 3
    assert.is_true(taken <= most + 0.001, ("%d of %.1f"):format(taken, most))
    assert.is_true(taken >= most - 8, ("%d of %.1f"):format(taken, most))
  end)

  it("keeps keys apart, takes costs, and forgets on demand", function()
    local limit = ratelimit { count = 10, seconds = 1 }
    assert.is_true((limit:take("ann", 8)))
    assert.is_false((limit:take("ann", 3)))
    assert.is_true((limit:take("ann", 2)))
    assert.is_true((limit:take "bob"))
    assert.is_false((limit:take "ann"))
    limit:reset "ann"
    assert.equal(10, count(limit, "ann", 20))
    assert.is_false((limit:take("carl", 11))) -- more than there ever is
  end)

  it("makes nobody wait longer when the clock is turned back", function()
    local limit = ratelimit { count = 2, seconds = 4 }
    count(limit, "ann", 5)
    now = now - 3600 * 1000
    local ok, wait = limit:take "ann"
    assert.same({ false, 2 }, { ok, wait })
  end)

  it("remembers a bounded number of keys, those seen last for sure", function()
    local limit = ratelimit { count = 1, seconds = 1000, keys = 100 }
    local function held()
      local all = 0
      for _, map in ipairs { limit.young, limit.old } do
        for _ in pairs(map) do all = all + 1 end
      end
      return all
    end
    for i = 1, 10000 do
      limit:take(i)
      assert.is_true(held() <= 101)
    end
    for i = 9951, 10000 do assert.is_false((limit:take(i))) end
    assert.is_true((limit:take(1)))
  end)

  for message, options in pairs {
    ["count must be a number above 0"] = { seconds = 1 },
    ["seconds must be a number above 0"] = { count = 1, seconds = 0 },
    ["keys must be a number above 0"] = { count = 1, seconds = 1, keys = "many" },
  } do
    it("blames the caller for options that make no sense: " .. message, function()
      local ok, why = pcall(function() return (ratelimit(options)) end)
      assert.is_false(ok)
      assert.matches("spec/unit/ratelimit_spec.lua:%d+: ratelimit: " .. message, why)
    end)
  end
end)
