local expression = require "partylua.cron.expression"
local moment = require "spec.support.moment"
local tzif = require "spec.support.tzif"
local zone = require "partylua.cron.zone"

--- The next times after one, in UTC.
local function times(text, after, count, in_zone)
  local read, fault = expression.read(text)
  assert(read, fault and fault.message)
  local ms, found = moment.ms(after), {}
  for i = 1, count or 1 do
    ms = read:next(ms, in_zone or zone.UTC)
    found[i] = moment.text(ms)
  end
  return found
end

--- The same moments as for another expression, which is written differently.
local function means(other, text)
  local after = "2026-01-01 00:00"
  assert.same(times(other, after, 200), times(text, after, 200))
end

--- What is said about an expression, with the part at fault in brackets.
local function fault_of(text)
  local read, fault = expression.read(text)
  assert.is_nil(read)
  local part = fault.from and (" [%s]"):format(text:sub(fault.from, fault.to)) or ""
  return fault.message .. part, fault.hint
end

describe("a cron expression", function()
  it("comes true at its minute, hour, day and month", function()
    assert.same({ "2026-01-01 00:01" }, times("* * * * *", "2026-01-01 00:00"))
    assert.same({ "2026-01-01 01:05" }, times("5 * * * *", "2026-01-01 00:05"))
    assert.same({ "2026-01-01 14:00", "2026-01-02 14:00" },
      times("0 14 * * *", "2026-01-01 00:00", 2))
    assert.same({ "2026-01-31 00:00", "2026-03-31 00:00" },
      times("0 0 31 * *", "2026-01-01 00:00", 2))
    assert.same({ "2026-12-24 18:30", "2027-12-24 18:30" },
      times("30 18 24 12 *", "2026-01-01 00:00", 2))
  end)

  it("comes true after a moment, never at it", function()
    assert.same({ "2026-01-01 00:01" }, times("* * * * *", "2026-01-01 00:00:59"))
    local every_minute = expression.read "* * * * *"
    local due = moment.ms "2026-01-01 00:01"
    assert.equal(due, every_minute:next(due - 1, zone.UTC))
    assert.equal(due + 60000, every_minute:next(due, zone.UTC))
    assert.equal(due + 60000, every_minute:next(due + 0.5, zone.UTC))
  end)

  it("has lists, ranges and steps", function()
    means("0,15,30,45 * * * *", "*/15 * * * *")
    means("10,11,12,13,14 * * * *", "10-14 * * * *")
    means("10,12,14,40 * * * *", "10-15/2,40 * * * *")
    means("5,25,45 * * * *", "5/20 * * * *")
    means("0 0,12 * * *", "0 */12 * * *")
    means("0 * * * *", "*/60 * * * *")
    means("0 0 * * *", " 0\t0  * * * ")
    means("7 0 * * *", "007 0 * * *")
  end)

  it("has names in any case, and both 0 and 7 for Sunday", function()
    means("0 0 * 1,3,12 *", "0 0 * JAN,mar,Dec *")
    means("0 0 * 6-8 *", "0 0 * jun-AUG *")
    means("0 0 * * 1-5", "0 0 * * MON-fri")
    means("0 0 * * 0", "0 0 * * 7")
    means("0 0 * * 0", "0 0 * * sun")
    means("0 0 * * 5,6,0", "0 0 * * 5-7")
    means("0 0 * * 5,6,0", "0 0 * * FRI-SUN")
    means("0 0 * * *", "0 0 * * SUN-SAT")
    means("0 0 * * 1,4", "0 0 * * 1/3")
  end)

  it("has short names for the usual ones", function()
    means("0 * * * *", "@hourly")
    means("0 0 * * *", "@daily")
    means("0 0 * * *", "@midnight")
    means("0 0 * * 0", "@Weekly")
    means("0 0 1 * *", "@monthly")
    means("0 0 1 1 *", "@yearly")
    means("0 0 1 1 *", "@annually")
    assert.equal("@hourly", expression.read("@hourly").text)
  end)

  it("takes either day when both day fields are restricted, as crontab(5) does", function()
    assert.same({ "2026-05-04 00:00", "2026-05-11 00:00", "2026-05-13 00:00", "2026-05-18 00:00" },
      times("0 0 13 * MON", "2026-05-01 00:00", 4))
  end)

  it("takes days that are both when a day field has a star, as crontab(5) does", function()
    assert.same({ "2026-05-13 00:00" }, times("0 0 13 * *", "2026-05-01 00:00"))
    assert.same({ "2026-05-04 00:00" }, times("0 0 * * MON", "2026-05-01 00:00"))
    -- odd days that are Mondays
    assert.same({ "2026-05-11 00:00", "2026-05-25 00:00" },
      times("0 0 */2 * MON", "2026-05-01 00:00", 2))
  end)

  it("waits for leap years, around the century as well", function()
    assert.same({ "2028-02-29 00:00", "2032-02-29 00:00" },
      times("0 0 29 2 *", "2026-01-01 00:00", 2))
    assert.same({ "2104-02-29 00:00" }, times("0 0 29 2 *", "2096-02-29 00:00"))
    assert.same({ "2088-02-29 00:00", "2128-02-29 00:00" }, -- on a Sunday
      times("0 0 29 2 */7", "2060-02-29 00:00", 2))
  end)

  it("ends its search when asked about no time at all", function()
    local read = expression.read "0 0 1 1 *"
    assert.is_nil(read:next(math.huge, zone.UTC))
    assert.is_nil(read:next(0 / 0, zone.UTC))
  end)
end)

describe("a cron expression that is wrong", function()
  it("has another number of fields", function()
    local message, hint = fault_of "0 * * *"
    assert.equal("has 4 fields, a cron line has 5", message)
    assert.equal("minute hour day-of-month month day-of-week", hint)
    message, hint = fault_of "0 0 * * * *"
    assert.equal("has 6 fields, a cron line has 5", message)
    assert.matches("there are no seconds", hint, 1, true)
    assert.equal("has 1 field, a cron line has 5", (fault_of "hourly"))
    assert.equal("is empty; a cron line has 5 fields", (fault_of " \t"))
  end)

  it("is told the field, the text and what is allowed", function()
    local cases = {
      ["60 * * * *"] = "has 60 in its minute field, which takes 0 to 59 [60]",
      ["* 5,24 * * *"] = "has 24 in its hour field, which takes 0 to 23 [24]",
      ["* * 0 * *"] = "has 0 in its day-of-month field, which takes 1 to 31 [0]",
      ["* * * JAN-13 *"] = "has 13 in its month field, which takes 1 to 12 or JAN to DEC [13]",
      ["* * * * 8"] = "has 8 in its day-of-week field, "
        .. "which takes 0 to 7, where 0 and 7 are Sunday, or SUN to SAT [8]",
      ["* noon * * *"] = "has noon in its hour field, which takes 0 to 23 [noon]",
      ["* * * MON *"] = "has MON in its month field, which takes 1 to 12 or JAN to DEC [MON]",
      ["1.5 * * * *"] = 'has "1.5" in its minute field, which takes 0 to 59 [1.5]',
      ["** * * * *"] = "has ** in its minute field, which takes 0 to 59 [**]",
      ["1-2-3 * * * *"] = "has 2-3 in its minute field, which takes 0 to 59 [2-3]",
      ["*/0 * * * *"] = "has the step 0 in its minute field, which takes steps of 1 to 60 [0]",
      ["* */25 * * *"] = "has the step 25 in its hour field, which takes steps of 1 to 24 [25]",
      ["*/x * * * *"] = "has the step x in its minute field, which takes steps of 1 to 60 [x]",
      ["1,,2 * * * *"] = "has an empty place in its minute field [,]",
      ["1, * * * *"] = "has an empty place in its minute field [ ]",
      ["-5 * * * *"] = "has an empty place in its minute field [-]",
      ["0\n0 * * * *"] = 'has "0?0" in its minute field, which takes 0 to 59 [0\n0]',
    }
    for text, expected in pairs(cases) do assert.equal(expected, (fault_of(text))) end
  end)

  it("has a range that runs backwards, and is told what to write", function()
    local message, hint = fault_of "0 22-6 * * *"
    assert.equal("has 22-6 in its hour field, a range that runs backwards [22-6]", message)
    assert.equal("write 22-23,0-6", hint)
    assert.equal("write 6,0-1", select(2, fault_of "0 0 * * SAT-MON"))
    assert.is_nil(select(2, fault_of "0 22-6/2 * * *"))
  end)

  it("has the marks of other dialects", function()
    local words = { "L", "LW", "L-3", "15W", "?", "5L", "FRIL", "MON#2", "5#3" }
    for _, word in ipairs(words) do
      local field = word:find "^[%dFM].*[L#]" and "* * * * %s" or "* * %s * *"
      local message = fault_of(field:format(word))
      assert.matches("; L, W, # and ? are not supported [" .. word .. "]", message, 1, true)
    end
    assert.equal("write * where any value will do", select(2, fault_of "0 0 ? * MON"))
    assert.equal('has "@reboot", which is none of @annually, @daily, @hourly, @midnight, '
      .. "@monthly, @weekly, @yearly [@reboot]", (fault_of "@reboot"))
  end)

  it("never comes true", function()
    assert.equal("never comes true: there is no day 30 in month 2 [30 2]",
      (fault_of "0 0 30 2 *"))
    assert.equal("never comes true: there is no day 31 in month APR,6-6 [31 APR,6-6]",
      (fault_of "0 0 31 APR,6-6 *"))
    assert.is_table(expression.read "0 0 30 2 MON") -- every Monday of February
  end)

  it("is too long to be read", function()
    assert.equal("is longer than 1024 bytes", (fault_of(("1,"):rep(512) .. "1 * * * *")))
  end)
end)

describe("a cron expression where clocks are put forward", function()
  -- On 2026-03-29, 01:00 UTC, clocks go from 02:00 to 03:00.
  local berlin = zone.load "Europe/Berlin"

  it("runs at the first moment after the gap, when it names an hour that is skipped", function()
    assert.same({ "2026-03-28 01:30", "2026-03-29 01:00", "2026-03-30 00:30" },
      times("30 2 * * *", "2026-03-27 12:00", 3, berlin))
    assert.same({ "2026-03-29 01:00" }, times("30 2 * * *", "2026-03-29 00:59:59", 1, berlin))
    assert.same({ "2026-03-30 00:30" }, times("30 2 * * *", "2026-03-29 01:00", 1, berlin))
  end)

  it("runs once, even when several of its times are skipped or one follows at once", function()
    assert.same({ "2026-03-29 01:00", "2026-03-30 00:00" },
      times("* 2 * * *", "2026-03-28 12:00", 2, berlin))
    assert.same({ "2026-03-29 01:00", "2026-03-29 01:30", "2026-03-30 00:00" },
      times("0,30 2,3 * * *", "2026-03-28 12:00", 3, berlin))
  end)

  it("leaves the gap out, when it is a rhythm", function()
    assert.same({ "2026-03-29 00:30", "2026-03-29 01:30" },
      times("30 * * * *", "2026-03-29 00:00", 2, berlin))
    assert.same({ "2026-03-29 00:30", "2026-03-29 01:30" },
      times("30 0-23 * * *", "2026-03-29 00:00", 2, berlin))
    assert.same({ "2026-03-28 23:00", "2026-03-29 02:00" }, -- 00:00 and 04:00
      times("0 */2 * * *", "2026-03-28 22:00", 2, berlin))
  end)

  it("can do with a gap of half an hour, or of a day", function()
    local lord_howe = zone.load "Australia/Lord_Howe"
    assert.same({ "2026-10-03 15:30" }, times("15 2 * * *", "2026-10-03 00:00", 1, lord_howe))
    assert.same({ "2026-10-03 14:45", "2026-10-03 16:15" },
      times("15 * * * *", "2026-10-03 14:00", 2, lord_howe))
    local apia = zone.load "Pacific/Apia" -- had no 30 December 2011
    assert.same({ "2011-12-30 10:00" }, times("0 12 30 12 *", "2011-12-01 00:00", 1, apia))
  end)

  it("ends its search for a rhythm whose only time is skipped every year", function()
    local path = os.tmpname()
    local folder, name = path:match "^(.*)/([^/]+)$"
    local bent = "Bent" .. name:gsub("%W", "")
    tzif.write(folder .. "/" .. bent, { offsets = { 0 }, footer = "XXX0YYY,J81/2,J264/2" })
    local in_zone = zone.load(bent, folder)
    os.remove(path)
    os.remove(folder .. "/" .. bent)
    assert.same({}, times("30 2/24 22 3 *", "2026-01-01 00:00", 1, in_zone))
    assert.same({ "2026-03-22 02:00" }, times("30 2 22 3 *", "2026-01-01 00:00", 1, in_zone))
  end)
end)

describe("a cron expression where clocks are put back", function()
  -- On 2026-10-25, 01:00 UTC, clocks go from 03:00 to 02:00.
  local berlin = zone.load "Europe/Berlin"

  it("runs the first time only, when it names the hour that comes twice", function()
    assert.same({ "2026-10-24 00:30", "2026-10-25 00:30", "2026-10-26 01:30" },
      times("30 2 * * *", "2026-10-23 12:00", 3, berlin))
    assert.same({ "2026-10-25 00:00", "2026-10-25 00:30", "2026-10-26 01:00" },
      times("*/30 2 * * *", "2026-10-24 12:00", 3, berlin))
  end)

  it("does not run late, when the server has started within the hour that comes again", function()
    for _, start in ipairs { "2026-10-25 00:30", "2026-10-25 00:59", "2026-10-25 01:00",
      "2026-10-25 01:10", "2026-10-25 01:30", "2026-10-25 01:59" } do
      assert.same({ "2026-10-26 01:30" }, times("30 2 * * *", start, 1, berlin))
    end
  end)

  it("runs at each of its times, when it is a rhythm", function()
    assert.same({ "2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 02:30" },
      times("30 * * * *", "2026-10-25 00:00", 3, berlin))
    assert.same({ "2026-10-25 00:00", "2026-10-25 01:00", "2026-10-25 03:00" }, -- 2, 2 and 4
      times("0 */2 * * *", "2026-10-24 23:00", 3, berlin))
  end)
end)

describe("a cron expression in a zone", function()
  it("means the clocks there", function()
    assert.same({ "2026-01-01 03:15" },
      times("0 9 * * *", "2026-01-01 00:00", 1, zone.load "Asia/Kathmandu"))
    assert.same({ "2026-07-01 07:00", "2026-12-01 08:00" },
      times("0 9 1 7,12 *", "2026-06-01 00:00", 2, zone.load "Europe/Berlin"))
    -- already Monday there, still Sunday in UTC
    assert.same({ "2026-05-03 11:30" },
      times("30 23 * * SUN", "2026-05-01 00:00", 1, zone.load "Pacific/Auckland"))
  end)

  it("means them in the far future as well", function()
    assert.same({ "2100-07-01 07:00", "2100-12-01 08:00" },
      times("0 9 1 7,12 *", "2100-06-01 00:00", 2, zone.load "Europe/Berlin"))
  end)
end)
