--- history: the last messages of a room, for those who come later; stored, so that they outlast its
--- memory and the server.
---
---     self.history = history(self.room, { max = 50 })
---     self.history:add { name = "Ann", text = "hello" }
---     conn:send(json.encode(self.history:list()))
---
--- Each message is an entry of its own, and so adding one costs the same however many there are.
--- They are numbered, which lets a page ask for what it has missed.

local class = require "partylua.class"
local json = require "partylua.json"
local native = require "partylua.native"

local PREFIX = "history:"
local DIGITS = 16 -- of a number in a key: keys are sorted as texts
local MAX = 100
local MAX_MAX = 100000

---@class partylua.HistoryOptions
---@field max? integer    messages that are kept; 100
---@field seconds? number    for how long one is; without it, until there are newer ones
---@field name? string    where a room has several of them

---@class partylua.HistoryListOptions
---@field after? integer    only messages with higher numbers
---@field limit? integer    the last so many

---@class partylua.HistoryItem
---@field number integer    1 for the first one that was ever added
---@field at number    when it was added, in milliseconds since 1970
---@field message any    as it was added

---@class partylua.History
---@field private storage partylua.Storage
---@field private prefix string
---@field private max integer
---@field private keep_ms? number
---@field private last? integer    number of the newest, once it is known
---@overload fun(room: partylua.Room, options?: partylua.HistoryOptions): partylua.History
local History = class()

local function check_number(options, name, otherwise, most)
  local value = options[name]
  if value == nil then return otherwise end
  if type(value) == "number" and value > 0 and value <= most then return value end
  error(("history: %s must be a number above 0, and at most %d"):format(name, most), 4)
end

---@param room partylua.Room
---@param options? partylua.HistoryOptions
function History:init(room, options)
  options = options or {}
  local name = options.name
  -- A digit in front would be taken for a number of the history without a name.
  if name ~= nil and not (type(name) == "string" and name:find "^%a[%w_-]*$") then
    error("history: a name begins with a letter, and has letters, digits, _ and -", 3)
  end
  self.storage = room.storage
  self.prefix = PREFIX .. (name and name .. ":" or "")
  self.max = check_number(options, "max", MAX, MAX_MAX)
  local seconds = check_number(options, "seconds", nil, 1e9)
  self.keep_ms = seconds and seconds * 1000
end

local function key_of(self, number)
  return self.prefix .. ("%0" .. DIGITS .. "d"):format(number)
end

local function number_of(self, key)
  return tonumber(key:sub(#self.prefix + 1), 10)
end

--- Keys of this history alone: what begins alike and goes on otherwise is of one with a name.
local function range(self, first, options)
  options = options or {}
  options.start, options.endBefore = key_of(self, first), self.prefix .. ":"
  return options
end

local function last_number(self)
  if not self.last then
    local key = self.storage:list(range(self, 0, { reverse = true, limit = 1 }))()
    self.last = key and number_of(self, key) or 0
  end
  return self.last
end

--- Removes what is too old, or too much.
local function forget(self, last)
  local oldest, before = last - self.max + 1, self.keep_ms and native.now() - self.keep_ms
  for key, item in self.storage:list(range(self, 0)) do
    local is_kept = number_of(self, key) >= oldest and not (before and item.at < before)
    if is_kept then return end
    self.storage:delete(key)
  end
end

--- Adds a message at the end.
---@param message any    what storage takes
---@return integer number
function History:add(message)
  local number = last_number(self) + 1
  self.storage:put(key_of(self, number), { at = native.now(), message = message })
  self.last = number
  forget(self, number)
  return number
end

--- The messages, oldest first.
---@param options? partylua.HistoryListOptions
---@return partylua.HistoryItem[]
function History:list(options)
  options = options or {}
  forget(self, last_number(self))
  local items, newest = json.array {}, {}
  local reverse = range(self, (options.after or 0) + 1, { reverse = true, limit = options.limit })
  for key, item in self.storage:list(reverse) do
    newest[#newest + 1] = { number = number_of(self, key), at = item.at, message = item.message }
  end
  for i = #newest, 1, -1 do items[#items + 1] = newest[i] end
  return items
end

--- Forgets all messages; numbers go on where they were, as long as the room is in memory.
function History:clear()
  local last = last_number(self)
  for key in self.storage:list(range(self, 0)) do self.storage:delete(key) end
  self.last = last
end

return History
