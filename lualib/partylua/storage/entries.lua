--- Entries: what room.storage and a transaction have in common: keys and values, checked.
---
--- The checks come before anything is written; limits and messages are PartyKit's (reference:
--- storage methods). What reads and writes is below, in methods that the two classes have of
--- their own: read, write, write_lent, remove, range.

local class = require "partylua.class"
local limits = require "partylua.storage.limits"
local prefixes = require "partylua.storage.prefixes"
local value = require "partylua.value"

---@class partylua.WriteOptions
---@field allowUnconfirmed? boolean    what the room sends need not wait for this write
---@field allowConcurrency? boolean    accepted; reads and writes never let other events in
---@field noCache? boolean             accepted; there is no cache beside the system's

---@class partylua.ListOptions
---@field prefix? string        only keys that begin with it
---@field start? string         the first key, itself included
---@field startAfter? string    the first key, itself left out
---@field endBefore? string     the end, itself left out; also ["end"]
---@field reverse? boolean      from the last key to the first
---@field limit? integer        at most so many, above 0

---@class partylua.Entries
local Entries = class()

local KEY_BYTES_MAX, VALUE_BYTES_MAX = limits.KEY_BYTES_MAX, limits.VALUE_BYTES_MAX
local ENCODED_BYTES_MAX, PAIRS_MAX = limits.ENCODED_BYTES_MAX, limits.PAIRS_MAX

-- Checks ---------------------------------------------------------------------------------------

local function check_key(key, level)
  if type(key) ~= "string" then
    error("a key must be a string, got " .. type(key), level + 1)
  end
  if #key > KEY_BYTES_MAX then
    error(("Keys cannot be larger than %d bytes. A key of size %d was provided.")
      :format(KEY_BYTES_MAX, #key), level + 1)
  end
end

local function check_count(count, level)
  if count <= PAIRS_MAX then return end
  error(("Maximum number of key value pairs is %d. %d pairs were provided.")
    :format(PAIRS_MAX, count), level + 1)
end

local function check_keys(keys, level)
  check_count(#keys, level + 1)
  for i = 1, #keys do check_key(keys[i], level + 1) end
end

local function refuse(fault, level)
  if fault.text then error(fault.text, level + 1) end
  error(("Values cannot be larger than %d bytes. A value of size %d was provided.")
    :format(VALUE_BYTES_MAX, fault.size), level + 1)
end

local function encode(given, name, level)
  local bytes, fault = value.encode(given, ENCODED_BYTES_MAX, name)
  if not bytes then refuse(fault, level + 1) end
  return bytes
end

local function is_silent(options, level)
  if options == nil then return false end
  if type(options) ~= "table" then
    error("options must be a table, got " .. type(options), level + 1)
  end
  return options.allowUnconfirmed == true
end

-- Reading --------------------------------------------------------------------------------------

function Entries:get_many(keys)
  local found = {}
  for i = 1, #keys do
    local bytes = self:read(keys[i])
    if bytes then found[keys[i]] = value.decode(bytes) end
  end
  return found
end

--- The value of a key, nil when there is none; of a list of at most 128 keys, a table from those
--- that are there to their values.
---@param key string|string[]
---@param options? partylua.WriteOptions
---@return any
function Entries:get(key, options) -- luacheck: ignore options
  self:begin("get", 2)
  if type(key) == "table" then
    check_keys(key, 2)
    return self:get_many(key)
  end
  check_key(key, 2)
  local bytes = self:read(key)
  if not bytes then return nil end -- a value all the same, where "no value" would be none
  return value.decode(bytes)
end

local function check_bound(options, name, level)
  local bound = options[name]
  if bound ~= nil and type(bound) ~= "string" then
    error(("list: %s must be a string, got %s"):format(name, type(bound)), level + 1)
  end
  return bound
end

local KNOWN = {
  prefix = true, start = true, startAfter = true, endBefore = true, ["end"] = true,
  reverse = true, limit = true, allowConcurrency = true, noCache = true,
}

local function check_list(options, level)
  if type(options) ~= "table" then
    error("list takes a table of options, got " .. type(options), level + 1)
  end
  for name in pairs(options) do
    if not KNOWN[name] then
      error(("list has no option %q"):format(tostring(name)), level + 1)
    end
  end
  if options.start ~= nil and options.startAfter ~= nil then
    error("list() cannot be called with both start and startAfter values.", level + 1)
  end
  local limit = options.limit
  if limit ~= nil and (type(limit) ~= "number" or limit ~= limit) then
    error("list: limit must be a number, got " .. tostring(limit), level + 1)
  end
  if limit ~= nil and limit < 1 then error("List limit must be positive.", level + 1) end
end

--- The range of keys that options describe: start, whether it is left out, and the end.
local function range_of(options, level)
  local after = check_bound(options, "startAfter", level + 1)
  local start = check_bound(options, "start", level + 1) or after
  local stop = check_bound(options, "end", level + 1)
    or check_bound(options, "endBefore", level + 1)
  local is_out = after ~= nil
  local prefix = check_bound(options, "prefix", level + 1)
  if prefix and prefix ~= "" then
    if not start or start < prefix then start, is_out = prefix, false end
    local behind = prefixes.behind(prefix)
    if behind and (not stop or behind < stop) then stop = behind end
  end
  return start, is_out, stop
end

--- Iterates over entries in the order of their keys' bytes: `for key, value in storage:list {}`.
--- It is a snapshot of the moment of the call.
---@param options? partylua.ListOptions
---@return fun(): string?, any
function Entries:list(options)
  self:begin("list", 2)
  options = options or {}
  check_list(options, 2)
  local start, is_out, stop = range_of(options, 2)
  local step = self:range(start, is_out, stop, options.reverse == true, options.limit)
  return function()
    local key, bytes = step()
    if key then return key, value.decode(bytes) end
  end
end

-- Writing --------------------------------------------------------------------------------------

local function encode_all(entries)
  local encoded, count = {}, 0
  for key, given in pairs(entries) do
    check_key(key, 3)
    encoded[key] = encode(given, ("value[%q]"):format(key), 3)
    count = count + 1
  end
  check_count(count, 3)
  return encoded
end

--- Stores a copy of a value under a key, or of each value of a table under its key: at most 128
--- of them, all or none.
---@param key string|table<string, any>
---@param given any
---@param options? partylua.WriteOptions
---@overload fun(self, entries: table<string, any>, options?: partylua.WriteOptions)
function Entries:put(key, given, options)
  self:begin("put", 2)
  if type(key) == "table" then
    local silent = is_silent(given, 2)
    for each, bytes in pairs(encode_all(key)) do self:write(each, bytes, silent) end
    return
  end
  check_key(key, 2)
  if given == nil then error("put() called with undefined value.", 2) end
  local pointer, len, fault = value.lend(given, ENCODED_BYTES_MAX, "value")
  if not pointer then refuse(fault, 2) end
  self:write_lent(key, pointer, len, is_silent(options, 2))
end

--- Deletes a key and tells whether it was there; of a list of at most 128 keys, how many were.
---@param key string|string[]
---@param options? partylua.WriteOptions
---@return boolean|integer
function Entries:delete(key, options)
  self:begin("delete", 2)
  local silent = is_silent(options, 2)
  if type(key) ~= "table" then
    check_key(key, 2)
    return self:remove(key, silent)
  end
  check_keys(key, 2)
  local count = 0
  for i = 1, #key do
    if self:remove(key[i], silent) then count = count + 1 end
  end
  return count
end

-- The alarm ------------------------------------------------------------------------------------

--- Days from 1970-01-01 to a date of the Gregorian calendar.
local function days_to(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local century = math.floor(year / 100)
  return 365 * year + math.floor(year / 4) - century + math.floor(century / 4)
    + math.floor((153 * month - 457) / 5) + day - 719469
end

local function time_of_date(date)
  local year, month, day = tonumber(date.year), tonumber(date.month), tonumber(date.day)
  if not (year and month and day) then return nil end
  local seconds = days_to(year, month, day) * 86400 + (tonumber(date.hour) or 0) * 3600
    + (tonumber(date.min) or 0) * 60 + (tonumber(date.sec) or 0)
  return seconds * 1000
end

local function check_time(time, level)
  if type(time) == "table" then time = time_of_date(time) end
  if type(time) ~= "number" or time ~= time or math.abs(time) > 8.64e15 then
    error("setAlarm() takes milliseconds since 1970, or a table such as os.date \"!*t\" gives",
      level + 1)
  end
  if time <= 0 then
    error("setAlarm() cannot be called with an alarm time <= 0", level + 1)
  end
  return math.max(1, math.floor(time))
end

--- When the room's alarm is due, in milliseconds since 1970; nil without one, and in onAlarm
--- until that has set another.
---@return number?
function Entries:getAlarm()
  self:begin("getAlarm", 2)
  return (self:read_alarm()) -- nil rather than nothing
end

--- Sets the room's one alarm, in place of an earlier one: onAlarm runs at that time, or at once
--- when it is past.
---@param time number|osdate    milliseconds since 1970, or a table with a date in UTC
---@param options? partylua.WriteOptions
function Entries:setAlarm(time, options)
  self:begin("setAlarm", 2)
  local due = check_time(time, 2)
  self:write_alarm(due, is_silent(options, 2))
end

--- Takes the alarm away; in onAlarm also its further attempts.
---@param options? partylua.WriteOptions
function Entries:deleteAlarm(options)
  self:begin("deleteAlarm", 2)
  self:write_alarm(0, is_silent(options, 2))
end

return Entries
