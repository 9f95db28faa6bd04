--- tail: `partylua tail`: what happens in a server, as it happens.

local failure = require "partylua.config.failure"
local hint = require "partylua.hint"
local json = require "partylua.json"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local server = require "partylua.cli.server"
local tail_line = require "partylua.cli.tail_line"

local tail = { summary = "print requests, connections, messages and the log of a running server" }

local FORMATS = { "pretty", "json" }
local DAY_MS = 24 * 3600 * 1000

local function build_parser()
  local made = server.parser("tail", "", "Print what happens in a running server, until it is "
    .. "interrupted or the server ends: requests, connections, and lines of the log.")
  made:option("--format", "form of the lines: pretty, json (default: pretty)"):argname "WORD"
    :default "pretty"
  made:option("--party", "only what concerns this party"):argname "PARTY"
  made:option("--room", "only what concerns this room; needs --party"):argname "ROOM"
  made:flag("--messages", "also messages that come and go")
  made:option("--status", "only requests with this status, such as 404 or 5xx; repeatable")
    :argname("STATUS"):count "*"
  made:option("--method", "only requests with this method; repeatable"):argname("METHOD"):count "*"
  made:option("--search", "only lines that hold this text"):argname "TEXT"
  made:option("--limit", "end after so many lines"):argname "N"
  return made
end

function tail.help()
  return build_parser():get_help()
end

local function check(result)
  if result.format ~= "pretty" and result.format ~= "json" then
    failure.raise(('--format must be one of pretty, json, not "%s"'):format(result.format),
      hint.did_you_mean(result.format, FORMATS))
  end
  if result.room and not result.party then failure.raise "tail: --room needs --party" end
  for _, status in ipairs(result.status) do
    if not status:lower():find "^[1-5][%dx][%dx]$" then
      failure.raise(('--status must be a number such as 404, or 4xx, not "%s"'):format(status))
    end
  end
  if result.limit and not result.limit:find "^[1-9]%d*$" then
    failure.raise(('--limit must be a whole number from 1 on, not "%s"'):format(result.limit))
  end
end

--- Whether one of the wanted is this; none wanted is any.
local function is_one_of(wanted, is_this)
  if #wanted == 0 then return true end
  for _, each in ipairs(wanted) do
    if is_this(each) then return true end
  end
  return false
end

local function has_status(event, wanted)
  local pattern = "^" .. wanted:lower():gsub("x", "%%d") .. "$"
  return tostring(event.status):find(pattern) ~= nil
end

--- Whether a line is wanted. A question about requests leaves out what is none.
local function is_wanted(result, event, text)
  if result.search and not text:find(result.search, 1, true) then return false end
  if #result.status == 0 and #result.method == 0 then return true end
  return event.type == "request"
    and is_one_of(result.status, function(status) return has_status(event, status) end)
    and is_one_of(result.method, function(method) return event.method == method:upper() end)
end

local function lines_of(running, result)
  local topics = "connections,requests,log" .. (result.messages and ",messages" or "")
  return running:send("GET", server.path("/api/tail", {
    topics = topics, party = result.party, room = result.room,
  }), nil, DAY_MS):lines()
end

---@param args string[]
function tail.run(args)
  local result = parser.parse(build_parser(), "tail", args)
  if not result then return end
  check(result)
  local left = tonumber(result.limit) or math.huge
  for text in lines_of(server.get(result), result) do
    local event, message = json.tryDecode(text)
    if not message and is_wanted(result, event, text) then
      output.write(result.format == "json" and text or tail_line.format(event), "\n")
      output.finish()
      left = left - 1
      if left == 0 then return end
    end
  end
end

return tail
