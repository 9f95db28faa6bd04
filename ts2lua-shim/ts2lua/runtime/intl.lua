--- intl: Intl, as far as it goes without the data of all languages: en-US and UTC.

local class = require "ts2lua.runtime.class"
local collation = require "ts2lua.runtime.collation"
local convert = require "ts2lua.runtime.convert"
local date_text = require "ts2lua.runtime.date_text"
local iterate = require "ts2lua.runtime.iterate"
local number_format = require "ts2lua.runtime.number_format"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local world = require "ts2lua.runtime.world"

local to_number, to_text = convert.to_number, convert.to_text

local intl = { object = shape.object() }

--- Adds a class whose instances have one function, bound as JavaScript's are, and what they were
--- resolved to.
local function define(name, method, make, resolved)
  local made = class.builtin(name, nil, function(self, _, options)
    options = type(options) == "table" and options or shape.object()
    rawset(self, method, make(options))
    rawset(self, "resolvedOptions", function()
      local keys, values = { "locale" }, { "en-US" }
      for i, pair in ipairs(resolved or {}) do keys[i + 1], values[i + 1] = pair[1], pair[2] end
      return shape.record(keys, values)
    end)
  end, { tag = "Intl." .. name })
  class.callable(made, function(target, _, ...) return class.new(target, ...) end)
  rawset(made, "supportedLocalesOf", function(_, locales)
    return iterate.array { [0] = type(locales) == "string" and locales or "en-US", length = 1 }
  end)
  rawset(intl.object, name, made)
end

define("NumberFormat", "format", function(options)
  return function(_, value) return number_format(to_number(value), options) end
end)

define("DateTimeFormat", "format", function(options)
  return function(_, value)
    local is_date = type(value) == "table" and getmetatable(value).is_date
    local time = value == nil and world.now() or is_date and value[1] or to_number(value)
    if time ~= time then raise.range_error "Invalid time value" end
    return date_text.locale(time, options, true, false)
  end
end, { { "calendar", "gregory" }, { "numberingSystem", "latn" }, { "timeZone", "UTC" } })

define("Collator", "compare", function(options)
  return function(_, a, b) return collation(to_text(a), to_text(b), options) end
end)

--- 1st, 2nd, 3rd, 4th.
local function ordinal(n)
  local tens, ones = n % 100, n % 10
  if tens >= 11 and tens <= 13 then return "other" end
  return ({ "one", "two", "few" })[ones] or "other"
end

define("PluralRules", "select", function(options)
  return function(_, value)
    local n = to_number(value)
    if options.type == "ordinal" then return ordinal(n) end
    return n == 1 and "one" or "other"
  end
end)

define("ListFormat", "format", function(options)
  local word = options.type == "disjunction" and "or" or "and"
  return function(_, values)
    local list, count = {}, 0
    for _, value in iterate.iterate(values) do
      count = count + 1
      list[count] = to_text(value)
    end
    if count < 3 then return table.concat(list, " " .. word .. " ") end
    return table.concat(list, ", ", 1, count - 1) .. ", " .. word .. " " .. list[count]
  end
end)

local NEAR = { day = { [-1] = "yesterday", [0] = "today", [1] = "tomorrow" } }
for _, unit in ipairs { "week", "month", "quarter", "year" } do
  NEAR[unit] = { [-1] = "last " .. unit, [0] = "this " .. unit, [1] = "next " .. unit }
end
for _, unit in ipairs { "hour", "minute" } do NEAR[unit] = { [0] = "this " .. unit } end
NEAR.second = { [0] = "now" }

define("RelativeTimeFormat", "format", function(options)
  return function(_, value, unit)
    local n = to_number(value)
    unit = to_text(unit):gsub("s$", "")
    local near = options.numeric == "auto" and NEAR[unit] and NEAR[unit][n]
    if near then return near end
    local count = number_format(math.abs(n)) .. " " .. unit .. (math.abs(n) == 1 and "" or "s")
    return (n < 0 or 1 / n < 0) and count .. " ago" or "in " .. count
  end
end)

return intl
