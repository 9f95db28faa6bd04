--- storage: admin requests about what one room stores, so that the room sees it at once.
---
--- Keys and values have the form in which the commands print them (storage/form.lua). A change goes
--- through the room's own storage: it is a batch like that of a hook, what the room sends after it
--- waits for it, and the answer says that it is durable.

local answer = require "partylua.admin.answer"
local json = require "partylua.json"
local native = require "partylua.native"
local ordered = require "partylua.json.ordered"
local limits = require "partylua.storage.limits"
local prefixes = require "partylua.storage.prefixes"
local record = require "partylua.storage.record"
local rooms = require "partylua.admin.rooms"

local storage = {}

-- A page is in memory with all its values, which may be large.
local LIST_MAX, LIST_BYTES_MAX = 200, 1024 * 1024
local CHANGES_MAX = 10000

-- Reading ---------------------------------------------------------------------------------------

local function limit_of(query)
  local limit = tonumber(query.limit or 100)
  if not limit or limit < 1 or limit > LIST_MAX or limit % 1 ~= 0 then
    answer.fail(400, ("limit is a whole number from 1 to %d"):format(LIST_MAX))
  end
  return limit
end

--- The key behind which a list goes on, in its JSON form.
local function key_of(text)
  if not text then return nil end
  local node, message = json.tryDecode(text)
  local key
  if not message then key, message = record.key(node) end
  return key or answer.fail(400, "bad key: " .. message)
end

--- Entries in the order of their keys: as lines of JSON, each { key, value }, and then { more }.
function storage.list(exchange)
  local query = answer.query(exchange)
  local limit, after = limit_of(query), key_of(query.after)
  local room = rooms.enter(query)
  local prefix = query.prefix or ""
  local lines, size, more = {}, 0, false
  local start = after and after > prefix and after or prefix
  local walk = native.storage_list(room, start, start == after, prefixes.behind(prefix), false,
    limit + 1)
  for key, bytes in walk do
    more = #lines == limit or size > LIST_BYTES_MAX
    if more then break end
    lines[#lines + 1] = record.entry(key, bytes)
    size = size + #lines[#lines]
  end
  lines[#lines + 1] = ordered.encode { alarm = native.alarm_get(room), more = more }
  answer.text(exchange, table.concat(lines, "\n") .. "\n", "application/x-ndjson")
end

-- Changing --------------------------------------------------------------------------------------

local function check_list(list, name)
  if list == nil then return {} end
  if type(list) ~= "table" or not json.isArray(list) then
    answer.fail(400, ("'%s' is a list"):format(name))
  end
  if #list > CHANGES_MAX then
    answer.fail(413, ("'%s' has more than %d items"):format(name, CHANGES_MAX))
  end
  return list
end

local function read_puts(list)
  local writes = {}
  for i, entry in ipairs(check_list(list, "put")) do
    if type(entry) ~= "table" then answer.fail(400, "an entry has a key and a value") end
    local key, message = record.key(entry.key)
    local bytes
    if key then bytes, message = record.encode(entry.value, limits.ENCODED_BYTES_MAX) end
    if not bytes then answer.fail(400, message) end
    writes[i] = { key, bytes }
  end
  return writes
end

local function read_deletes(list)
  local keys = {}
  for i, node in ipairs(check_list(list, "delete")) do
    local key, message = record.key(node)
    keys[i] = key or answer.fail(400, message)
  end
  return keys
end

--- Makes changes, all together: { put = { { key, value } }, delete = { key }, clear }. Answers how
--- many entries were stored, and how many of those to delete were there.
function storage.change(exchange)
  local query, body = answer.query(exchange), answer.body(exchange)
  local puts, deletes = read_puts(body.put), read_deletes(body.delete)
  local room = rooms.enter(query)
  local deleted = 0
  if body.clear == true then
    native.storage_clear(room, false)
    native.alarm_set(room, 0, false)
  end
  for _, key in ipairs(deletes) do
    if native.storage_delete(room, key, false) then deleted = deleted + 1 end
  end
  for _, write in ipairs(puts) do native.storage_put(room, write[1], write[2], false) end
  native.log("info", "admin", "storage changed", {
    "stored", #puts, "deleted", deleted, "cleared", body.clear == true,
  })
  answer.send(exchange, { stored = #puts, deleted = deleted })
end

--- Sets the alarm: { due } in milliseconds since 1970, now with 0; { due = null } cancels it.
function storage.alarm(exchange)
  local query, body = answer.query(exchange), answer.body(exchange)
  local due = body.due
  if due == json.null or due == nil then
    due = false
  elseif type(due) ~= "number" or due < 0 or due > 8.64e15 then
    answer.fail(400, "due is a time in milliseconds since 1970, 0 for now, or null")
  end
  local room = rooms.enter(query)
  if due == false then
    native.alarm_set(room, 0, false)
  else
    native.alarm_set(room, due == 0 and native.now() or due, false)
  end
  native.log("info", "admin", due and "alarm set" or "alarm cancelled")
  answer.send(exchange, { alarm = native.alarm_get(room) or json.null })
end

return storage
