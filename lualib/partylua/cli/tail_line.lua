--- tail_line: an event of a server as a line for people.

local fs = require "partylua.fs"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"

local tail_line = {}

local TEXT_BYTES_MAX = 200

local is_terminal = fs.is_terminal(1)

local function coloured(code, text)
  return is_terminal and ("\27[%sm%s\27[0m"):format(code, text) or text
end

local function short(text)
  if #text <= TEXT_BYTES_MAX then return output.printable(text) end
  return output.printable(text:sub(1, TEXT_BYTES_MAX):gsub("[\192-\255][\128-\191]*$", "")) .. "…"
end

local function place(event)
  return output.printable(("%s/%s"):format(event.party or "-", event.room or "-"))
end

local formats = {}

function formats.request(event)
  local colour = event.status >= 500 and "31" or event.status >= 400 and "33" or "32"
  return ("%-7s %s  %s  %.1f ms"):format(event.method, short(event.url),
    coloured(colour, event.status), event.ms)
end

function formats.open(event)
  return ("open    %s  %s"):format(place(event), output.printable(event.conn))
end

function formats.close(event)
  return ("close   %s  %s  %d %s"):format(place(event), output.printable(event.conn), event.code,
    short(event.reason))
end

local WAYS = { ["in"] = "<-", out = "->", broadcast = "=>" }

function formats.message(event)
  local who = event.conn or ("%d connections"):format(event.receivers or 0)
  local what = event.text and short(event.text) or "binary " .. short(event.hex or "")
  return ("%s      %s  %s  %d B  %s"):format(WAYS[event.way] or "--", place(event),
    output.printable(who), event.size, what)
end

function formats.lost(event)
  return coloured("33", ("(%d lines were lost: they came too fast)"):format(event.count))
end

local SHOWN = { ts = true, level = true, topic = true, msg = true }
local LEVELS = { error = "31", warn = "33", info = "0", debug = "2" }

function formats.log(event)
  local log, names, pieces = event.log, {}, {}
  for name in pairs(log) do
    if not SHOWN[name] then names[#names + 1] = name end
  end
  table.sort(names)
  for i, name in ipairs(names) do
    local value = log[name]
    pieces[i] = output.printable(name) .. "="
      .. (type(value) == "string" and short(value) or ordered.encode(value))
  end
  return ("%-7s %s: %s %s"):format(coloured(LEVELS[log.level] or "0", log.level), log.topic,
    short(log.msg), table.concat(pieces, " "))
end

--- One line, without its end.
---@param event table    of /api/tail
---@return string
function tail_line.format(event)
  local format = formats[event.type]
  local text = format and format(event) or ordered.encode(event)
  if not event.time then return text end
  return os.date("%H:%M:%S  ", event.time / 1000) .. text
end

return tail_line
