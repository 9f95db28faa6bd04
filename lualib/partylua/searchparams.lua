--- SearchParams: the names and values of a query, and the list that it shares with forms.

local class = require "partylua.class"
local percent = require "partylua.percent"

local byte, concat, find = string.byte, table.concat, string.find
local gsub, sub = string.gsub, string.sub
local decode, encode = percent.decode, percent.encode

local QUESTION_MARK = byte "?"
-- What application/x-www-form-urlencoded encodes, but for the blank.
local FORM = "[^%w*._ -]"

local function decode_form(text)
  return percent.scrub_utf8(decode((gsub(text, "+", " "))))
end

--- Parses application/x-www-form-urlencoded text, with or without a "?" before it. A malformed
--- escape stays as it is, broken UTF-8 becomes U+FFFD.
---@param search string
---@return { [1]: string, [2]: string }[] pairs    in order
---@return table<string, string> first    the first value of each name
local function parse_query(search)
  local list, first = {}, {}
  local is_plain = not find(search, "[%%+\128-\255]")
  local at, length = byte(search) == QUESTION_MARK and 2 or 1, #search
  local equals = 0
  while at <= length do
    local stop = find(search, "&", at, true) or length + 1
    -- looked for once, not in each piece again: a long query may have none
    if equals < at then equals = find(search, "=", at, true) or length + 1 end
    if stop > at then
      local name = sub(search, at, (equals < stop and equals or stop) - 1)
      local value = equals < stop and sub(search, equals + 1, stop - 1) or ""
      if not is_plain then name, value = decode_form(name), decode_form(value) end
      list[#list + 1] = { name, value }
      if first[name] == nil then first[name] = value end
    end
    at = stop + 1
  end
  return list, first
end

--- An ordered list of names and values, as queries and forms hold them.
---@class partylua.Pairs
---@field protected list { [1]: string, [2]: any }[]
local Pairs = class()

--- Called after each change.
---@protected
function Pairs:changed() end

--- The first value of this name, nil without one.
---@param name string
---@return any
function Pairs:get(name)
  for _, pair in ipairs(self.list) do
    if pair[1] == name then return pair[2] end
  end
end

---@param name string
---@return any[]
function Pairs:getAll(name)
  local values = {}
  for _, pair in ipairs(self.list) do
    if pair[1] == name then values[#values + 1] = pair[2] end
  end
  return values
end

---@param name string
---@return boolean
function Pairs:has(name)
  return self:get(name) ~= nil
end

---@param name string
---@param value string|number
function Pairs:append(name, value)
  self.list[#self.list + 1] = { tostring(name), tostring(value) }
  self:changed()
end

--- Gives a name this one value, in the place of its first one if it has any. Takes what
--- `append` takes.
---@param name string
---@param value any
---@param ... any
function Pairs:set(name, value, ...)
  self:append(name, value, ...)
  local list = self.list
  local new, place = table.remove(list), nil
  for i = #list, 1, -1 do
    if list[i][1] == new[1] then
      place = i
      table.remove(list, i)
    end
  end
  table.insert(list, place or #list + 1, new)
  self:changed()
end

---@param name string
function Pairs:delete(name)
  for i = #self.list, 1, -1 do
    if self.list[i][1] == name then table.remove(self.list, i) end
  end
  self:changed()
end

--- Iterates over name and value in order.
---@return fun(): string?, any
function Pairs:entries()
  local list, at = self.list, 0
  return function()
    at = at + 1
    if list[at] then return list[at][1], list[at][2] end
  end
end

---@class partylua.SearchParams : partylua.Pairs
---@field private owner? partylua.UrlRecord    of the URL whose query this is
local SearchParams = class(Pairs)
SearchParams.Pairs = Pairs
SearchParams.parse = parse_query

---@param init? string | table<string, string|number>    a query, or values by name
---@param owner? partylua.UrlRecord
function SearchParams:init(init, owner)
  self.list = type(init) == "string" and parse_query(init) or {}
  if type(init) == "table" then
    for name, value in pairs(init) do self:append(name, value) end
  end
  self.owner = owner
end

---@protected
function SearchParams:changed()
  local owner = self.owner
  if owner then owner.query = #self.list > 0 and self:toString() or nil end
end

local function encode_form(text)
  return (gsub(encode(percent.scrub_utf8(text), FORM), " ", "+"))
end

---@return string
function SearchParams:toString()
  local pieces = {}
  for i, pair in ipairs(self.list) do
    pieces[i] = encode_form(pair[1]) .. "=" .. encode_form(pair[2])
  end
  return concat(pieces, "&")
end

SearchParams.__tostring = SearchParams.toString

return SearchParams
