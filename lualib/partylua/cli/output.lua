--- output: what a command prints, and that it arrives.

local failure = require "partylua.config.failure"

local output = {}

local EPIPE = 32

local function check(ok, message, errno)
  if ok then return end
  -- Whoever reads has seen enough (`| head`): there is nobody to complain to.
  if errno == EPIPE then failure.raise "" end
  failure.raise("cannot write the output: " .. tostring(message))
end

--- Prints text. Ends the command when nobody can read it.
---@param ... string
function output.write(...)
  check(io.stdout:write(...))
end

--- Waits until all of it is written. A command that is read by others succeeds only then.
function output.finish()
  check(io.stdout:flush())
end

--- Text from strangers as one word for a terminal: what it would obey is shown in hexadecimal.
---@param text string
---@return string
function output.printable(text)
  local is_utf8 = require("partylua.native").utf8_valid(text)
  local shown = text:gsub(is_utf8 and "[%c\127]" or "[%c\127-\255]", function(byte)
    return ("\\x%02x"):format(byte:byte())
  end)
  return (shown:gsub("\194([\128-\159])", function(byte)
    return ("\\xc2\\x%02x"):format(byte:byte())
  end))
end

--- The same for text of several lines.
---@param text string
---@return string
function output.printable_lines(text)
  return (text:gsub("[^\n]+", output.printable))
end

return output
