--- Headers: HTTP header fields, as in the Fetch standard.
---
--- The array part of the object is the flat list { name1, value1, name2, value2, ... } in the
--- order of appending, names in lower case. The native side reads that list as it is, so
--- nothing may stand in it that was not checked here or parsed from the wire.

local class = require "partylua.class"

local byte, find, lower = string.byte, string.find, string.lower

local TAB, SPACE = 9, 32
local NAMES_MAX, NAME_BYTES_MAX = 512, 64

---@alias partylua.HeaderValue string|number
---@alias partylua.HeadersInit
---| partylua.Headers
---| table<string, partylua.HeaderValue|partylua.HeaderValue[]>
---| { [1]: string, [2]: partylua.HeaderValue }[]

---@class partylua.Headers
---@overload fun(init?: partylua.HeadersInit): partylua.Headers
local Headers = class()

-- Checked names and their lower case form: LuaJIT compiles a table look-up but no pattern. The
-- table is bounded and starts again when it is full, since names may come from strangers.
local names, names_count = {}, 0

local function check_name(name, level)
  local known = names[name]
  if known ~= nil then return known end
  if type(name) ~= "string" then
    error("a header name must be a string, got " .. type(name), level + 1)
  end
  -- RFC 9110 5.6.2: token
  if name == "" or find(name, "[^%w!#$%%&'*+.^_`|~-]") then
    error(("invalid header name %q"):format(name), level + 1)
  end
  local lowered = lower(name)
  if #name <= NAME_BYTES_MAX then
    if names_count == NAMES_MAX then names, names_count = {}, 0 end
    names[name], names_count = lowered, names_count + 1
  end
  return lowered
end

--- Greedy, since the usual `^%s*(.-)%s*$` takes quadratic time on a long run of blanks.
local function trim(value)
  return (value:match "^.*[^ \t]" or ""):match "^[ \t]*(.*)$"
end

local function is_blank(code)
  return code == SPACE or code == TAB
end

--- RFC 9110 5.5: CR, LF and NUL in a value are dangerous, blanks around it are no part of it.
local function check_value(name, value, level)
  if type(value) == "number" then
    -- %.14g, which tostring uses, would write a large integer as 1e+15
    value = value % 1 == 0 and ("%.0f"):format(value) or tostring(value)
  end
  if type(value) ~= "string" then
    local message = "the value of header %q must be a string, got %s"
    error(message:format(name, type(value)), level + 1)
  end
  if find(value, "\n", 1, true) or find(value, "\r", 1, true)
    or find(value, "\0", 1, true)
  then
    error(("the value of header %q holds a line break or NUL"):format(name), level + 1)
  end
  if is_blank(byte(value, 1)) or is_blank(byte(value, -1)) then
    return trim(value)
  end
  return value
end

local function append(self, name, value, level)
  local lowered = check_name(name, level + 1)
  local checked = check_value(name, value, level + 1)
  local count = #self
  self[count + 1], self[count + 2] = lowered, checked
end

local function append_values(self, name, value, level)
  if type(value) == "table" then
    for _, each in ipairs(value) do append(self, name, each, level + 1) end
  else
    append(self, name, value, level + 1)
  end
end

--- Removes the fields of this name from index `from` on, closing the gaps.
local function remove_from(self, from, name)
  local count, kept = #self, from - 1
  for i = from, count, 2 do
    if self[i] ~= name then
      self[kept + 1], self[kept + 2] = self[i], self[i + 1]
      kept = kept + 2
    end
  end
  for i = count, kept + 1, -1 do self[i] = nil end
end

local function fill(self, init, level)
  if init == nil then return end
  if type(init) ~= "table" then
    error("headers must be a table or Headers, got " .. type(init), level + 1)
  end
  if getmetatable(init) == Headers then
    for i = 1, #init do self[i] = init[i] end
  elseif type(init[1]) == "table" then
    for _, pair in ipairs(init) do append(self, pair[1], pair[2], level + 1) end
  else
    for name, value in pairs(init) do append_values(self, name, value, level + 1) end
  end
end

---@param init? partylua.HeadersInit
function Headers:init(init)
  fill(self, init, 3)
end

--- Makes a Headers as calling the class does, blaming errors on another level.
---@param init? partylua.HeadersInit
---@param level integer    as in error(), counted from the caller
---@return partylua.Headers
function Headers.from(init, level)
  local self = setmetatable({}, Headers)
  fill(self, init, level + 1)
  return self
end

--- Takes over a flat list that the native side made: names in lower case, everything valid.
---@param flat string[]
---@return partylua.Headers
function Headers.adopt(flat)
  return setmetatable(flat, Headers)
end

---@param value any
---@return boolean
function Headers.is(value)
  return getmetatable(value) == Headers
end

--- The value of a field, nil without one. Several fields of one name are joined with ", ".
---@param name string    in any case
---@return string?
function Headers:get(name)
  name = check_name(name, 2)
  local value
  for i = 1, #self, 2 do
    if self[i] == name then value = value and value .. ", " .. self[i + 1] or self[i + 1] end
  end
  return value
end

--- Every Set-Cookie field by itself, as they cannot be joined.
---@return string[]
function Headers:getSetCookie()
  local cookies = {}
  for i = 1, #self, 2 do
    if self[i] == "set-cookie" then cookies[#cookies + 1] = self[i + 1] end
  end
  return cookies
end

---@param name string
---@return boolean
function Headers:has(name)
  name = check_name(name, 2)
  for i = 1, #self, 2 do
    if self[i] == name then return true end
  end
  return false
end

--- Gives a field this one value, in the place of its first one if it has any.
---@param name string
---@param value partylua.HeaderValue
function Headers:set(name, value)
  local lowered = check_name(name, 2)
  local checked = check_value(name, value, 2)
  local count = #self
  for i = 1, count, 2 do
    if self[i] == lowered then
      self[i + 1] = checked
      return remove_from(self, i + 2, lowered)
    end
  end
  self[count + 1], self[count + 2] = lowered, checked
end

--- Adds a value beside those the field already has.
---@param name string
---@param value partylua.HeaderValue
function Headers:append(name, value)
  append(self, name, value, 2)
end

---@param name string
function Headers:delete(name)
  remove_from(self, 1, check_name(name, 2))
end

--- Names in alphabetical order with their values: joined, but each Set-Cookie by itself.
local function sorted_pairs(self)
  local values, sorted = {}, {}
  for i = 1, #self, 2 do
    local name, value = self[i], self[i + 1]
    if values[name] == nil then sorted[#sorted + 1] = name end
    values[name] = values[name] and values[name] .. ", " .. value or value
  end
  table.sort(sorted)
  local list = {}
  for _, name in ipairs(sorted) do
    local fields = name == "set-cookie" and self:getSetCookie() or { values[name] }
    for _, value in ipairs(fields) do
      list[#list + 1], list[#list + 2] = name, value
    end
  end
  return list
end

--- Iterates over name and value, sorted by name. The loop may change the headers: it goes over
--- what was there when it began.
---@return fun(): string?, string?
function Headers:entries()
  local list, at = sorted_pairs(self), -1
  return function()
    at = at + 2
    return list[at], list[at + 1]
  end
end

--- A plain table from name to value; under `set-cookie`, which cannot be joined, a list.
---@return table<string, string|string[]>
function Headers:toTable()
  local plain = {}
  for name, value in self:entries() do plain[name] = value end
  if plain["set-cookie"] then plain["set-cookie"] = self:getSetCookie() end
  return plain
end

return Headers
