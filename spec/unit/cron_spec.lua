local cron = require "partylua.cron"

--- What is said about settings that no configuration file has checked.
local function refused(settings)
  local ok, failure = pcall(cron.load, settings)
  assert.is_false(ok)
  return failure.message, failure.hint
end

describe("the crons of some settings", function()
  it("are planned in the order of their names, each with its zone", function()
    local planned = cron.load {
      crons = { b = "@hourly", a = "0 9 * * *", c = "* * * * *" },
      cron_timezones = { a = "Asia/Tokyo" },
    }
    local shown = {}
    for i, each in ipairs(planned) do
      shown[i] = ("%s %s %s"):format(each.name, each.definition, each.zone.name)
    end
    assert.same({ "a 0 9 * * * Asia/Tokyo", "b @hourly UTC", "c * * * * * UTC" }, shown)
    assert.same({}, cron.load {})
  end)

  it("are refused when an expression or a zone is wrong", function()
    local message, hint = refused { crons = { a = "* * * *" } }
    assert.equal('crons."a" has 4 fields, a cron line has 5', message)
    assert.equal("minute hour day-of-month month day-of-week", hint)
    message, hint = refused { crons = { a = "* * * * *" }, cron_timezones = { a = "Asia/Tokio" } }
    assert.equal('the time zone of crons."a" names a time zone that is not known here: '
      .. '"Asia/Tokio"', message)
    assert.equal("did you mean 'Asia/Tokyo'?", hint)
  end)
end)
