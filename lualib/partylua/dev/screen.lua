--- screen: what `partylua dev` writes: the lines at the beginning, requests, joins, errors.

local advice = require "partylua.dev.advice"
local excerpt = require "partylua.dev.excerpt"
local fs = require "partylua.fs"
local json = require "partylua.json"
local native = require "partylua.native"
local output = require "partylua.cli.output"

local screen = {}

local COLOURS = { error = "31", warn = "33", good = "32", faint = "2", strong = "1", debug = "2" }
local INDENT = "          " -- as wide as the clock and what follows it

local is_coloured = fs.is_terminal(1) and not os.getenv "NO_COLOR"
local rank = { error = 1, warn = 2, info = 3, debug = 4 }
local level = "info"
local is_quiet = false

--- Connections by room, so that lines can say how many there are.
local counts = {}

local function paint(text, colour)
  return is_coloured and ("\027[%sm%s\027[0m"):format(COLOURS[colour], text) or text
end

local write = native.say

local function clock()
  return paint(os.date "%H:%M:%S", "faint") .. "  "
end

--- Text of several lines, each moved to the right.
local function indented(text)
  return INDENT .. text:gsub("\n", "\n" .. INDENT)
end

-- The beginning -----------------------------------------------------------------------------

local KEYS = "[b] browser  %s[r] restart  [l] log level  [c] clear  [x] exit"

---@class partylua.dev.Ready
---@field ms number
---@field url string
---@field network string[]    URLs
---@field inspector? string   URL
---@field storage string
---@field parties { name: string, file: string }[]
---@field crons { name: string, definition: string, next_ms: number }[]
---@field has_pages boolean

local function field(name, value)
  return ("  %-10s %s\n"):format(name, value)
end

local function next_time(ms)
  if ms == math.huge then return "never" end
  return "next " .. os.date("!%Y-%m-%d %H:%M UTC", math.floor(ms / 1000))
end

local function ready_fields(ready)
  local lines = { field("Local", paint(ready.url .. (ready.has_pages and "/" or ""), "strong")) }
  local function add(name, value) lines[#lines + 1] = field(name, value) end
  if ready.has_pages then add("Rooms", ready.url .. "/parties/main/:room") end
  if not ready.has_pages then lines[1] = field("Local", ready.url .. "/parties/main/:room") end
  for _, url in ipairs(ready.network) do add("Network", url) end
  if #ready.network == 0 then add("Network", "use --host 0.0.0.0 to expose") end
  if ready.inspector then add("Inspector", ready.inspector) end
  add("Storage", ready.storage)
  local parties = {}
  for i, party in ipairs(ready.parties) do
    parties[i] = ("%s (%s)"):format(party.name, party.file)
  end
  if #parties > 0 then add("Parties", table.concat(parties, ", ")) end
  for i, cron in ipairs(ready.crons) do
    add(i == 1 and "Crons" or "", ("%s  %s  %s"):format(cron.name, cron.definition,
      next_time(cron.next_ms)))
  end
  return table.concat(lines)
end

--- The lines that say that it serves, and where.
---@param ready partylua.dev.Ready
---@param version string
function screen.ready(ready, version)
  write(("%s %s   %s\n\n%s\n"):format(paint("partylua", "strong"), version,
    paint(("ready in %d ms"):format(math.floor(ready.ms + 0.5)), "good"), ready_fields(ready)))
end

--- The line of hot keys.
---@param has_inspector boolean
function screen.keys(has_inspector)
  write("  " .. paint(KEYS:format(has_inspector and "[i] inspector  " or ""), "faint") .. "\n\n")
end

--- Empties the terminal.
function screen.clear()
  write "\027[2J\027[3J\027[H"
end

-- Lines of our own ------------------------------------------------------------------------------

--- From now on what would be shown is logged.
function screen.be_quiet()
  is_quiet = true
end

---@param text string
---@param colour? string    "good", "error", "warn", "faint"
function screen.say(text, colour)
  if is_quiet then return native.log(colour == "warn" and "warn" or "info", "dev", text) end
  write(clock() .. (colour and paint(text, colour) or text) .. "\n")
end

--- A message of several lines, with the source it speaks of.
---@param text string     the first line
---@param problem { message: string, hint?: string }
---@param directory string
function screen.fault(text, problem, directory)
  if is_quiet then
    return native.log("error", "dev", text,
      { "err", problem.message, "hint", problem.hint or "" })
  end
  local body = excerpt.add(problem.message, directory)
  if problem.hint and problem.hint ~= "" then body = body .. "\nhint: " .. problem.hint end
  write(clock() .. paint(text, "error") .. "\n" .. indented(output.printable_lines(body)) .. "\n")
end

-- What happens ----------------------------------------------------------------------------------

local function count_of(event, change)
  local key = event.party .. "/" .. event.room
  local count = (counts[key] or 0) + change
  counts[key] = count > 0 and count or nil
  return count
end

local function say_open(event)
  screen.say(("%s/%s  %s joined (%d)"):format(output.printable(event.party),
    output.printable(event.room), output.printable(event.conn), count_of(event, 1)))
end

local function say_close(event)
  screen.say(("%s/%s  %s left (%d)  %d %s"):format(output.printable(event.party),
    output.printable(event.room), output.printable(event.conn), math.max(count_of(event, -1), 0),
    event.code, output.printable(event.reason or "")))
end

local function colour_of(status)
  if status >= 500 then return "error" end
  return status >= 400 and "warn" or "good"
end

local function say_request(event)
  local path = event.url:match "^%w+://[^/]*(.*)$" or event.url
  if path:find("/__partylua/", 1, true) == 1 then return end
  screen.say(("%-4s %-36s %s  %6.1f ms"):format(output.printable(event.method),
    output.printable(path), paint(tostring(event.status), colour_of(event.status)), event.ms))
end

local HIDDEN = { ts = true, level = true, topic = true, msg = true, type = true, time = true }

--- The fields of a line of the log as words.
local function fields_of(event)
  local names, words = {}, {}
  for name in pairs(event) do
    if not HIDDEN[name] then names[#names + 1] = name end
  end
  table.sort(names)
  for i, name in ipairs(names) do
    words[i] = ("%s=%s"):format(name, output.printable(tostring(event[name])))
  end
  return #words > 0 and "  " .. table.concat(words, " ") or ""
end

--- A hook that has failed: where, with the line of source and what may be meant.
local function say_hook_failure(event)
  local where = event.room and ("%s/%s "):format(event.party, event.room) or ""
  local who = event.conn and (" (%s)"):format(event.conn) or ""
  local text = ("%s%s failed%s"):format(where, event.hook, who)
  local lines = { ("%s: %s"):format(event.at or "?", event.err) }
  local number = tonumber((event.at or ""):match ":(%d+)$")
  if number and event.source then
    lines[2] = excerpt.draw(number, event.source, event.err)
  end
  local meant = advice.of(event.err, event.source or "")
  if meant then lines[#lines + 1] = "hint: " .. meant end
  write(clock() .. paint(output.printable(text), "error") .. "\n"
    .. indented(output.printable_lines(table.concat(lines, "\n"))) .. "\n")
end

local function say_log(event)
  if (rank[event.level] or 1) > rank[level] then return end
  if event.msg == "hook failed" and event.hook then return say_hook_failure(event) end
  local text = ("%s: %s%s"):format(event.topic, output.printable(event.msg), fields_of(event))
  screen.say(text, event.level ~= "info" and event.level or nil)
end

local SAY = { open = say_open, close = say_close, request = say_request }

--- Writes what has happened: lines of a tap, each a JSON object.
---@param lines string
function screen.events(lines)
  for line in lines:gmatch "[^\n]+" do
    local event = json.tryDecode(line)
    local record = event and (event.log or not SAY[event.type] and event)
    if record then
      say_log(record)
    elseif event and rank[level] >= 3 then
      SAY[event.type](event)
    end
  end
end

--- The next level of the log; gives its name.
---@return string
function screen.next_level()
  local order = { info = "debug", debug = "error", error = "warn", warn = "info" }
  level = order[level]
  return level
end

--- The level in force.
---@return string
function screen.level()
  return level
end

---@param name string
function screen.set_level(name)
  level = name
end

return screen
