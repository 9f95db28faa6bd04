--- apply: changes that a command makes to what a room stores, as the bytes that are stored.
---
--- The body is a list of records, each a line `KEYBYTES VALUEBYTES` and then the key and the value;
--- `-` in the place of a length deletes the key. All of it becomes one batch of the room, together
--- with what the parameters say: clear=1, and due, attempt and retries of the alarm.

local answer = require "partylua.admin.answer"
local limits = require "partylua.storage.limits"
local native = require "partylua.native"
local rooms = require "partylua.admin.rooms"

local match, sub = string.match, string.sub

local apply = {}

-- A batch is in memory until it is durable.
apply.BYTES_MAX, apply.RECORDS_MAX = 64 * 1024 * 1024, 250000
local LINE_BYTES_MAX = 40
local VALUE_BYTES_MAX = 2 * 1024 * 1024

--- What has come of a body and was not taken yet.
local Reader = {}
Reader.__index = Reader

function Reader:fill()
  local chunk = answer.read(self.exchange)
  if not chunk then return false end
  self.total = self.total + #chunk
  if self.total > apply.BYTES_MAX then
    answer.fail(413, ("more than %d bytes cannot be written into a running server at once")
      :format(apply.BYTES_MAX))
  end
  self.rest, self.at = self.rest:sub(self.at) .. chunk, 1
  return true
end

--- Exactly so many bytes.
function Reader:take(count)
  while #self.rest - self.at + 1 < count do
    if not self:fill() then answer.fail(400, "the body ends within a record") end
  end
  local bytes = sub(self.rest, self.at, self.at + count - 1)
  self.at = self.at + count
  return bytes
end

--- The two lengths of a record; nil at the end of the body.
function Reader:head()
  while true do
    local key_bytes, value_bytes, after = match(self.rest, "^(%d+) ([%d-]+)\n()", self.at)
    if key_bytes then
      self.at = after
      return tonumber(key_bytes), tonumber(value_bytes)
    end
    local left = #self.rest - self.at + 1
    if left > LINE_BYTES_MAX or match(self.rest, "\n", self.at) then
      answer.fail(400, "bad record")
    end
    if not self:fill() then
      if left == 0 then return nil end
      answer.fail(400, "the body ends within a record")
    end
  end
end

local function read_writes(exchange)
  local reader = setmetatable({ exchange = exchange, rest = "", at = 1, total = 0 }, Reader)
  local writes = {}
  for key_bytes, value_bytes in reader.head, reader do
    if key_bytes > limits.KEY_BYTES_MAX or (value_bytes or 0) > VALUE_BYTES_MAX then
      answer.fail(400, "a key or a value is too large")
    end
    if #writes == apply.RECORDS_MAX then
      answer.fail(413, ("more than %d entries cannot be written into a running server at once")
        :format(apply.RECORDS_MAX))
    end
    local key = reader:take(key_bytes)
    writes[#writes + 1] = { key, value_bytes and reader:take(value_bytes) or nil }
  end
  return writes
end

local function number_of(query, name, otherwise)
  if not query[name] then return otherwise end
  local number = tonumber(query[name])
  if not (number and number >= 0 and number <= 8.64e15) then
    answer.fail(400, name .. " is a time")
  end
  return number
end

--- Applies what a request says.
function apply.run(exchange)
  local query = answer.query(exchange)
  local due = number_of(query, "due")
  local attempt, retries = number_of(query, "attempt", due), number_of(query, "retries", 0)
  local writes = read_writes(exchange)
  local room = rooms.enter(query)
  if query.clear then native.storage_clear(room, false) end
  for _, write in ipairs(writes) do
    if write[2] then
      native.storage_put(room, write[1], write[2], false)
    else
      native.storage_delete(room, write[1], false)
    end
  end
  if due then native.restore_alarm(room, due, attempt, retries) end
  native.log("info", "admin", "storage changed", { "entries", #writes })
  answer.send(exchange, { entries = #writes })
end

return apply
