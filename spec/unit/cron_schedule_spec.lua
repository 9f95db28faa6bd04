local expression = require "partylua.cron.expression"
local moment = require "spec.support.moment"
local schedule = require "partylua.cron.schedule"
local zone = require "partylua.cron.zone"

local SECOND, MINUTE, HOUR = 1000, 60 * 1000, 3600 * 1000

--- A house with a clock of its own: what is run, logged and waited for.
local House = {}
House.__index = House

--- Starts a schedule at a moment; crons are expressions by name, or { expression, zone }.
local function house(start, crons)
  local self = setmetatable({
    wall_ms = moment.ms(start), loop_ms = 0, timers = {}, runs = {}, lines = {}, running = {},
    longest_ms = 0,
  }, House)
  local planned = {}
  for name, cron in pairs(crons) do
    local text = type(cron) == "table" and cron[1] or cron
    planned[#planned + 1] = {
      name = name, definition = text, expression = assert(expression.read(text)),
      zone = type(cron) == "table" and assert(zone.load(cron[2])) or zone.UTC,
    }
  end
  table.sort(planned, function(a, b) return a.name < b.name end)
  self.schedule = schedule.start(planned, self:drivers())
  return self
end

function House:drivers()
  return {
    now = function() return self.wall_ms end,
    after = function(ms, fn)
      assert(ms >= 1)
      self.longest_ms = math.max(self.longest_ms, ms)
      local timer = { at_ms = self.loop_ms + ms, fn = fn }
      function timer.cancel(this) self.timers[this] = nil end
      self.timers[timer] = true
      return timer
    end,
    start = function(cron, scheduled_ms)
      self.runs[#self.runs + 1] = cron.name .. " " .. moment.text(scheduled_ms)
    end,
    is_running = function(name) return self.running[name] == true end,
    is_draining = function() return self.draining == true end,
    log = function(level, event, fields)
      for i = 1, #fields do fields[i] = tostring(fields[i]) end
      self.lines[#self.lines + 1] = ("%s %s: %s"):format(level, event, table.concat(fields, " "))
    end,
  }
end

--- The timer that is due first.
function House:first()
  local first
  for timer in pairs(self.timers) do
    if not first or timer.at_ms < first.at_ms then first = timer end
  end
  return first
end

--- Time goes by; timers fire when it is theirs.
function House:pass(ms)
  local stop_ms = self.loop_ms + ms
  while self:first() and self:first().at_ms <= stop_ms do
    local timer = self:first()
    self.wall_ms = self.wall_ms + timer.at_ms - self.loop_ms
    self.loop_ms = timer.at_ms
    self.timers[timer] = nil
    timer.fn()
  end
  self.wall_ms = self.wall_ms + stop_ms - self.loop_ms
  self.loop_ms = stop_ms
end

--- Somebody sets the clock, or the machine sleeps, which timers do not notice.
function House:jump(ms)
  self.wall_ms = self.wall_ms + ms
end

--- What was run since the last time somebody asked.
function House:take_runs()
  local runs = self.runs
  self.runs = {}
  return runs
end

function House:take_lines()
  local lines = self.lines
  self.lines = {}
  return lines
end

describe("a schedule", function()
  it("runs each cron at its time, to the minute", function()
    local it_is = house("2026-01-01 00:00:30", { often = "* * * * *", rarely = "2 * * * *" })
    it_is:pass(29999)
    assert.same({}, it_is:take_runs())
    it_is:pass(1)
    assert.same({ "often 2026-01-01 00:01" }, it_is:take_runs())
    it_is:pass(2 * MINUTE)
    assert.same({ "often 2026-01-01 00:02", "rarely 2026-01-01 00:02", "often 2026-01-01 00:03" },
      it_is:take_runs())
  end)

  it("runs every name, also when two have one expression", function()
    local it_is = house("2026-01-01 00:00", { a = "* * * * *", b = "* * * * *" })
    it_is:pass(MINUTE)
    assert.same({ "a 2026-01-01 00:01", "b 2026-01-01 00:01" }, it_is:take_runs())
  end)

  it("runs nothing for the minute that it starts in", function()
    local it_is = house("2026-01-01 00:00", { a = "0 * * * *" })
    it_is:pass(HOUR - 1)
    assert.same({}, it_is:take_runs())
    it_is:pass(1)
    assert.same({ "a 2026-01-01 01:00" }, it_is:take_runs())
  end)

  it("keeps each cron to its zone", function()
    local it_is = house("2026-07-01 00:00", {
      berlin = { "0 9 * * *", "Europe/Berlin" }, utc = "0 9 * * *",
    })
    it_is:pass(12 * HOUR)
    assert.same({ "berlin 2026-07-01 07:00", "utc 2026-07-01 09:00" }, it_is:take_runs())
  end)

  it("runs a year without a slip, looking at the clock every minute", function()
    local it_is = house("2026-01-01 00:00", { monthly = "30 5 1 * *" })
    it_is:pass(365 * 24 * HOUR)
    assert.equal(12, #it_is.runs)
    assert.equal("monthly 2026-12-01 05:30", it_is.runs[12])
    assert.equal(MINUTE, it_is.longest_ms)
  end)

  it("waits again when a timer comes before the wall clock is there", function()
    local it_is = house("2026-01-01 00:00:30", { a = "* * * * *" })
    it_is:pass(29 * SECOND)
    it_is:jump(-20) -- the wall clock is slower
    it_is:pass(SECOND)
    assert.same({}, it_is:take_runs())
    it_is:pass(20)
    assert.same({ "a 2026-01-01 00:01" }, it_is:take_runs())
  end)

  it("says at its start what it will run", function()
    local it_is = house("2026-07-01 00:00", { a = { "0 9 * * *", "Europe/Berlin" } })
    assert.same({
      "info scheduled: name a cron 0 9 * * * zone Europe/Berlin next 2026-07-01T07:00:00Z",
    }, it_is:take_lines())
  end)

  it("needs no timer without crons", function()
    assert.is_nil(house("2026-01-01 00:00", {}):first())
  end)

  it("runs nothing more once it is stopped", function()
    local it_is = house("2026-01-01 00:00", { a = "* * * * *" })
    it_is:pass(MINUTE)
    it_is.schedule:stop()
    it_is.schedule:stop()
    it_is:pass(HOUR)
    assert.same({ "a 2026-01-01 00:01" }, it_is:take_runs())
    assert.is_nil(it_is:first())
  end)

  it("runs nothing while the server drains, and sets no timer", function()
    local it_is = house("2026-01-01 00:00", { a = "* * * * *" })
    it_is:pass(30 * SECOND)
    it_is.draining = true
    it_is:pass(HOUR)
    assert.same({}, it_is:take_runs())
    assert.is_nil(it_is:first())
  end)
end)

describe("a cron that is still running", function()
  it("is not started again, which is logged for debugging", function()
    local it_is = house("2026-01-01 00:00", { slow = "* * * * *", quick = "* * * * *" })
    it_is:take_lines()
    it_is.running.slow = true
    it_is:pass(MINUTE)
    assert.same({ "quick 2026-01-01 00:01" }, it_is:take_runs())
    assert.same({
      "debug run: name quick scheduled 2026-01-01T00:01:00Z",
      "debug dropped, still running: name slow scheduled 2026-01-01T00:01:00Z",
    }, it_is:take_lines())
  end)

  it("goes on with the next time after its end; what it missed is gone", function()
    local it_is = house("2026-01-01 00:00", { slow = "* * * * *" })
    it_is.running.slow = true
    it_is:pass(3 * MINUTE + 30 * SECOND)
    it_is.running.slow = nil
    it_is:pass(29 * SECOND)
    assert.same({}, it_is:take_runs())
    it_is:pass(SECOND)
    assert.same({ "slow 2026-01-01 00:04" }, it_is:take_runs())
  end)
end)

describe("a clock that is set forward", function()
  it("runs a cron once, for the latest time it has passed over", function()
    local it_is = house("2026-01-01 00:00:30", { often = "*/10 * * * *", rarely = "5 0 * * *" })
    it_is:jump(45 * MINUTE)
    it_is:pass(MINUTE)
    assert.same({ "often 2026-01-01 00:40", "rarely 2026-01-01 00:05" }, it_is:take_runs())
    it_is:pass(5 * MINUTE)
    assert.same({ "often 2026-01-01 00:50" }, it_is:take_runs())
  end)

  it("is noticed within a minute", function()
    local it_is = house("2026-01-01 00:00", { daily = "0 12 * * *" })
    it_is:jump(12 * HOUR)
    it_is:pass(MINUTE)
    assert.same({ "daily 2026-01-01 12:00" }, it_is:take_runs())
  end)

  it("drops a time that is over an hour ago, and says so", function()
    local it_is = house("2026-01-01 00:00", { at_three = "0 3 * * *", hourly = "0 * * * *" })
    it_is:take_lines()
    it_is:jump(5 * HOUR + 30 * MINUTE)
    it_is:pass(MINUTE)
    assert.same({ "hourly 2026-01-01 05:00" }, it_is:take_runs())
    assert.same({
      "warn dropped, it is over an hour late: name at_three scheduled 2026-01-01T03:00:00Z",
      "debug run: name hourly scheduled 2026-01-01T05:00:00Z",
    }, it_is:take_lines())
    it_is:pass(22 * HOUR)
    assert.equal("at_three 2026-01-02 03:00", it_is.runs[#it_is.runs - 1])
  end)

  it("still runs what is an hour late to the millisecond", function()
    for late_ms, runs in pairs { [HOUR] = 1, [HOUR + 1] = 0 } do
      local it_is = house("2026-01-01 00:00", { a = "0 3 * * *" })
      it_is:jump(3 * HOUR + late_ms - MINUTE)
      it_is:pass(MINUTE)
      assert.equal(runs, #it_is.runs)
    end
  end)

  it("takes no longer for a century than for an hour", function()
    local it_is = house("2026-01-01 00:00:30", { a = "* * * * *" })
    it_is:jump(100 * 365 * 24 * HOUR)
    it_is:pass(30 * SECOND)
    assert.same({ "a 2125-12-08 00:01" }, it_is:take_runs())
    it_is:pass(MINUTE)
    assert.same({ "a 2125-12-08 00:02" }, it_is:take_runs())
  end)
end)

describe("a clock that is set back", function()
  it("does not run a cron again for a time it has run for", function()
    local it_is = house("2026-01-01 09:59", { a = "*/10 * * * *" })
    it_is:pass(2 * MINUTE)
    assert.same({ "a 2026-01-01 10:00" }, it_is:take_runs())
    it_is:jump(-31 * MINUTE)
    it_is:pass(39 * MINUTE)
    assert.same({}, it_is:take_runs())
    it_is:pass(MINUTE)
    assert.same({ "a 2026-01-01 10:10" }, it_is:take_runs())
  end)

  it("does run one for a time that it has never run for", function()
    local it_is = house("2026-01-01 10:30", { daily = "0 10 * * *" })
    it_is:jump(-HOUR)
    it_is:pass(31 * MINUTE)
    assert.same({ "daily 2026-01-01 10:00" }, it_is:take_runs())
  end)

  it("by more than an hour makes the schedule start afresh", function()
    local it_is = house("2026-01-01 09:59", { a = "0 * * * *" })
    it_is:pass(2 * MINUTE)
    it_is:jump(-24 * HOUR)
    it_is:pass(HOUR)
    assert.same({ "a 2026-01-01 10:00", "a 2025-12-31 11:00" }, it_is:take_runs())
  end)

  it("by more than an hour makes it forget the times it has run for", function()
    local it_is = house("2026-01-01 09:59", { daily = "0 10 * * *" })
    it_is:pass(2 * MINUTE)
    it_is:jump(-24 * HOUR)
    it_is:pass(23 * HOUR + 50 * MINUTE)
    assert.same({ "daily 2026-01-01 10:00" }, it_is:take_runs())
    it_is:jump(-5 * MINUTE)
    it_is:pass(15 * MINUTE)
    assert.same({ "daily 2026-01-01 10:00" }, it_is:take_runs())
  end)
end)

describe("a schedule across changes of clocks in its zone", function()
  it("runs once what is skipped, and once what comes twice", function()
    local crons = { daily = { "30 2 * * *", "Europe/Berlin" } }
    local spring = house("2026-03-28 12:00", crons)
    spring:pass(48 * HOUR)
    assert.same({ "daily 2026-03-29 01:00", "daily 2026-03-30 00:30" }, spring:take_runs())
    local autumn = house("2026-10-24 12:00", crons)
    autumn:pass(48 * HOUR)
    assert.same({ "daily 2026-10-25 00:30", "daily 2026-10-26 01:30" }, autumn:take_runs())
  end)
end)
