--- field: one of the five fields of a cron expression, as the set of the values it allows.
---
---     field = item { "," item }
---     item  = ( "*" | value | value "-" value ) [ "/" step ]
---
--- A value is a number or, for months and days of the week, a name in any case. `5/10` counts
--- from 5 to the end.

local field = {}

---@class partylua.cron.Fault
---@field message string    after the expression's name: `has 25 in its hour field, …`
---@field hint? string
---@field from? integer    the bytes of the expression that are at fault
---@field to? integer

---@class partylua.cron.FieldKind
---@field name string
---@field least integer
---@field most integer    the last value of `*`
---@field alias? integer    a value beyond `most`, which means `least`
---@field names? string[]    of the values from `least`
---@field takes string

---@type partylua.cron.FieldKind[]
field.kinds = {
  { name = "minute", least = 0, most = 59, takes = "0 to 59" },
  { name = "hour", least = 0, most = 23, takes = "0 to 23" },
  { name = "day-of-month", least = 1, most = 31, takes = "1 to 31" },
  { name = "month", least = 1, most = 12, takes = "1 to 12 or JAN to DEC",
    names = {
      "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    } },
  { name = "day-of-week", least = 0, most = 6, alias = 7,
    takes = "0 to 7, where 0 and 7 are Sunday, or SUN to SAT",
    names = { "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT" } },
}

--- The value a word stands for, or nil; and whether it was a name.
local function value_of(kind, word)
  if word:find "^%d+$" then
    local value = tonumber(word)
    if value >= kind.least and value <= (kind.alias or kind.most) then return value end
    return nil
  end
  for i, name in ipairs(kind.names or {}) do
    if name == word:upper() then return kind.least + i - 1, true end
  end
end

--- What other dialects write: the last day, the nearest weekday, the nth weekday, no matter which.
local function is_foreign(word)
  return word:find "[#?]" or word:upper():find "^L[W%d-]*$" or word:upper():find "^%d+[LW]$"
    or word:upper():find "^%a%a%aL$"
end

local function fault(at, word, message, hint)
  return { message = message, hint = hint, from = at, to = at + math.max(#word, 1) - 1 }
end

local function quoted(word)
  if word:find "^[%w*/-]+$" then return word end
  return '"' .. word:gsub("%c", "?") .. '"'
end

local function bad_value(kind, at, word)
  if word == "" then
    return fault(at, word, ("has an empty place in its %s field"):format(kind.name))
  end
  if is_foreign(word) then
    return fault(at, word,
      ("has %s in its %s field; L, W, # and ? are not supported"):format(quoted(word), kind.name),
      word == "?" and "write * where any value will do" or nil)
  end
  return fault(at, word,
    ("has %s in its %s field, which takes %s"):format(quoted(word), kind.name, kind.takes))
end

local function range_text(first, last)
  return first == last and tostring(first) or ("%d-%d"):format(first, last)
end

--- 22-6: what to write instead, unless steps make that more than two ranges.
local function backwards(kind, at, range, first, last, step)
  local both = range_text(first, kind.most) .. "," .. range_text(kind.least, last)
  return fault(at, range,
    ("has %s in its %s field, a range that runs backwards"):format(range, kind.name),
    not step and "write " .. both or nil)
end

local function read_step(kind, at, word)
  local count = kind.most - kind.least + 1
  local step = word:find "^%d+$" and tonumber(word)
  if step and step >= 1 and step <= count then return step end
  return nil, fault(at, word, ("has the step %s in its %s field, which takes steps of 1 to %d")
    :format(quoted(word), kind.name, count))
end

--- The first and the last value of an item without its step.
local function read_range(kind, at, range, step)
  if range == "*" then return kind.least, kind.most end
  local from, dash, to = range:match "^([^-]*)(%-?)(.*)$"
  local first = value_of(kind, from)
  if not first then return nil, bad_value(kind, at, is_foreign(range) and range or from) end
  if dash == "" then return first, step and kind.most or first end
  local last, is_name = value_of(kind, to)
  if not last then return nil, bad_value(kind, at + #from + 1, to) end
  if last < first and is_name and last == kind.least then last = kind.alias or last end -- FRI-SUN
  if last < first then return nil, backwards(kind, at, range, first, last, step) end
  return first, last
end

local function add_item(kind, values, at, item)
  local range, slash, step_text = item:match "^([^/]*)(/?)(.*)$"
  local step, first, last, wrong
  if slash ~= "" then
    step, wrong = read_step(kind, at + #range + 1, step_text)
    if not step then return wrong end
  end
  first, last = read_range(kind, at, range, step)
  if not first then return last end
  for value = first, last, step or 1 do
    values[value == kind.alias and kind.least or value] = true
  end
end

--- Reads a field.
---@param kind partylua.cron.FieldKind
---@param text string
---@param at integer    where it begins in the expression
---@return table<integer, true>? values
---@return partylua.cron.Fault? fault
function field.read(kind, text, at)
  local values = {}
  for from, item in (text .. ","):gmatch "()([^,]*)," do
    local wrong = add_item(kind, values, at + from - 1, item)
    if wrong then return nil, wrong end
  end
  return values
end

return field
