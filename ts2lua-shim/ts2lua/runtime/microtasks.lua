--- microtasks: what runs when the current piece of a program has ended, before anything else.

local microtasks = {}

--- More tasks than this at once are given back to the collector.
local KEPT_MAX = 256

--- Tasks are tables that are used again: most programs await all the time.
local queue, first, last = {}, 1, 0
local is_draining = false

--- Called with what a microtask threw; the host sets it.
---@type fun(problem: any)
microtasks.on_error = function(problem) error(problem, 0) end

--- Queues `fn(a, b, c, d)`.
function microtasks.add(fn, a, b, c, d)
  last = last + 1
  local task = queue[last]
  if task then
    task.fn, task.a, task.b, task.c, task.d = fn, a, b, c, d
  else
    queue[last] = { fn = fn, a = a, b = b, c = c, d = d }
  end
end

local function run_all()
  while first <= last do
    local task = queue[first]
    first = first + 1
    local fn, a, b, c, d = task.fn, task.a, task.b, task.c, task.d
    task.fn, task.a, task.b, task.c, task.d = nil, nil, nil, nil, nil
    fn(a, b, c, d)
  end
  if last > KEPT_MAX then queue = {} end
  first, last = 1, 0
end

--- Runs what is queued, and what that queues. The host calls it behind every call into a program.
function microtasks.drain()
  if is_draining or last == 0 then return end
  is_draining = true
  while first <= last do
    local ok, problem = pcall(run_all)
    if not ok then microtasks.on_error(problem) end
  end
  is_draining = false
end

return microtasks
