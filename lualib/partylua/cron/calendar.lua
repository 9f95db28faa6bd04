--- calendar: days of the Gregorian calendar, counted from 1970-01-01.
---
--- Years are counted from March here, so that the leap day is the last of its year; 400 years
--- always have the same number of days.

local calendar = {}

local DAYS_IN_400_YEARS = 146097
local MARCH_1_OF_YEAR_0 = -719468 -- as a day since 1970-01-01
local LENGTHS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local floor = math.floor

---@param year integer
---@return boolean
function calendar.is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

--- How many days a month has.
---@param year integer
---@param month integer    1 to 12
---@return integer
function calendar.length(year, month)
  return month == 2 and calendar.is_leap(year) and 29 or LENGTHS[month]
end

--- The day of a date.
---@param year integer
---@param month integer    1 to 12
---@param day integer    from 1
---@return integer days    since 1970-01-01
function calendar.day_of(year, month, day)
  if month <= 2 then year = year - 1 end
  local era = floor(year / 400)
  local year_of_era = year - era * 400
  local day_of_year = floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  local leap_days = floor(year_of_era / 4) - floor(year_of_era / 100)
  return era * DAYS_IN_400_YEARS + year_of_era * 365 + leap_days + day_of_year
    + MARCH_1_OF_YEAR_0
end

--- The date of a day.
---@param days integer    since 1970-01-01
---@return integer year
---@return integer month
---@return integer day
function calendar.date_of(days)
  local since = days - MARCH_1_OF_YEAR_0
  local era = floor(since / DAYS_IN_400_YEARS)
  local day_of_era = since - era * DAYS_IN_400_YEARS
  local year_of_era = floor((day_of_era - floor(day_of_era / 1460) + floor(day_of_era / 36524)
    - floor(day_of_era / (DAYS_IN_400_YEARS - 1))) / 365)
  local day_of_year = day_of_era - 365 * year_of_era - floor(year_of_era / 4)
    + floor(year_of_era / 100)
  local march_month = floor((5 * day_of_year + 2) / 153)
  local day = day_of_year - floor((153 * march_month + 2) / 5) + 1
  local month = (march_month + 2) % 12 + 1
  local year = year_of_era + era * 400
  return month <= 2 and year + 1 or year, month, day
end

--- The day of the week of a day: 0 is Sunday.
---@param days integer    since 1970-01-01
---@return integer
function calendar.weekday(days)
  return (days + 4) % 7 -- 1970-01-01 was a Thursday
end

return calendar
