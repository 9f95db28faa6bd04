--- patience: what is loaded ends, or is ended.

local failure = require "partylua.config.failure"
local party = require "spec.support.party"

describe("patience", function()
  local patience, real_clock, looks

  -- A clock on which a second passes whenever it is looked at.
  before_each(function()
    real_clock, looks = os.clock, 0
    rawset(os, "clock", function()
      looks = looks + 1
      return looks
    end)
    package.loaded["partylua.patience"] = nil
    patience = require "partylua.patience"
  end)

  after_each(function()
    rawset(os, "clock", real_clock)
    package.loaded["partylua.patience"] = nil
  end)

  it("ends a loop without an end at its line, compiled or not", function()
    local loops = {
      "local n = 0\nwhile true do n = n + 1 end",
      "\nrepeat until false",
      "local function f() return 1 end\nfor _ = 1, math.huge do f() end",
      "\ncoroutine.wrap(function() while true do end end)()",
      "\nwhile true do pcall(error) end",
    }
    for _, text in ipairs(loops) do
      local ok, why = pcall(patience.call, assert(loadstring(text, "=app.lua")))
      assert.is_false(ok)
      assert.matches("app.lua:2: it takes more than 5 s to load; is there an endless loop%?", why)
    end
  end)

  it("leaves hooks and the compiler as they were, and gives results and errors on", function()
    assert.same({ 1, 2 }, { patience.call(function() return 1, 2 end) })
    assert.same({ false, "no" }, { pcall(patience.call, error, "no", 0) })
    assert.is_true(jit.status())
    assert.is_nil((debug.gethook()))
    local function hook() end
    debug.sethook(hook, "", 1000)
    patience.call(function() assert.is_not.equal(hook, (debug.gethook())) end)
    local found, mask, count = debug.gethook()
    debug.sethook()
    assert.same({ hook, "", 1000 }, { found, mask, count })
  end)

  it("does not count what is ours, nor bound what is not loaded", function()
    local function work()
      for _ = 1, 20 do os.clock() end
      assert.is_true(jit.status())
      assert.is_nil((debug.gethook()))
      return "done"
    end
    assert.equal("done", patience.call(function() return patience.pause(work) end))
    assert.equal("done", patience.pause(work))
  end)
end)

describe("an app that is loaded for ever", function()
  it("is an error with its place", function()
    local real_clock, at = os.clock, 0
    rawset(os, "clock", function()
      at = at + 1
      return at
    end)
    package.loaded["partylua.patience"], package.loaded["partylua.application"] = nil, nil
    local application = require "partylua.application"
    local path = party.write_file("app.lua", "local App = {}\nwhile true do end\nreturn App\n")
    local ok, why = pcall(application.load, {
      main = path, parties = {}, limits = {}, bounds_loading = true,
    })
    rawset(os, "clock", real_clock)
    package.loaded["partylua.patience"], package.loaded["partylua.application"] = nil, nil
    assert.is_false(ok)
    assert.is_true(failure.is(why))
    assert.equal("P023", why.code)
    assert.matches("app.lua:2: it takes more than 5 s to load", why.message, 1, true)
  end)
end)
