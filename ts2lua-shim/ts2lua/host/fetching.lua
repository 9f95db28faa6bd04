--- fetching: `fetch`, over the host's own.

local Request = require "partylua.request"
local convert = require "ts2lua.runtime.convert"
local host_fetch = require "partylua.fetch"
local raise = require "ts2lua.runtime.raise"
local requests = require "ts2lua.runtime.requests"
local responses = require "ts2lua.runtime.responses"
local signals = require "ts2lua.host.signals"
local tasks = require "ts2lua.runtime.tasks"

local fetching = {}

--- What a program gives beside the URL, as the host takes it.
local function host_init(init)
  local made = requests.native_init(init) or {}
  if type(init) == "table" and init.redirect ~= nil then
    made.redirect = convert.to_text(init.redirect)
  end
  return made
end

--- The signal of a fetch: that of its init, else that of its Request.
local function signal_of(input, init)
  local signal = type(init) == "table" and init.signal or nil
  if signal == nil and type(input) == "table" then signal = rawget(input, 6) end
  return signals.check(signal)
end

--- Calls the host; what it refuses or fails at is a TypeError.
local function guarded(fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return result end
  return raise.type_error((tostring(result):gsub("^[^:\n]*:%d+: ", "")))
end

local function run(input, init)
  local signal = signal_of(input, init)
  local made = host_init(init)
  -- A Request keeps what the program's object for it has: the host gets one of its own.
  local request = guarded(Request, requests.native_input(input), made)
  local answer = signals.run(signal, function(host_signal)
    return guarded(host_fetch.fetch, request, { redirect = made.redirect, signal = host_signal })
  end)
  return responses.wrap(answer, signal)
end

--- `fetch(input, init)`
function fetching.fetch(_, input, init)
  return tasks.run(function() return run(input, init) end, true)
end

return fetching
