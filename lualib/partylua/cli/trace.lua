--- trace: calls the user's code; what it raises becomes a message with the user's frames only.

local failure = require "partylua.config.failure"

local trace = {}

local FIRST_FRAMES, LAST_FRAMES = 12, 10 -- shown of a deep stack, as by debug.traceback

--- How many frames there are from `level` of the caller down to the bottom. Asking for a frame
--- takes longer the deeper it is, so an overflown stack is measured by halving.
local function depth(level)
  local below, beyond = 0, 1
  while debug.getinfo(level + beyond, "l") do below, beyond = beyond, beyond * 2 end
  while beyond - below > 1 do
    local middle = math.floor((below + beyond) / 2)
    if debug.getinfo(level + middle, "l") then below = middle else beyond = middle end
  end
  return below
end

--- What an error value says.
local function message_of(err)
  if type(err) == "string" or type(err) == "number" then return tostring(err) end
  local meta = getmetatable(err)
  if type(meta) == "table" and meta.__tostring then
    local ok, text = pcall(tostring, err)
    if ok then return text end
  end
  if failure.is(err) then return err.message end
  return ("(error object is a %s value)"):format(type(err))
end

--- One frame in the words of debug.traceback.
local function frame_text(level)
  local frame = debug.getinfo(level + 1, "Snl")
  local where = frame.currentline > 0 and (":%d"):format(frame.currentline) or ""
  local what = "in function <" .. frame.short_src .. ":" .. frame.linedefined .. ">"
  if frame.what == "main" then
    what = "in main chunk"
  elseif frame.name then
    what = ("in function '%s'"):format(frame.name)
  elseif frame.what == "C" then
    what = "in a function of C"
  end
  return ("\n\t%s%s: %s"):format(frame.short_src, where, what)
end

--- The frames from `level` of the caller down, without the last `ours`. debug.traceback cannot
--- leave frames out, and drops the middle of a deep stack before anybody else could.
local function traceback(level, ours)
  local count = depth(level + 1) - ours
  local lines = { "stack traceback:" }
  for i = 0, count - 1 do
    if count <= FIRST_FRAMES + LAST_FRAMES or i < FIRST_FRAMES or i >= count - LAST_FRAMES then
      lines[#lines + 1] = frame_text(level + 1 + i)
    elseif i == FIRST_FRAMES then
      lines[#lines + 1] = "\n\t..."
    end
  end
  return table.concat(lines)
end

--- What an error of the user's code becomes. An error of nil ends the program in silence, as in
--- the stand-alone interpreter; busted ends that way.
local function failure_of(err, frames)
  if err == nil then return failure.new "" end
  return failure.new(message_of(err) .. "\n" .. frames)
end

--- What came out of xpcall without the handler: LuaJIT skips it when memory is short, and may
--- find too little stack left for it after an overflow.
local function failure_without_frames(text)
  if text == "error in error handling" then return failure.new "stack overflow" end
  return failure.new(tostring(text))
end

--- Calls `code` with arguments and returns its first result. Raises a failure that carries the
--- message and the traceback of the user's frames.
---@param code function
---@return any
function trace.call(code, ...)
  local ours = depth(1) + 1 -- and xpcall
  local ok, result = xpcall(code, function(err)
    return failure_of(err, traceback(2, ours))
  end, ...)
  if ok then return result end
  return error(failure.is(result) and result or failure_without_frames(result), 0)
end

return trace
