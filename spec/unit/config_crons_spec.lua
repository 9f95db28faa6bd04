local project = require "spec.support.project"

local settings_of, refused_file = project.settings_of, project.refused_file

before_each(project.open)
after_each(project.close)

--- The first line of the message about a file, the bytes its carets point at, and the hint.
local function refused(text)
  local message, hint = refused_file(text)
  local first, line, carets = message:match "^([^\n]*)\n%s*%d+ | ([^\n]*)\n%s*| (.*)$"
  return first, line:sub(carets:find "%^+"), hint
end

describe("the crons of a configuration file", function()
  it("are expressions in UTC", function()
    local settings = settings_of '{ "crons": { "hourly": "0 * * * *", "daily": "@daily" } }'
    assert.same({ hourly = "0 * * * *", daily = "@daily" }, settings.crons)
    assert.same({}, settings.cron_timezones)
    assert.same({}, settings_of("{}").crons)
  end)

  it("may have one time zone for all, and one of their own", function()
    local settings = settings_of [[{ "cronTimezone": "Europe/Berlin", "crons": {
      "a": "0 * * * *", "b": { "schedule": "1 * * * *" },
      "c": { "schedule": "2 * * * *", "timezone": "Asia/Tokyo" },
      "d": { "schedule": "3 * * * *", "timezone": "UTC" } } }]]
    assert.same({ a = "0 * * * *", b = "1 * * * *", c = "2 * * * *", d = "3 * * * *" },
      settings.crons)
    assert.same({ a = "Europe/Berlin", b = "Europe/Berlin", c = "Asia/Tokyo", d = "UTC" },
      settings.cron_timezones)
  end)

  it("are refused with a caret under the part that is wrong", function()
    local first, part, hint = refused '{ "crons": { "nightly": "0 2,25 * * *" } }'
    assert.equal("partylua.json:1:30: crons.nightly has 25 in its hour field, "
      .. "which takes 0 to 23", first)
    assert.equal("25", part)
    assert.is_nil(hint)
    first, part = refused '{ "crons": { "a-b": { "schedule": "0 0 30 2 *" } } }'
    assert.equal('partylua.json:1:40: crons."a-b".schedule never comes true: '
      .. "there is no day 30 in month 2", first)
    assert.equal("30 2", part)
  end)

  it("are refused as a whole when no part of them is to blame", function()
    local first, part, hint = refused '{ "crons": { "nightly": "0 2 * *" } }'
    assert.equal("partylua.json:1:25: crons.nightly has 4 fields, a cron line has 5", first)
    assert.equal('"0 2 * *"', part)
    assert.equal("minute hour day-of-month month day-of-week", hint)
  end)

  it("are refused as a whole when they are written with escapes", function()
    local _, part = refused [[{ "crons": { "nightly": "\u0030 25 * * *" } }]]
    assert.equal([["\u0030 25 * * *"]], part)
  end)

  it("need a schedule, and have nothing else", function()
    assert.equal('partylua.json:1:38: crons.a has no "schedule"',
      (refused '{ "main": "app.lua", "crons": { "a": { "timezone": "UTC" } } }'))
    local first, part, hint = refused
      '{ "crons": { "a": { "schedule": "@daily", "timeZone": "UTC" } } }'
    assert.equal('partylua.json:1:43: unknown key "timeZone" in crons.a', first)
    assert.equal('"timeZone"', part)
    assert.equal("did you mean 'timezone'?", hint)
  end)

  it("are refused with a time zone that there is not", function()
    local first, part, hint = refused '{ "cronTimezone": "Europe/Berlim" }'
    assert.equal('partylua.json:1:19: cronTimezone names a time zone that is not known here: '
      .. '"Europe/Berlim"', first)
    assert.equal('"Europe/Berlim"', part)
    assert.equal("did you mean 'Europe/Berlin'?", hint)
    assert.matches("crons.a.timezone must be the name of a time zone", (refused
      '{ "crons": { "a": { "schedule": "@daily", "timezone": "../../etc/passwd" } } }'), 1, true)
  end)
end)
