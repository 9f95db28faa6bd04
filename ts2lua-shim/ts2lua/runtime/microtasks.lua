--- microtasks: what runs when the current piece of a program has ended, before anything else.

local microtasks = {}

local queue, first, last = {}, 1, 0
local is_draining = false

--- Called with what a microtask threw; the host sets it.
---@type fun(problem: any)
microtasks.on_error = function(problem) error(problem, 0) end

--- Queues `fn(a, b, c)`.
function microtasks.add(fn, a, b, c)
  last = last + 1
  queue[last] = { fn, a, b, c }
end

local function run_all()
  while first <= last do
    local task = queue[first]
    queue[first] = nil
    first = first + 1
    task[1](task[2], task[3], task[4])
  end
  first, last = 1, 0
end

--- Runs what is queued, and what that queues. The host calls it behind every call into a program.
function microtasks.drain()
  if is_draining then return end
  is_draining = true
  while first <= last do
    local ok, problem = pcall(run_all)
    if not ok then microtasks.on_error(problem) end
  end
  is_draining = false
end

return microtasks
