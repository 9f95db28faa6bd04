--- expression: a cron expression, and when it comes true.
---
--- Five fields as in crontab(5): minute, hour, day-of-month, month, day-of-week. Where both day
--- fields are restricted, which is to say neither has a `*`, one of them is enough.
---
--- Where clocks are changed there are two kinds. An expression that names its hours (`30 2 * * *`)
--- means a time of the day: one that is skipped comes true at the first moment after the gap, and
--- one that comes twice does so the first time only. An expression with `*` or a step in the hour
--- field, or with all hours, means a rhythm: it comes true whenever the clock shows its time.

local calendar = require "partylua.cron.calendar"
local field = require "partylua.cron.field"

local EXPRESSION_BYTES_MAX = 1024
local FIELD_NAMES = "minute hour day-of-month month day-of-week"
local DAY_SECONDS = 24 * 3600
-- 29 February on one day of the week, around a century that has no leap year, is 40 years away.
local MONTHS_MAX = 48 * 12
local SECONDS_MAX = MONTHS_MAX * 31 * DAY_SECONDS
local MOMENT_MS_MAX = 8.64e15 -- ECMAScript has no later date either

local SHORTCUTS = {
  ["@hourly"] = "0 * * * *",
  ["@daily"] = "0 0 * * *",
  ["@midnight"] = "0 0 * * *",
  ["@weekly"] = "0 0 * * 0",
  ["@monthly"] = "0 0 1 * *",
  ["@yearly"] = "0 0 1 1 *",
  ["@annually"] = "0 0 1 1 *",
}

---@class partylua.cron.Expression
---@field text string    as it was written
---@field private times integer[]    minutes of the day, ascending
---@field private days table<integer, true>
---@field private months table<integer, true>
---@field private weekdays table<integer, true>
---@field private is_either boolean    one day field is enough
---@field private is_rhythm boolean
local Expression = {}
Expression.__index = Expression

-- Reading ---------------------------------------------------------------------------------------

local function split(text)
  local words = {}
  for at, word in text:gmatch "()([^ \t]+)" do words[#words + 1] = { at = at, text = word } end
  return words
end

--- Minutes of the day, ascending.
local function times_of(minutes, hours)
  local times = {}
  for hour = 0, 23 do
    for minute = 0, 59 do
      if hours[hour] and minutes[minute] then times[#times + 1] = hour * 60 + minute end
    end
  end
  return times
end

local function has_all(values, kind)
  for value = kind.least, kind.most do
    if not values[value] then return false end
  end
  return true
end

--- Whether some month has one of the days; the longest February counts.
local function has_some_day(expression)
  for month in pairs(expression.months) do
    for day = 1, calendar.length(2000, month) do
      if expression.days[day] then return true end
    end
  end
  return false
end

local function from_fields(text, words)
  local values = {}
  for i, kind in ipairs(field.kinds) do
    local wrong
    values[i], wrong = field.read(kind, words[i].text, words[i].at)
    if wrong then return nil, wrong end
  end
  local self = setmetatable({
    text = text,
    times = times_of(values[1], values[2]),
    days = values[3],
    months = values[4],
    weekdays = values[5],
    is_either = not words[3].text:find("*", 1, true) and not words[5].text:find("*", 1, true),
    is_rhythm = words[2].text:find "[*/]" ~= nil or has_all(values[2], field.kinds[2]),
  }, Expression)
  if self.is_either or has_some_day(self) then return self end
  return nil, {
    message = ("never comes true: there is no day %s in month %s")
      :format(words[3].text, words[4].text),
    from = words[3].at, to = words[4].at + #words[4].text - 1,
  }
end

local function wrong_shortcut(word)
  local names = {}
  for name in pairs(SHORTCUTS) do names[#names + 1] = name end
  table.sort(names)
  return {
    message = ('has "%s", which is none of %s'):format(word.text, table.concat(names, ", ")),
    from = word.at, to = word.at + #word.text - 1,
  }
end

local function wrong_count(words)
  if #words == 0 then
    return { message = "is empty; a cron line has 5 fields", hint = FIELD_NAMES }
  end
  return {
    message = ("has %d field%s, a cron line has 5"):format(#words, #words == 1 and "" or "s"),
    hint = FIELD_NAMES .. (#words > 5 and "; there are no seconds" or ""),
  }
end

local expression = {}

--- Reads an expression.
---@param text string
---@return partylua.cron.Expression?
---@return partylua.cron.Fault? fault
function expression.read(text)
  if #text > EXPRESSION_BYTES_MAX then
    return nil, { message = ("is longer than %d bytes"):format(EXPRESSION_BYTES_MAX) }
  end
  local words = split(text)
  local shortcut = #words == 1 and SHORTCUTS[words[1].text:lower()]
  if shortcut then return from_fields(text, split(shortcut)) end
  if #words > 0 and words[1].text:sub(1, 1) == "@" then return nil, wrong_shortcut(words[1]) end
  if #words ~= #field.kinds then return nil, wrong_count(words) end
  return from_fields(text, words)
end

-- Coming true -----------------------------------------------------------------------------------

function Expression:allows(day_of_month, day)
  local by_date = self.days[day_of_month]
  local by_week = self.weekdays[calendar.weekday(day)]
  if self.is_either then return by_date or by_week end
  return by_date and by_week
end

--- The first day from `day` on that is allowed.
local function find_day(self, day)
  local year, month, day_of_month = calendar.date_of(day)
  for _ = 0, MONTHS_MAX do
    local length = calendar.length(year, month)
    if self.months[month] then
      for offset = 0, length - day_of_month do
        if self:allows(day_of_month + offset, day + offset) then return day + offset end
      end
    end
    day, day_of_month = day + length - day_of_month + 1, 1
    year, month = month == 12 and year + 1 or year, month % 12 + 1
  end
end

--- The first local time from `from` on that matches; both are seconds as if there were no zones.
local function find_local(self, from)
  local today = math.floor(from / DAY_SECONDS)
  local day = find_day(self, today)
  if day == today then
    for _, minute in ipairs(self.times) do
      if day * DAY_SECONDS + minute * 60 >= from then return day * DAY_SECONDS + minute * 60 end
    end
    day = find_day(self, today + 1)
  end
  return day and day * DAY_SECONDS + self.times[1] * 60
end

--- A rhythm goes through the stretches of time in which clocks were left alone. Its only time may
--- be one that is skipped every year, so this ends.
local function next_of_rhythm(self, after, zone)
  local at = after + 1
  while at < after + SECONDS_MAX do
    local offset, _, stop = zone:stretch(at)
    local found = find_local(self, at + offset)
    if not found then return nil end
    if found - offset < stop then return found - offset end
    at = stop
  end
end

--- Times of the day become moments in their own order, though several may become the same one.
local function next_of_times(self, after, zone)
  local from = after + zone:stretch(after)
  while true do
    local found = find_local(self, from)
    if not found then return nil end
    local moment = zone:moment(found)
    if moment > after then return moment end
    from = found + 60
  end
end

--- The first moment after `after_ms` when the expression comes true.
---@param after_ms number    since 1970
---@param zone partylua.cron.Zone
---@return number? ms    nil when there is none in sight, which is to say in 40 years
function Expression:next(after_ms, zone)
  local is_date = math.abs(after_ms) <= MOMENT_MS_MAX -- and so no NaN
  if not is_date then return nil end
  local after = math.floor(after_ms / 1000)
  local find = self.is_rhythm and next_of_rhythm or next_of_times
  local found = find(self, after, zone)
  return found and found * 1000
end

return expression
