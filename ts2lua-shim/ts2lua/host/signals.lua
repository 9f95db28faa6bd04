--- signals: AbortSignals of programs, for what the host waits for.

local AbortController = require "partylua.abort"
local convert = require "ts2lua.runtime.convert"
local errors = require "ts2lua.runtime.errors"
local null = require "ts2lua.runtime.null"
local raise = require "ts2lua.runtime.raise"

local signals = {}

--- Is there a signal? Raises for what is none.
---@param value any
---@return table?
function signals.check(value)
  if value == nil or value == null then return nil end
  if type(value) ~= "table" or not getmetatable(value).is_abort_signal then
    raise.type_error "signal must be an AbortSignal"
  end
  return value
end

--- Runs `fn(signal)` with a signal of the host that follows the program's, if there is one; raises
--- the reason when it was aborted before or meanwhile.
---@param signal? table
---@param fn fun(signal?: partylua.AbortSignal): any
---@return any
function signals.run(signal, fn)
  if not signal then return fn(nil) end
  signal:throwIfAborted()
  local controller = AbortController()
  local function on_abort() controller:abort(convert.to_text(signal.reason)) end
  signal:addEventListener("abort", on_abort)
  local ok, result = pcall(fn, controller.signal)
  if ok then return result end
  signal:removeEventListener("abort", on_abort)
  if signal.aborted then errors.throw(signal.reason) end
  return error(result, 0)
end

return signals
