--- record: lines of JSON that say what a room has stored: a head, and each of its entries.
---
---     {"alarm":{"due":1767225600000},"entries":2,"export":1,"party":"main","room":"lobby"}
---     {"key":"count","value":3}
---     {"key":"note","value":{"$bytes":"/wA="}}

local failure = require "partylua.config.failure"
local form = require "partylua.storage.form"
local json = require "partylua.json"
local limits = require "partylua.storage.limits"
local ordered = require "partylua.json.ordered"
local value = require "partylua.value"

local record = {}

local VERSION = 1
local KEY_BYTES_MAX = limits.KEY_BYTES_MAX
local TIME_MAX, RETRIES_MAX = 8.64e15, 1000

--- The value of an entry. Raises a failure when this version cannot read it.
---@param key string
---@param bytes string
---@return any
function record.decode(key, bytes)
  local ok, given = pcall(value.decode, bytes)
  if ok then return given end
  return failure.raise(("the value of %s cannot be read: %s"):format(
    ordered.encode(form.write(key)), given))
end

--- The text of an entry.
---@param key string
---@param bytes string    as it is stored
---@return string
function record.entry(key, bytes)
  return ordered.encode { key = form.write(key), value = form.write(record.decode(key, bytes)) }
end

local function alarm_form(room)
  if not room.due then return nil end
  if room.retries == 0 then return { due = room.due } end
  return { due = room.due, attempt = room.attempt, retries = room.retries }
end

--- What is known of a room, for its head.
---@param party string
---@param id string
---@param room partylua.native.RoomRecord
---@param count integer    of entries
---@return table
function record.room(party, id, room, count)
  return {
    party = form.write(party), room = form.write(id), entries = count, alarm = alarm_form(room),
  }
end

--- The text of the head of an export.
---@param party string
---@param id string
---@param room partylua.native.RoomRecord
---@param count integer    of entries
---@return string
function record.head(party, id, room, count)
  local head = record.room(party, id, room, count)
  head.export = VERSION
  return ordered.encode(head)
end

-- Reading ---------------------------------------------------------------------------------------

local function is_count(number, most)
  return type(number) == "number" and number >= 0 and number <= most and number % 1 == 0
end

local function check_names(node, known)
  for name in pairs(node) do
    if not known[name] then return ('"%s" is not known here'):format(name) end
  end
end

local ALARM = { due = true, attempt = true, retries = true }
local HEAD = { export = true, party = true, room = true, entries = true, alarm = true }

local function read_alarm(alarm)
  if type(alarm) ~= "table" then return nil, '"alarm" is an object with "due"' end
  local wrong = check_names(alarm, ALARM)
  if wrong then return nil, wrong end
  local attempt, retries = alarm.attempt or alarm.due, alarm.retries or 0
  if not (is_count(alarm.due, TIME_MAX) and is_count(attempt, TIME_MAX)) or alarm.due == 0 then
    return nil, 'the times of "alarm" are milliseconds since 1970'
  end
  if not is_count(retries, RETRIES_MAX) then return nil, '"retries" is a small number' end
  return { due = alarm.due, attempt = attempt, retries = retries }
end

---@class partylua.storage.Head
---@field entries? integer    how many follow
---@field alarm? { due: number, attempt: number, retries: integer }

local function read_head(node)
  if type(node.export) == "number" and node.export > VERSION then
    return nil, "the export was made by a newer version of partylua"
  end
  if node.export ~= VERSION then return nil, '"export" is 1' end
  local wrong = check_names(node, HEAD)
  if wrong then return nil, wrong end
  if node.entries ~= nil and not is_count(node.entries, 2 ^ 53) then
    return nil, '"entries" is how many there are'
  end
  if node.alarm == nil then return { entries = node.entries } end
  local alarm, message = read_alarm(node.alarm)
  if not alarm then return nil, message end
  return { entries = node.entries, alarm = alarm }
end

--- The bytes under which a value is stored, or nil and what is wrong.
---@param node any    what json.decode gives for it
---@param bytes_max integer
---@return string? bytes
---@return string? message
function record.encode(node, bytes_max)
  local ok, given = form.read(node)
  if not ok then return nil, given end
  local bytes, fault = value.encode(given, bytes_max, "value")
  if bytes then return bytes end
  return nil, fault.text or ("the value is larger than %d bytes"):format(bytes_max)
end

--- The key that a form stands for, or nil and what is wrong.
---@param node any
---@return string? key
---@return string? message
function record.key(node)
  local ok, key = form.read(node)
  if not ok then return nil, key end
  if type(key) ~= "string" then return nil, "a key is a string" end
  if #key > KEY_BYTES_MAX then
    return nil, ("the key is larger than %d bytes"):format(KEY_BYTES_MAX)
  end
  return key
end

local ENTRY = { key = true, value = true }

---@class partylua.storage.Record
---@field head? partylua.storage.Head    either this
---@field key? string    or these two
---@field bytes? string

--- What a line says, or nil and what is wrong with it.
---@param line string
---@param bytes_max integer    of a value
---@return partylua.storage.Record?
---@return string? message
function record.read(line, bytes_max)
  local node, message = json.tryDecode(line)
  if message then return nil, (message:gsub(" at line 1, column (%d+)", " at column %1", 1)) end
  if type(node) ~= "table" or json.isArray(node) then return nil, "a line is an object" end
  if node.export ~= nil then
    local head
    head, message = read_head(node)
    return head and { head = head }, message
  end
  if node.key == nil or node.value == nil then return nil, 'an entry has a "key" and a "value"' end
  message = check_names(node, ENTRY)
  if message then return nil, message end
  local key, bytes
  key, message = record.key(node.key)
  if not key then return nil, message end
  bytes, message = record.encode(node.value, bytes_max)
  return bytes and { key = key, bytes = bytes }, message
end

return record
