--- patience: how long code may run while it is loaded by those who work on it. A loop that never
--- ends there would stop `partylua dev`, all of its rooms with it; so it becomes an error.
---
--- LuaJIT looks at no hook in what it has compiled, so nothing is compiled meanwhile: that is why
--- `partylua serve`, which is given finished code, does without.

local patience = {}

local LOAD_SECONDS_MAX = 5 -- of processor time: waiting for a slow machine does not count
local STEPS = 100000 -- instructions between two looks at the clock

local clock = os.clock -- not that of a spec
local sethook, gethook = debug.sethook, debug.gethook

--- While something is loaded: when patience ends, and whether the compiler was on before.
local ends_at, is_compiling

local function on_count()
  if clock() < ends_at then return end
  -- Again soon, for code that has caught this one.
  ends_at = clock() + 0.1
  error(("it takes more than %d s to load; is there an endless loop?"):format(LOAD_SECONDS_MAX), 2)
end

local function set_compiling(is_on)
  if is_on then jit.on() else jit.off() end
end

--- Calls a function with a hook, or without any, and the compiler on or off; then all is as before.
local function call_with(hook, is_on, fn, ...)
  local was_on = jit.status()
  local old, mask, count = gethook()
  set_compiling(is_on)
  sethook(hook, "", hook and STEPS)
  local ok, a, b = pcall(fn, ...)
  sethook(old, mask, count)
  set_compiling(was_on)
  if not ok then error(a, 0) end
  return a, b
end

--- Calls code that is loaded; it raises an error when it takes too long. Up to two results.
---@param fn function
function patience.call(fn, ...)
  if ends_at then return fn(...) end
  ends_at, is_compiling = clock() + LOAD_SECONDS_MAX, jit.status()
  local ok, a, b = pcall(call_with, on_count, false, fn, ...)
  ends_at = nil
  if not ok then error(a, 0) end
  return a, b
end

--- Calls what is ours and takes its time, on behalf of such code. Up to two results.
---@param fn function
function patience.pause(fn, ...)
  if not ends_at then return fn(...) end
  local left = ends_at - clock()
  local ok, a, b = pcall(call_with, nil, is_compiling, fn, ...)
  ends_at = clock() + left
  if not ok then error(a, 0) end
  return a, b
end

return patience
