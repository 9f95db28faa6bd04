--- strings: String and the methods of texts.
---
--- Lua's string metatable looks in Lua's own library first, and then here: `match` is Lua's for
--- Lua code. Translated programs reach a method with a name of Lua's through property.get.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local iterate = require "ts2lua.runtime.iterate"
local later = require "ts2lua.runtime.later"
local null = require "ts2lua.runtime.null"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local replacement = require "ts2lua.runtime.replacement"
local shape = require "ts2lua.runtime.shape"
local symbol = require "ts2lua.runtime.symbol"
local utf16 = require "ts2lua.runtime.utf16"
local utf8 = require "ts2lua.utf8"

local byte, find, match, rep, sub = string.byte, string.find, string.match, string.rep, string.sub
local max, min = math.max, math.min
local to_integer, to_text = convert.to_integer, convert.to_text

local letters = later "letters"

local strings = {}

--- No text may become longer, whoever asks for it.
local BYTES_MAX = 536870888

local prototype = setmetatable({}, { __index = shape.object_prototype })
property.string_prototype = prototype
getmetatable("").prototype = prototype
setmetatable(string, { __index = prototype })

--- The text a method was called on.
local function this_text(value)
  if type(value) == "string" then return value end
  if value == nil or value == null then
    raise.type_error "String.prototype method called on null or undefined"
  end
  return to_text(value)
end

local function is_pattern(value)
  return type(value) == "table" and getmetatable(value).is_regular_expression
end

local function method(name, fn)
  rawset(prototype, name, function(self, ...)
    if type(self) ~= "string" then self = this_text(self) end
    return fn(self, ...)
  end)
end

method("toString", function(text) return text end)
method("valueOf", function(text) return text end)

-- Parts.

method("charAt", function(text, unit)
  unit = to_integer(unit)
  if unit < 0 or unit >= utf16.length(text) then return "" end
  return utf16.sub(text, unit, unit + 1)
end)

method("at", function(text, unit)
  local length = utf16.length(text)
  unit = to_integer(unit)
  if unit < 0 then unit = unit + length end
  if unit < 0 or unit >= length then return nil end
  return utf16.sub(text, unit, unit + 1)
end)

method("charCodeAt", function(text, unit)
  return utf16.code(text, to_integer(unit)) or 0 / 0
end)

method("codePointAt", function(text, unit)
  return utf16.code_point(text, to_integer(unit))
end)

method("slice", function(text, first, last)
  local length = utf16.length(text)
  return utf16.sub(text, convert.to_index(first, length), convert.to_index(last, length, length))
end)

method("substring", function(text, first, last)
  local length = utf16.length(text)
  first = min(max(to_integer(first), 0), length)
  last = min(max(to_integer(last, length), 0), length)
  return utf16.sub(text, min(first, last), max(first, last))
end)

method("substr", function(text, first, count)
  local length = utf16.length(text)
  first = convert.to_index(first, length)
  return utf16.sub(text, first, min(first + to_integer(count, length), length))
end)

-- Search.

local function check_no_pattern(value, name)
  if is_pattern(value) then
    raise.type_error(("First argument to String.prototype.%s must not be a regular expression")
      :format(name))
  end
  return to_text(value)
end

--- The byte where a search from unit `from` begins.
local function start_byte(text, from)
  return utf16.to_byte(text, max(to_integer(from), 0))
end

method("indexOf", function(text, wanted, from)
  local at = find(text, to_text(wanted), start_byte(text, from), true)
  return at and utf16.to_unit(text, at) or -1
end)

method("lastIndexOf", function(text, wanted, from)
  wanted = to_text(wanted)
  local last = #text - #wanted + 1
  local limit = convert.to_number(from)
  if limit == limit then last = min(last, utf16.to_byte(text, max(to_integer(limit), 0))) end
  for at = last, 1, -1 do
    if sub(text, at, at + #wanted - 1) == wanted then return utf16.to_unit(text, at) end
  end
  return -1
end)

method("includes", function(text, wanted, from)
  return find(text, check_no_pattern(wanted, "includes"), start_byte(text, from), true) ~= nil
end)

method("startsWith", function(text, wanted, from)
  wanted = check_no_pattern(wanted, "startsWith")
  local at = start_byte(text, from)
  return sub(text, at, at + #wanted - 1) == wanted
end)

method("endsWith", function(text, wanted, length)
  wanted = check_no_pattern(wanted, "endsWith")
  if length ~= nil then text = sub(text, 1, start_byte(text, length) - 1) end
  return wanted == "" or #wanted <= #text and sub(text, -#wanted) == wanted
end)

method("match", function(text, pattern)
  if not is_pattern(pattern) then pattern = strings.make_pattern(pattern, "") end
  return getmetatable(pattern).match_text(pattern, text)
end)

method("matchAll", function(text, pattern)
  if not is_pattern(pattern) then pattern = strings.make_pattern(pattern, "g") end
  return getmetatable(pattern).match_all(pattern, text)
end)

method("search", function(text, pattern)
  if not is_pattern(pattern) then pattern = strings.make_pattern(pattern, "") end
  return getmetatable(pattern).search_text(pattern, text)
end)

--- A pattern of a text; regular_expressions.lua puts its own in this place.
function strings.make_pattern(source, flags)
  require "ts2lua.runtime.regular_expressions"
  return strings.make_pattern(source, flags)
end

-- New texts.

method("concat", function(text, ...)
  for i = 1, select("#", ...) do text = text .. to_text((select(i, ...))) end
  return text
end)

method("trim", convert.trim)
method("trimStart", convert.trim_start)
method("trimEnd", convert.trim_end)

local function check_size(bytes)
  if bytes > BYTES_MAX then raise.range_error "Invalid string length" end
end

method("repeat", function(text, count)
  local times = to_integer(count)
  if times < 0 or times == math.huge then
    raise.range_error("Invalid count value: " .. to_text(count))
  end
  check_size(#text * times)
  return rep(text, times)
end)

--- What fills a text up to `length` units; nil when nothing does.
local function filling(text, length, fill)
  length = to_integer(length)
  fill = fill == nil and " " or to_text(fill)
  local missing = length - utf16.length(text)
  if missing <= 0 or fill == "" then return nil end
  check_size(missing)
  return utf16.sub(rep(fill, math.ceil(missing / utf16.length(fill))), 0, missing)
end

method("padStart", function(text, length, fill)
  return (filling(text, length, fill) or "") .. text
end)

method("padEnd", function(text, length, fill)
  return text .. (filling(text, length, fill) or "")
end)

for _, name in ipairs { "toUpperCase", "toLocaleUpperCase" } do
  method(name, function(text) return letters.upper(text) end)
end
for _, name in ipairs { "toLowerCase", "toLocaleLowerCase" } do
  method(name, function(text) return letters.lower(text) end)
end

method("normalize", function(text, form)
  form = form == nil and "NFC" or to_text(form)
  if form == "NFD" or form == "NFKD" then return letters.decompose(text) end
  if form ~= "NFC" and form ~= "NFKC" then
    raise.range_error("The normalization form should be one of NFC, NFD, NFKC, NFKD.")
  end
  return letters.compose(text)
end)

--- The order of readers, as collation.lua has it.
method("localeCompare", function(text, other, _, options)
  return require "ts2lua.runtime.collation"(text, to_text(other), options)
end)

method("isWellFormed", function(text) return not find(utf16.mend(text), "\237[\160-\191]") end)

local function split_units(text, limit)
  local list, count = {}, 0
  for character in text:gmatch(utf8.CHARACTER) do
    if byte(character) >= 0xF0 then
      for half = 0, 1 do
        list[count + half] = utf16.sub(character, half, half + 1)
      end
      count = count + 2
    else
      list[count] = character
      count = count + 1
    end
    if count >= limit then break end
  end
  return list, count
end

local function split_text(text, separator, limit)
  local list, count, i = {}, 0, 1
  while count < limit do
    local first, last = find(text, separator, i, true)
    list[count] = sub(text, i, first and first - 1)
    count = count + 1
    if not first then break end
    i = last + 1
  end
  return list, count
end

method("split", function(text, separator, limit)
  if is_pattern(separator) then
    return getmetatable(separator).split_text(separator, text, limit)
  end
  limit = limit == nil and 4294967295 or convert.to_number(limit) % 4294967296
  if limit == 0 then return iterate.array { length = 0 } end
  if separator == nil or separator == null then
    return iterate.array { [0] = text, length = 1 }
  end
  separator = to_text(separator)
  local split = separator == "" and split_units or split_text
  local list, count = split(text, separator == "" and limit or separator, limit)
  if count > limit then
    list[limit], count = nil, limit
  end
  list.length = count
  return iterate.array(list)
end)

--- The match of a plain text at bytes `first` to `last`.
local function plain_match(text, first, last)
  return { text = sub(text, first, last), first = first, last = last, groups = {}, count = 0 }
end

method("replace", function(text, pattern, with)
  if is_pattern(pattern) then return getmetatable(pattern).replace_text(pattern, text, with) end
  pattern = to_text(pattern)
  local first, last = find(text, pattern, 1, true)
  if not first then return text end
  local new = replacement.text(with, plain_match(text, first, last), text,
    utf16.to_unit(text, first))
  return sub(text, 1, first - 1) .. new .. sub(text, last + 1)
end)

method("replaceAll", function(text, pattern, with)
  if is_pattern(pattern) then
    if not pattern.flags:find "g" then
      raise.type_error "replaceAll must be called with a global RegExp"
    end
    return getmetatable(pattern).replace_text(pattern, text, with)
  end
  pattern = to_text(pattern)
  local parts, i, from = {}, 1, 1
  while from <= #text + 1 do
    local first, last = find(text, pattern, from, true)
    if not first then break end
    parts[#parts + 1] = sub(text, i, first - 1)
    parts[#parts + 1] = replacement.text(with, plain_match(text, first, last), text,
      utf16.to_unit(text, first))
    i = last + 1
    -- An empty pattern goes on behind the next character.
    from = last < first and first + #(match(text, "^" .. utf8.CHARACTER, first) or " ") or i
  end
  parts[#parts + 1] = sub(text, i)
  return table.concat(parts)
end)

prototype[symbol.iterator] = function(text)
  local next_one, state, i = iterate.iterate(this_text(text))
  return iterate.iterator(function()
    local after, character = next_one(state, i)
    if not after then return nil end
    i = after
    return true, character
  end)
end

-- String itself.

strings.String = class.builtin("String")
getmetatable(strings.String).make = function(_, ...)
  return select("#", ...) == 0 and "" or to_text((...))
end
class.callable(strings.String, function(_, _, ...)
  if select("#", ...) == 0 then return "" end
  local value = ...
  return symbol.is(value) and value:toString() or to_text(value)
end)
rawset(strings.String, "prototype", prototype)
rawset(prototype, "constructor", strings.String)

rawset(strings.String, "fromCharCode", function(_, ...)
  local parts = {}
  for i = 1, select("#", ...) do
    parts[i] = utf8.encode(convert.to_number((select(i, ...))) % 65536)
  end
  return utf16.mend(table.concat(parts))
end)

rawset(strings.String, "fromCodePoint", function(_, ...)
  local parts = {}
  for i = 1, select("#", ...) do
    local point = convert.to_number((select(i, ...)))
    if point < 0 or point > 0x10FFFF or point ~= math.floor(point) then
      raise.range_error("Invalid code point " .. to_text(point))
    end
    parts[i] = utf8.encode(point)
  end
  return utf16.mend(table.concat(parts))
end)

rawset(strings.String, "raw", function(_, parts, ...)
  local made, count = {}, select("#", ...)
  local raw = parts.raw
  for i = 0, raw.length - 1 do
    made[#made + 1] = to_text(raw[i])
    if i < raw.length - 1 and i < count then made[#made + 1] = to_text((select(i + 1, ...))) end
  end
  return table.concat(made)
end)

--- The first argument of a tagged template's function.
function strings.template_strings(texts, raws, count)
  local array = iterate.from_list(texts, count)
  array.raw = iterate.from_list(raws, count)
  return array
end

strings.prototype = prototype

return strings
