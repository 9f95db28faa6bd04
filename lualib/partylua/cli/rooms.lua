--- rooms: `partylua rooms [PARTY]`: the rooms that have stored something, from the data folder.

local folder = require "partylua.cli.folder"
local native = require "partylua.native"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local pages = require "partylua.cli.pages"
local parser = require "partylua.cli.parser"
local record = require "partylua.storage.record"

local rooms = { summary = "list the rooms that have stored something" }

-- A million rooms are printed as they are read, so the first ones decide how wide a column is.
local MEASURED_ROWS = 200

local function build_parser()
  local made = folder.parser("rooms", " [PARTY]",
    "List the rooms that have stored something, in the order of their names.")
  made:argument("party", "only rooms of this party"):argname("PARTY"):args "?"
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

local HEADINGS = { "PARTY", "ROOM", "ENTRIES", "STORAGE", "ALARM" }
local IS_NUMBER = { false, false, true, true, false }

local function cells_of(party, id, room, entries, bytes)
  return {
    output.printable(party), output.printable(id), ("%d"):format(entries), size_text(bytes),
    alarm_text(room, native.now()),
  }
end

local function width_of(text)
  return #text:gsub("[\128-\191]", "") -- characters of UTF-8
end

local function widths_of(rows)
  local widths = {}
  for _, cells in ipairs(rows) do
    for i, cell in ipairs(cells) do widths[i] = math.max(widths[i] or 0, width_of(cell)) end
  end
  return widths
end

local function print_row(cells, widths)
  local padded = {}
  for i, cell in ipairs(cells) do
    local space = (" "):rep(i < #cells and widths[i] - width_of(cell) or 0)
    padded[i] = IS_NUMBER[i] and space .. cell or cell .. space
  end
  output.write(table.concat(padded, "   "), "\n")
end

local function print_table(next_room)
  local rows, widths = { HEADINGS }, nil
  local function print_rows()
    widths = widths or widths_of(rows)
    for _, cells in ipairs(rows) do print_row(cells, widths) end
    rows = {}
  end
  for party, id, room, entries, bytes in next_room do
    rows[#rows + 1] = cells_of(party, id, room, entries, bytes)
    if widths or #rows > MEASURED_ROWS then print_rows() end
  end
  print_rows()
end

local function print_lines(next_room)
  for party, id, room, entries, bytes in next_room do
    local line = record.room(party, id, room, entries)
    line.bytes, line.created = bytes, room.created
    output.write(ordered.encode(line), "\n")
  end
end

---@param args string[]
function rooms.run(args)
  local result = parser.parse(build_parser(), "rooms", args)
  if not result then return end
  local store = folder.open(result, true)
  local print_them = result.json and print_lines or print_table
  print_them(pages.rooms(store, result.party))
  output.finish()
  store:close()
end

return rooms
