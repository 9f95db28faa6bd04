--- fault: what went wrong in a hook, in the parts that a log line has.

local native = require "partylua.native"

local fault = {}

---@class partylua.cron.HookFault
---@field message string    without Lua's `file:line:`
---@field place string    file:line; may be empty
---@field stack string

local function text_of(err)
  if type(err) == "table" and type(rawget(err, "message")) == "string" then return err.message end
  local ok, text = pcall(tostring, err)
  return ok and text or "(an error that cannot be shown)"
end

--- The innermost line of the application on the stack.
local function place_on_stack(level)
  local ours = "@" .. native.lualib
  while true do
    local frame = debug.getinfo(level, "Sl")
    if not frame then return "" end
    if frame.currentline > 0 and frame.source:sub(1, #ours) ~= ours then
      return ("%s:%d"):format(frame.short_src, frame.currentline)
    end
    level = level + 1
  end
end

--- A handler for xpcall.
---@param err any
---@return partylua.cron.HookFault
function fault.read(err)
  local text = text_of(err)
  local place, message = text:match "^([^\n]-%.lua:%d+): (.*)$"
  return {
    message = message or text,
    place = place or place_on_stack(3),
    stack = debug.traceback("", 2):sub(2),
  }
end

return fault
