--- import: `partylua storage import`: what `export` has printed, into a room.
---
--- Everything is written beside the room and then takes its place, so that it counts as a whole or
--- not at all, and a bounded part of it is in memory.

local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local lines = require "partylua.cli.lines"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local record = require "partylua.storage.record"
local room = require "partylua.cli.storage.room"

local import = { summary = "read what 'export' has printed into a room" }

-- A value that was stored fits again, though its tables may come out of the text in another order
-- and take more bytes than the limit of a put. As text it takes six bytes for one at most.
local VALUE_BYTES_MAX = 1024 * 1024
local LINE_BYTES_MAX = 8 * 1024 * 1024
local BATCH_BYTES = 4 * 1024 * 1024
local ENTRY_BYTES = 64 -- what one takes in memory beside its own bytes

local NOTHING = "nothing was changed"

local function build_parser()
  local made = room.parser("import", " [FILE]",
    "Read lines of JSON, as 'export' prints them, into a room that has stored nothing. A line that "
    .. "is broken is named, and nothing is changed then.")
  made:argument("file", "standard input, if left out or '-'"):argname("FILE"):args "?"
  made:mutex(
    made:flag("--replace", "delete what the room has stored before"),
    made:flag("--merge", "keep what the room has stored under other keys"))
  return made
end

function import.help()
  return build_parser():get_help()
end

--- One import under way.
local Import = {}
Import.__index = Import

local function begin(result, source, store)
  local party, id = room.of(result)
  folder.check(store:stage_begin(party, id, result.merge or false))
  return setmetatable({
    source = source, store = store, writes = {}, size = 0, count = 0,
    alarm = result.replace and { due = 0 } or nil,
  }, Import)
end

function Import:flush()
  folder.check(self.store:stage_add(self.writes))
  self.writes, self.size = {}, 0
end

function Import:take_head(head)
  if self.source.number > 1 then
    self.source:fail("a head stands in the first line only", NOTHING)
  end
  self.expected = head.entries
  self.has_head = true
  self.alarm = head.alarm or self.alarm
end

function Import:take_entry(entry)
  local at = #self.writes
  self.writes[at + 1], self.writes[at + 2] = entry.key, entry.bytes
  self.count = self.count + 1
  self.size = self.size + #entry.key + #entry.bytes + ENTRY_BYTES
  if self.size >= BATCH_BYTES then self:flush() end
end

function Import:take(line)
  local found, message = record.read(line, VALUE_BYTES_MAX)
  if not found then return self.source:fail(message, NOTHING) end
  if found.head then return self:take_head(found.head) end
  return self:take_entry(found)
end

--- A file that was cut at the end of a line looks whole: the head knows better. And one that is
--- empty was meant to be something else.
function Import:check_end()
  if self.expected and self.count ~= self.expected then
    failure.raise(("%s has %d entries, and its head says %d"):format(self.source.name, self.count,
      self.expected), NOTHING)
  end
  if self.count == 0 and not self.has_head then
    failure.raise(("%s has no entries"):format(self.source.name), NOTHING)
  end
end

function Import:run()
  for line in self.source.next, self.source do
    if line:find "%S" then self:take(line) end
  end
  self:check_end()
  self:flush()
  folder.check(self.store:stage_place(self.alarm))
end

local function check_target(result, store)
  if result.replace or result.merge or not store:room(room.of(result)) then return end
  failure.raise(room.name(result) .. " has stored something already",
    "--replace deletes that first, --merge keeps what is under other keys")
end

---@param args string[]
function import.run(args)
  local result = parser.parse(build_parser(), "storage import", args)
  if not result then return end
  room.of(result)
  local source = lines.open(result.file ~= "-" and result.file or nil, LINE_BYTES_MAX)
  local store = folder.open_room(result, true)
  check_target(result, store)
  local under_way = begin(result, source, store)
  local ok, failed = pcall(under_way.run, under_way)
  store:close() -- also drops what was written beside the room
  if not ok then error(failed, 0) end
  output.write(("imported %d %s into %s\n"):format(under_way.count,
    under_way.count == 1 and "entry" or "entries", room.name(result)))
  output.finish()
end

return import
