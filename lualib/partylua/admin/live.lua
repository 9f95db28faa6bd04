--- live: what happens, as it happens: lines of JSON without an end.

local answer = require "partylua.admin.answer"
local async = require "partylua.async"
local native = require "partylua.native"

local live = {}

-- A reader that has gone is noticed when something is written: so often, at least.
local BEAT_SECONDS = 2

local TOPICS = { messages = true, connections = true, requests = true, log = true }

local function topics_of(text)
  local topics, count = {}, 0
  for name in (text or "connections,requests,log"):gmatch "[^,]+" do
    if not TOPICS[name] then
      answer.fail(400, ("there is no topic '%s'; there are connections, log, messages and requests")
        :format(name))
    end
    topics[name], count = true, count + 1
  end
  if count == 0 then answer.fail(400, "no topic is named") end
  return topics
end

local function write_lines(exchange, tap)
  while not exchange:is_gone() do
    local lines = tap:take()
    if lines == "" then
      tap:wait()
    elseif not exchange:write(lines) then
      exchange:wait "looking on"
    end
  end
end

--- Writes lines until the reader goes.
function live.tail(exchange)
  local query = answer.query(exchange)
  local topics = topics_of(query.topics)
  local tap = native.tap(topics, query.party or "", query.room or "")
  exchange:begin(200, "", { "content-type", "application/x-ndjson", "cache-control", "no-store" })
  exchange:write "\n" -- the head leaves with it, so that the reader knows that it is heard
  local beat = async.every(BEAT_SECONDS, function() tap:beat() end)
  local ok, problem = pcall(write_lines, exchange, tap)
  beat:cancel()
  tap:close()
  if not ok then error(problem, 0) end
end

return live
