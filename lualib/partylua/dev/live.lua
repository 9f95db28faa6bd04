--- live: what pages hear of while an app is developed: a file has changed, the code is broken.
---
--- A page that holds the script keeps one stream of events open. It lies below a path of the
--- program's own, so that it outlives every reload of the app.

local native = require "partylua.native"
local json = require "partylua.json"
local script = require "partylua.dev.script"

local live = {}

local LISTENERS_MAX = 256
local BEAT_MS = 15000
local BODY_BYTES_MAX = 64 * 1024

--- Streams that are open: each a list of texts to write, and whom to wake.
local listeners, count = {}, 0

--- What is wrong with the code at the moment.
---@type string?
local fault
local is_ended = false

local function event(name, text)
  local lines = { "event: " .. name }
  for line in (text .. "\n"):gmatch "(.-)\n" do lines[#lines + 1] = "data: " .. line end
  return table.concat(lines, "\n") .. "\n\n"
end

local function tell(text)
  for listener in pairs(listeners) do
    listener[#listener + 1] = text
    if listener.wait_id then native.wake(listener.wait_id) end
  end
end

-- The stream ------------------------------------------------------------------------------------

--- Waits for something to write: an event, or the moment to see whether somebody still reads.
local function wait(listener)
  listener.wait_id = native.wait_id "waiting for changes"
  local id = listener.wait_id
  local beat = native.timer(BEAT_MS, false, function()
    listener[#listener + 1] = ": still there\n\n"
    native.wake(id)
  end)
  native.wait(id)
  beat:cancel()
  listener.wait_id = nil
end

local function write_events(exchange, listener)
  while not exchange:is_gone() and not is_ended do
    if #listener == 0 then wait(listener) end
    local text = table.concat(listener)
    for i = #listener, 1, -1 do listener[i] = nil end
    if text ~= "" and not exchange:write(text) then exchange:wait "telling of changes" end
  end
end

local function stream(exchange)
  if count >= LISTENERS_MAX then
    return exchange:respond(503, "", { "content-type", "text/plain" }, "Too many pages listen")
  end
  local listener = { "retry: 500\n\n", event("fault", fault or "") }
  listeners[listener], count = true, count + 1
  exchange:begin(200, "", { "content-type", "text/event-stream", "cache-control", "no-store" })
  local ok, problem = pcall(write_events, exchange, listener)
  listeners[listener], count = nil, count - 1
  if not ok then error(problem, 0) end
  exchange:finish()
end

-- Answers ---------------------------------------------------------------------------------------

local PAGE = [[
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The app does not load</title></head>
<body><script src="/__partylua/live.js"></script><noscript><pre>%s</pre></noscript></body></html>
]]

local function escape(text)
  return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

--- There is no app, since it could not be loaded yet.
local function say_fault(exchange)
  local text = (fault or "The app is being loaded"):sub(1, BODY_BYTES_MAX)
  local wants_page = (exchange:header "accept" or ""):find("text/html", 1, true)
  local kind = wants_page and "text/html;charset=UTF-8" or "text/plain;charset=UTF-8"
  exchange:respond(503, "", { "content-type", kind, "cache-control", "no-store" },
    wants_page and PAGE:format(escape(text)) or text .. "\n")
end

--- Answers what lies below the program's own path, and everything while there is no app.
---@param exchange partylua.native.Exchange
function live.answer(exchange)
  local path = exchange:path()
  if path == "/__partylua/events" and not exchange:is_websocket() then return stream(exchange) end
  if path == "/__partylua/live.js" then
    return exchange:respond(200, "", {
      "content-type", "text/javascript;charset=UTF-8", "cache-control", "no-store",
    }, script)
  end
  if path:find("/__partylua/", 1, true) == 1 then
    return exchange:respond(404, "", { "content-type", "text/plain" }, "Not found")
  end
  say_fault(exchange)
end

-- What pages are told ---------------------------------------------------------------------------

--- Static files have changed: pages load themselves again.
---@param paths string[]
function live.pages_changed(paths)
  tell(event("change", json.encode(json.array(paths))))
end

--- The code is broken, or not any more: pages show it.
---@param text? string
function live.set_fault(text)
  if text == fault then return end
  fault = text
  tell(event("fault", text or ""))
end

--- The server ends: no stream shall keep it.
function live.stop()
  is_ended = true
  tell ""
end

return live
