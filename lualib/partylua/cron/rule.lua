--- rule: a yearly rule for changing clocks, in the words of POSIX: `CET-1CEST,M3.5.0,M10.5.0/3`.
---
--- It ends every compiled time zone and holds for all time to come (RFC 8536 3.3): an offset, and
--- perhaps a second one between two days of the year. Offsets are written west of UTC there.

local calendar = require "partylua.cron.calendar"

local rule = {}

local DAY_SECONDS = 24 * 3600
local DEFAULT_TIME = 2 * 3600
local CHANGE_HOURS_MAX = 167 -- RFC 8536 3.3.1: a change may be days away from its day
local OFFSET_HOURS_MAX = 24

---@class partylua.cron.Rule
---@field private standard integer    seconds east of UTC
---@field private summer? integer
---@field private starts? partylua.cron.Change    of summer, by the standard clock
---@field private ends? partylua.cron.Change    by the summer clock
local Rule = {}
Rule.__index = Rule

---@class partylua.cron.Change
---@field kind "weekday"|"julian"|"ordinal"
---@field day integer
---@field week? integer    1 to 5; 5 is the last
---@field month? integer
---@field seconds integer    into the day

--- `[+-]hh[:mm[:ss]]` at `at`, as seconds, and the place after it.
local function read_time(text, at, hours_max)
  local sign, hours, after = text:match("^([+-]?)(%d%d?%d?)()", at)
  if not hours or tonumber(hours) > hours_max then return nil end
  local minutes, seconds = 0, 0
  local more, then_after = text:match("^:(%d%d)()", after)
  if more then
    minutes, after = more, then_after
    more, then_after = text:match("^:(%d%d)()", after)
    if more then seconds, after = more, then_after end
  end
  local total = hours * 3600 + minutes * 60 + seconds
  return sign == "-" and -total or total, after
end

--- A name is letters, or anything like a word between angle brackets.
local function skip_name(text, at)
  return text:match("^<[%w+-]+>()", at) or text:match("^%a%a%a+()", at)
end

local function read_day(text, at)
  local month, week, day, after = text:match("^M(%d%d?)%.(%d)%.(%d)()", at)
  if month then
    month, week, day = tonumber(month), tonumber(week), tonumber(day)
    if month < 1 or month > 12 or week < 1 or week > 5 or day > 6 then return nil end
    return { kind = "weekday", month = month, week = week, day = day }, after
  end
  local julian, digits, stop = text:match("^(J?)(%d%d?%d?)()", at)
  local number = tonumber(digits)
  if not number or number > 365 or julian == "J" and number < 1 then return nil end
  return { kind = julian == "J" and "julian" or "ordinal", day = number }, stop
end

--- `,day[/time]`
local function read_change(text, at)
  if text:sub(at, at) ~= "," then return nil end
  local change, after = read_day(text, at + 1)
  if not change then return nil end
  change.seconds = DEFAULT_TIME
  if text:sub(after, after) == "/" then
    change.seconds, after = read_time(text, after + 1, CHANGE_HOURS_MAX)
    if not change.seconds then return nil end
  end
  return change, after
end

local function read_summer(self, text, at)
  local after = skip_name(text, at)
  if not after then return nil end
  local west, further = read_time(text, after, OFFSET_HOURS_MAX)
  self.summer = west and -west or self.standard + 3600
  self.starts, after = read_change(text, further or after)
  if not after then return nil end
  self.ends, after = read_change(text, after)
  return after == #text + 1 and self or nil
end

--- Reads a rule; nil when it is none.
---@param text string
---@return partylua.cron.Rule?
function rule.read(text)
  local after = skip_name(text, 1)
  if not after then return nil end
  local west, at = read_time(text, after, OFFSET_HOURS_MAX)
  if not west then return nil end
  local self = setmetatable({ standard = -west }, Rule)
  if at == #text + 1 then return self end
  return read_summer(self, text, at)
end

--- The day in a year on which a change falls.
local function day_of(change, year)
  local new_year = calendar.day_of(year, 1, 1)
  if change.kind == "ordinal" then return new_year + change.day end
  if change.kind == "julian" then -- never counts 29 February
    local leap = calendar.is_leap(year) and change.day >= 60 and 1 or 0
    return new_year + change.day - 1 + leap
  end
  local first = calendar.day_of(year, change.month, 1)
  local day = first + (change.day - calendar.weekday(first)) % 7 + (change.week - 1) * 7
  while day >= first + calendar.length(year, change.month) do day = day - 7 end
  return day
end

--- The changes from the year before `year` to the year after, in order.
local function changes_around(self, year)
  local changes = {}
  for each = year - 1, year + 1 do
    local starts = day_of(self.starts, each) * DAY_SECONDS + self.starts.seconds - self.standard
    local ends = day_of(self.ends, each) * DAY_SECONDS + self.ends.seconds - self.summer
    table.insert(changes, { at = starts, offset = self.summer, year = each })
    table.insert(changes, { at = ends, offset = self.standard, year = each })
  end
  -- Where summer lasts all year, it ends at the moment at which the next one starts.
  table.sort(changes, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.year < b.year
  end)
  return changes
end

--- The stretch of time around a moment in which clocks are left alone.
---@param at number    seconds since 1970
---@return integer offset    seconds east of UTC
---@return number from
---@return number stop    the moment of the next change
function Rule:stretch(at)
  if not self.summer then return self.standard, -math.huge, math.huge end
  local year = calendar.date_of(math.floor((at + self.standard) / DAY_SECONDS))
  local current
  for _, change in ipairs(changes_around(self, year)) do
    if change.at > at then return current.offset, current.at, change.at end
    current = change
  end
end

return rule
