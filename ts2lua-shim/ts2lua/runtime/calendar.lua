--- calendar: days, hours and milliseconds of the Gregorian calendar, in UTC.

local floor = math.floor

local calendar = {}

local DAY_MS = 86400000
--- Dates lie within 100 million days of the epoch.
local MS_MAX = 8.64e15

--- Days from the epoch to a date; the month counts from 0 and may be any number.
local function days_of(year, month, day)
  year = year + floor(month / 12)
  month = month % 12 + 1
  -- Years begin in March here, so that leap days come last.
  if month <= 2 then year = year - 1 end
  local era = floor(year / 400)
  local year_of_era = year - era * 400
  local day_of_year = floor((153 * (month + (month > 2 and -3 or 9)) + 2) / 5) + day - 1
  local day_of_era = year_of_era * 365 + floor(year_of_era / 4) - floor(year_of_era / 100)
    + day_of_year
  return era * 146097 + day_of_era - 719468
end

--- Milliseconds from the epoch; NaN when a part is no number or the date is out of bounds.
---@return number
function calendar.time(year, month, day, hours, minutes, seconds, ms)
  local total = days_of(year, month, day) * DAY_MS + hours * 3600000 + minutes * 60000
    + seconds * 1000 + ms
  return calendar.clip(total)
end

--- A time as dates keep it: whole, within bounds, else NaN.
function calendar.clip(ms)
  if ms ~= ms or ms > MS_MAX or ms < -MS_MAX then return 0 / 0 end
  return (ms >= 0 and floor(ms) or -floor(-ms)) + 0
end

---@class ts2lua.CalendarParts
---@field year integer
---@field month integer     from 0
---@field day integer       of the month
---@field hours integer
---@field minutes integer
---@field seconds integer
---@field ms integer
---@field weekday integer   Sunday is 0

---@param time number
---@return ts2lua.CalendarParts
function calendar.parts(time)
  local days = floor(time / DAY_MS)
  local ms = time - days * DAY_MS
  local shifted = days + 719468
  local era = floor(shifted / 146097)
  local day_of_era = shifted - era * 146097
  local year_of_era = floor((day_of_era - floor(day_of_era / 1460) + floor(day_of_era / 36524)
    - floor(day_of_era / 146096)) / 365)
  local day_of_year = day_of_era - (365 * year_of_era + floor(year_of_era / 4)
    - floor(year_of_era / 100))
  local month = floor((5 * day_of_year + 2) / 153)
  local calendar_month = month + (month < 10 and 3 or -9)
  return {
    year = year_of_era + era * 400 + (calendar_month <= 2 and 1 or 0),
    month = calendar_month - 1,
    day = day_of_year - floor((153 * month + 2) / 5) + 1,
    hours = floor(ms / 3600000),
    minutes = floor(ms / 60000) % 60,
    seconds = floor(ms / 1000) % 60,
    ms = ms % 1000,
    weekday = (days + 4) % 7,
  }
end

return calendar
