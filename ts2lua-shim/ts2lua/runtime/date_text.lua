--- date_text: dates as texts and back.

local calendar = require "ts2lua.runtime.calendar"

local format, match = string.format, string.match

local date_text = {}

local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
  "Dec" }
local LONG_MONTHS = { "January", "February", "March", "April", "May", "June", "July", "August",
  "September", "October", "November", "December" }
local DAYS = { [0] = "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local LONG_DAYS = { [0] = "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
  "Saturday" }

local function year_text(year)
  return year < 0 and format("-%06d", -year) or format("%04d", year)
end

function date_text.iso(time)
  local p = calendar.parts(time)
  local year = (p.year < 0 or p.year > 9999)
    and format("%s%06d", p.year < 0 and "-" or "+", math.abs(p.year)) or format("%04d", p.year)
  return format("%s-%02d-%02dT%02d:%02d:%02d.%03dZ", year, p.month + 1, p.day, p.hours, p.minutes,
    p.seconds, p.ms)
end

function date_text.date(time)
  local p = calendar.parts(time)
  return format("%s %s %02d %s", DAYS[p.weekday], MONTHS[p.month + 1], p.day, year_text(p.year))
end

function date_text.time(time)
  local p = calendar.parts(time)
  return format("%02d:%02d:%02d GMT+0000 (Coordinated Universal Time)", p.hours, p.minutes,
    p.seconds)
end

function date_text.utc(time)
  local p = calendar.parts(time)
  return format("%s, %02d %s %s %02d:%02d:%02d GMT", DAYS[p.weekday], p.day, MONTHS[p.month + 1],
    year_text(p.year), p.hours, p.minutes, p.seconds)
end

-- As in the United States.

local NUMERIC = { numeric = "%d", ["2-digit"] = "%02d" }

local function number(style, value)
  return format(NUMERIC[style] or "%d", style == "2-digit" and value % 100 or value)
end

local function month_text(style, month)
  if style == "long" then return LONG_MONTHS[month + 1] end
  if style == "short" then return MONTHS[month + 1] end
  return number(style, month + 1)
end

--- The parts of a date that the options name.
local function chosen_date(p, options)
  local weekday = options.weekday
    and (options.weekday == "long" and LONG_DAYS or DAYS)[p.weekday]
  local month = options.month and month_text(options.month, p.month)
  local day = options.day and number(options.day, p.day)
  local year = options.year and number(options.year, p.year)
  local text
  if options.month == "long" or options.month == "short" then
    text = month .. (day and " " .. day or "") .. (year and (day and ", " or " ") .. year or "")
  else
    local list = {}
    for _, part in ipairs { month or false, day or false, year or false } do
      if part then list[#list + 1] = part end
    end
    text = table.concat(list, "/")
  end
  if weekday then text = text == "" and weekday or weekday .. ", " .. text end
  return text
end

local function chosen_time(p, options)
  local is_half = options.hour12 ~= false and options.hourCycle ~= "h23"
  local hours = is_half and (p.hours + 11) % 12 + 1 or p.hours
  -- Where nothing else is said, the hours of a whole day end with 24.
  if hours == 0 and options.hour12 == false then hours = 24 end
  local style = (options.hour == "2-digit" or not is_half) and "%02d" or "%d"
  local text = format(style, hours)
  if options.minute then text = text .. format(":%02d", p.minutes) end
  if options.second then text = text .. format(":%02d", p.seconds) end
  if is_half then text = text .. (p.hours < 12 and " AM" or " PM") end
  return text
end

local DATE_FIELDS = { "weekday", "year", "month", "day" }
local TIME_FIELDS = { "hour", "minute", "second" }

local function names_any(options, fields)
  for _, field in ipairs(fields) do
    if options[field] then return true end
  end
  return false
end

local DATE_STYLES = {
  full = { weekday = "long", month = "long", day = "numeric", year = "numeric" },
  long = { month = "long", day = "numeric", year = "numeric" },
  medium = { month = "short", day = "numeric", year = "numeric" },
  short = { month = "numeric", day = "numeric", year = "2-digit" },
}

--- Writes `dateStyle` and `timeStyle` out.
local function add_styles(made, options)
  for name, style in pairs(DATE_STYLES[options.dateStyle] or {}) do made[name] = style end
  if options.timeStyle == nil then return end
  made.hour, made.minute = "numeric", "2-digit"
  if options.timeStyle ~= "short" then made.second = "2-digit" end
end

--- Completes the options: what is wanted by default when none of its kind is named.
local function completed(options, wants_date, wants_time)
  local made = { hour12 = true }
  add_styles(made, options)
  for _, fields in ipairs { DATE_FIELDS, TIME_FIELDS, { "hour12", "hourCycle" } } do
    for _, field in ipairs(fields) do
      if options[field] ~= nil then made[field] = options[field] end
    end
  end
  if not names_any(made, DATE_FIELDS) and not names_any(made, TIME_FIELDS) then
    if wants_date then made.year, made.month, made.day = "numeric", "numeric", "numeric" end
    if wants_time then made.hour, made.minute, made.second = "numeric", "numeric", "numeric" end
  end
  return made
end

--- `toLocaleString` and its like.
function date_text.locale(time, options, wants_date, wants_time)
  local p = calendar.parts(time)
  local made = completed(options or {}, wants_date, wants_time)
  local parts = {}
  if names_any(made, DATE_FIELDS) then parts[1] = chosen_date(p, made) end
  if names_any(made, TIME_FIELDS) then parts[#parts + 1] = chosen_time(p, made) end
  local style = options and options.dateStyle
  local comma = (style == "full" or style == "long") and " at "
    or made.weekday and not made.day and not made.month and " " or ", "
  return table.concat(parts, comma)
end

-- Reading.

--- The offset of "+02:00" in milliseconds; nil for what is none.
local function offset(text)
  if text == "" or text == "Z" then return 0 end
  local sign, hours, minutes = match(text, "^([+-])(%d%d):?(%d%d)$")
  if not sign then return nil end
  local ms = (hours * 60 + minutes) * 60000
  return sign == "-" and -ms or ms
end

local function clock_parts(text)
  if text == "" then return 0, 0, 0, 0, "" end
  local hours, minutes, rest = match(text, "^[Tt ](%d%d):(%d%d)(.*)$")
  if not hours then return nil end
  local seconds, after = match(rest, "^:(%d%d)(.*)$")
  rest = after or rest
  local fraction
  fraction, after = match(rest, "^%.(%d+)(.*)$")
  rest = after or rest
  local ms = fraction and math.floor(tonumber("0." .. fraction) * 1000 + 1e-6) or 0
  return tonumber(hours), tonumber(minutes), tonumber(seconds or 0), ms, rest
end

local function parse_iso(text)
  local year, rest = match(text, "^([+-]?%d%d%d%d%d?%d?)(.*)$")
  if not year or #year == 5 then return nil end
  local month, day, after = match(rest, "^%-(%d%d)%-(%d%d)(.*)$")
  if not month then
    month, after = match(rest, "^%-(%d%d)(.*)$")
    day = 1
    if not month then month, after = 1, rest end
    if after ~= "" then return nil end
  end
  month, day = tonumber(month), tonumber(day)
  local hours, minutes, seconds, ms, zone = clock_parts(after)
  local shift = hours and offset(zone)
  if not shift or month < 1 or month > 12 or day < 1 or day > 31 or hours > 24 or minutes > 59
    or seconds > 59 then
    return nil
  end
  return calendar.time(tonumber(year), month - 1, day, hours, minutes, seconds, ms) - shift
end

local function month_number(name)
  for i, short in ipairs(MONTHS) do
    if short:lower() == name:sub(1, 3):lower() then return i - 1 end
  end
  return nil
end

--- "Thu, 01 Jan 1970 00:00:00 GMT", "January 1, 2024 10:00", "1/31/2024".
local function parse_words(text)
  local day, month, year = match(text, "(%d%d?)%s+(%a%a%a+)%s+(%d%d%d%d)")
  if not day then month, day, year = match(text, "(%a%a%a+)%s+(%d%d?),?%s+(%d%d%d%d)") end
  local month_index = month and month_number(month)
  if not month_index then
    month, day, year = match(text, "^(%d%d?)/(%d%d?)/(%d%d%d%d)")
    month_index = month and tonumber(month) - 1
  end
  if not month_index then return nil end
  local hours, minutes, seconds = match(text, "(%d%d?):(%d%d):?(%d*)")
  local zone = match(text, "GMT([+-]%d%d%d%d)") or ""
  return calendar.time(tonumber(year), month_index, tonumber(day), tonumber(hours or 0),
    tonumber(minutes or 0), tonumber(seconds ~= "" and seconds or 0) or 0, 0) - offset(zone)
end

--- The time that a text names; NaN when it names none.
---@param text string
---@return number
function date_text.parse(text)
  return parse_iso(text) or parse_words(text) or 0 / 0
end

return date_text
