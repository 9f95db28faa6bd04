--- fetching: `fetch`, over the host's own.

local AbortController = require "partylua.abort"
local Request = require "partylua.request"
local convert = require "ts2lua.runtime.convert"
local errors = require "ts2lua.runtime.errors"
local host_fetch = require "partylua.fetch"
local null = require "ts2lua.runtime.null"
local raise = require "ts2lua.runtime.raise"
local requests = require "ts2lua.runtime.requests"
local responses = require "ts2lua.runtime.responses"
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

--- The host's signal that follows the program's; and what to call when it need not any more.
local function follow(signal)
  local controller = AbortController()
  local function on_abort() controller:abort(convert.to_text(signal.reason)) end
  signal:addEventListener("abort", on_abort)
  return controller.signal, function() signal:removeEventListener("abort", on_abort) end
end

--- What the host said about a fetch that failed, as the program's error.
local function failure_of(problem, signal)
  if signal and signal.aborted then errors.throw(signal.reason) end
  raise.type_error((tostring(problem):gsub("^[^:\n]*:%d+: ", "")))
end

--- The signal of a fetch: that of its init, else that of its Request.
local function signal_of(input, init)
  local signal = type(init) == "table" and init.signal or nil
  if signal == nil and type(input) == "table" then signal = rawget(input, 6) end
  if signal == nil or signal == null then return nil end
  if type(signal) ~= "table" or not getmetatable(signal).is_abort_signal then
    raise.type_error "fetch: signal is no AbortSignal"
  end
  return signal
end

local function run(input, init)
  local signal = signal_of(input, init)
  if signal then signal:throwIfAborted() end
  local made = host_init(init)
  -- A Request keeps what the program's object for it has: the host gets one of its own.
  local ok, request = pcall(Request, requests.native_input(input), made)
  if not ok then failure_of(request) end
  local options, stop = { redirect = made.redirect }, nil
  if signal then options.signal, stop = follow(signal) end
  local answer
  ok, answer = pcall(host_fetch.fetch, request, options)
  if not ok then
    if stop then stop() end
    failure_of(answer, signal)
  end
  return responses.wrap(answer, signal)
end

--- `fetch(input, init)`
function fetching.fetch(_, input, init)
  return tasks.run(function() return run(input, init) end, true)
end

return fetching
