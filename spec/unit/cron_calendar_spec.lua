local calendar = require "partylua.cron.calendar"

describe("the calendar", function()
  it("names each day as the system does, from 1900 to 2200", function()
    for day = calendar.day_of(1900, 1, 1), calendar.day_of(2200, 1, 1) do
      local year, month, day_of_month = calendar.date_of(day)
      local named = ("%04d-%02d-%02d %d"):format(year, month, day_of_month, calendar.weekday(day))
      assert.equal(os.date("!%Y-%m-%d %w", day * 86400), named)
      assert.equal(day, calendar.day_of(year, month, day_of_month))
    end
  end)

  it("knows leap years", function()
    assert.is_true(calendar.is_leap(2024))
    assert.is_false(calendar.is_leap(2025))
    assert.is_false(calendar.is_leap(2100))
    assert.is_true(calendar.is_leap(2000))
    assert.equal(29, calendar.length(2024, 2))
    assert.equal(28, calendar.length(2025, 2))
    assert.equal(30, calendar.length(2025, 11))
  end)
end)
