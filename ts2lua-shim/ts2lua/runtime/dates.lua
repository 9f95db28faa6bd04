--- dates: Date, in UTC. Slot 1 holds the time.

local calendar = require "ts2lua.runtime.calendar"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local date_text = require "ts2lua.runtime.date_text"
local null = require "ts2lua.runtime.null"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local world = require "ts2lua.runtime.world"

local to_number = convert.to_number

local dates = {}

local function is_date(value)
  return type(value) == "table" and getmetatable(value).is_date == true
end

local function time_of(self)
  if not is_date(self) then raise.type_error "this is not a Date object." end
  return self[1]
end

--- The time that year, month, … mean.
local function from_parts(...)
  local list = { 0, 0, 1, 0, 0, 0, 0 }
  for i = 1, math.min(select("#", ...), 7) do
    local value = to_number((select(i, ...)))
    if value ~= value or value == math.huge or value == -math.huge then return 0 / 0 end
    list[i] = convert.to_integer(value)
  end
  -- Two digits mean the last century.
  if list[1] >= 0 and list[1] <= 99 then list[1] = list[1] + 1900 end
  return calendar.time(unpack(list, 1, 7))
end

local function from_value(value)
  if is_date(value) then return value[1] end
  value = convert.to_primitive(value, "default")
  if type(value) == "string" then return date_text.parse(value) end
  return calendar.clip(to_number(value))
end

local Date = class.builtin("Date", nil, function(self, ...)
  local count = select("#", ...)
  if count == 0 then
    rawset(self, 1, world.now())
  elseif count == 1 then
    rawset(self, 1, from_value((...)))
  else
    rawset(self, 1, from_parts(...))
  end
end, {
  is_date = true, tag = "Date", default_hint = "string",
  show = function(self) return self[1] == self[1] and date_text.iso(self[1]) or "Invalid Date" end,
  copy = function(self) return class.new(dates.Date, self[1]) end,
})
dates.Date = Date
getmetatable(Date).instance = shape.root(getmetatable(Date).traits)
class.callable(Date, function() return class.new(Date):toString() end)

rawset(Date, "now", function() return world.now() end)
rawset(Date, "parse", function(_, text) return date_text.parse(convert.to_text(text)) end)
rawset(Date, "UTC", function(_, ...) return from_parts(...) end)

local prototype = Date.prototype

function prototype.getTime(self) return time_of(self) end
prototype.valueOf = prototype.getTime
function prototype.getTimezoneOffset(self)
  return time_of(self) == time_of(self) and 0 or 0 / 0
end

function prototype.setTime(self, time)
  time_of(self)
  self[1] = calendar.clip(to_number(time))
  return self[1]
end

local FIELDS = { "year", "month", "day", "hours", "minutes", "seconds", "ms" }
local NAMES = { FullYear = 1, Month = 2, Date = 3, Hours = 4, Minutes = 5, Seconds = 6,
  Milliseconds = 7 }

local function getter(field)
  return function(self)
    local time = time_of(self)
    if time ~= time then return time end
    return calendar.parts(time)[field]
  end
end

--- Sets a part and those behind it that are given as well.
local function setter(first)
  return function(self, ...)
    local time = time_of(self)
    if time ~= time then time = first == 1 and 0 or time end
    if time ~= time then return time end
    local parts, list = calendar.parts(time), {}
    for i, field in ipairs(FIELDS) do list[i] = parts[field] end
    for i = 1, math.min(select("#", ...), #FIELDS - first + 1) do
      local value = to_number((select(i, ...)))
      list[first + i - 1] = value == value and convert.to_integer(value) or value
    end
    self[1] = calendar.time(unpack(list, 1, 7))
    return self[1]
  end
end

for name, place in pairs(NAMES) do
  for _, prefix in ipairs { "", "UTC" } do
    rawset(prototype, "get" .. prefix .. name, getter(FIELDS[place]))
    rawset(prototype, "set" .. prefix .. name, setter(place))
  end
end
prototype.getDay, prototype.getUTCDay = getter "weekday", getter "weekday"
function prototype.getYear(self) return prototype.getFullYear(self) - 1900 end

--- A method that gives a text; "Invalid Date" for none.
local function text_method(name, fn)
  rawset(prototype, name, function(self, ...)
    local time = time_of(self)
    if time ~= time then return "Invalid Date" end
    return fn(time, ...)
  end)
end

text_method("toString", function(time)
  return date_text.date(time) .. " " .. date_text.time(time)
end)
text_method("toDateString", date_text.date)
text_method("toTimeString", date_text.time)
text_method("toUTCString", date_text.utc)
text_method("toGMTString", date_text.utc)
text_method("toLocaleString", function(time, _, options)
  return date_text.locale(time, options, true, true)
end)
text_method("toLocaleDateString", function(time, _, options)
  return date_text.locale(time, options, true, false)
end)
text_method("toLocaleTimeString", function(time, _, options)
  return date_text.locale(time, options, false, true)
end)

function prototype.toISOString(self)
  local time = time_of(self)
  if time ~= time then raise.range_error "Invalid time value" end
  return date_text.iso(time)
end

function prototype.toJSON(self)
  local time = time_of(self)
  return time == time and date_text.iso(time) or null
end

return dates
