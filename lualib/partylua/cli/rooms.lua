--- rooms: `partylua rooms [PARTY]`: the rooms that are awake or have stored something.
---
--- With a server, what is in its memory comes from it; what is stored is read from the data folder,
--- with a server and without one.

local columns = require "partylua.cli.columns"
local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local live = require "partylua.cli.live_rooms"
local native = require "partylua.native"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local pages = require "partylua.cli.pages"
local parser = require "partylua.cli.parser"
local record = require "partylua.storage.record"
local server = require "partylua.cli.server"

local rooms = { summary = "list the rooms that are awake, or have stored something" }

-- A million rooms are printed as they are read, so the first ones decide how wide a column is.
local MEASURED_ROWS = 200

local function build_parser()
  local made = folder.parser("rooms", " [PARTY]",
    "List rooms in the order of their names: those that have stored something, and, when a server "
    .. "runs, those in its memory.")
  made:argument("party", "only rooms of this party"):argname("PARTY"):args "?"
  made:flag("--live", "only rooms in the memory of the server")
  made:option("--search", "only rooms whose id holds this text"):argname "TEXT"
  made:flag("--json", "a line of JSON for each, with exact names and figures")
  return made
end

function rooms.help()
  return build_parser():get_help()
end

local SIZES = { "kB", "MB", "GB", "TB" }

local function size_text(bytes)
  if bytes < 1000 then return ("%d B"):format(bytes) end
  local unit = 0
  repeat bytes, unit = bytes / 1000, unit + 1 until bytes < 999.95 or unit == #SIZES
  return ("%.1f %s"):format(bytes, SIZES[unit])
end

local TIMES = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } }

local function alarm_text(room, now)
  if not room.due then return "-" end
  local seconds = math.ceil((room.attempt - now) / 1000)
  local text = "due"
  for _, unit in ipairs(TIMES) do
    if seconds >= unit[1] then
      text = ("in %d %s"):format(math.floor(seconds / unit[1]), unit[2])
      break
    end
  end
  if room.retries == 0 then return text end
  return ("%s (failed %d times)"):format(text, room.retries)
end

--- 2410.4 as "2,410".
local function rate_text(rate)
  if rate < 1000 then return ("%.1f"):format(rate) end
  local text = ("%d"):format(rate):reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (text:gsub("^,", ""))
end

local STORED = {
  headings = { "PARTY", "ROOM", "ENTRIES", "STORAGE", "ALARM" },
  is_number = { false, false, true, true, false },
}

function STORED.cells(row)
  return {
    output.printable(row.party), output.printable(row.id), ("%d"):format(row.entries),
    size_text(row.bytes), alarm_text(row.room, native.now()),
  }
end

local LIVE = {
  headings = { "PARTY", "ROOM", "STATE", "CONNS", "MSG/S", "STORAGE", "ALARM" },
  is_number = { false, false, false, true, true, true, false },
}

function LIVE.cells(row)
  local found = row.live
  return {
    output.printable(row.party), output.printable(row.id), found and found.state or "stored",
    ("%d"):format(found and found.connections or 0), rate_text(found and found.rate or 0),
    size_text(row.bytes), alarm_text(row.room, native.now()),
  }
end

local function print_table(next_row, kind)
  local rows, widths = { kind.headings }, nil
  local function print_rows()
    widths = widths or columns.widths(rows)
    for _, cells in ipairs(rows) do columns.print_row(cells, widths, kind.is_number) end
    rows = {}
  end
  for row in next_row do
    rows[#rows + 1] = kind.cells(row)
    if widths or #rows > MEASURED_ROWS then print_rows() end
  end
  print_rows()
end

local function print_lines(next_row)
  for row in next_row do
    local line = record.room(row.party, row.id, row.room, row.entries)
    line.bytes, line.created = row.bytes, row.room.created
    if row.live then
      line.state, line.connections = row.live.state, row.live.connections
      line.rate = row.live.rate
    end
    output.write(ordered.encode(line), "\n")
  end
end

--- Rows of what is stored.
local function stored_rows(store, party)
  local next_room = store and pages.rooms(store, party) or function() end
  return function()
    local name, id, room, entries, bytes = next_room()
    if name then return { party = name, id = id, room = room, entries = entries, bytes = bytes } end
  end
end

local function matching(next_row, result)
  return function()
    for row in next_row do
      local is_found = not result.search or row.id:find(result.search, 1, true)
      if is_found and (row.live or not result.live) then return row end
    end
  end
end

--- The store, for whoever has one: a server may keep nothing.
local function open(result, running)
  if not running then return (folder.open(result, true)) end
  local settings = folder.any_settings(result)
  if settings.persist == false then return nil end
  return (folder.open(result, true))
end

---@param args string[]
function rooms.run(args)
  local result = parser.parse(build_parser(), "rooms", args)
  if not result then return end
  local running = server.find(folder.any_settings(result).data)
  if result.live and not running then
    failure.raise("no server runs, so no room is in memory", "leave out --live")
  end
  local store = open(result, running)
  local next_row = stored_rows(store, result.party)
  if running then next_row = live.merge(running, store, result.party, next_row) end
  next_row = matching(next_row, result)
  if result.json then
    print_lines(next_row)
  else
    print_table(next_row, running and LIVE or STORED)
  end
  output.finish()
  if store then store:close() end
end

return rooms
