--- shrink: leaves steps out of a script for as long as it goes on failing.

local shrink = {}

local function without(script, first, last)
  local rest = {}
  for i, step in ipairs(script) do
    if i < first or i > last then rest[#rest + 1] = step end
  end
  return rest
end

--- One pass over the script with pieces of a size; gives the script that is left.
local function pass(script, size, fails)
  local at = 1
  while at <= #script do
    local shorter = without(script, at, math.min(at + size - 1, #script))
    local verdict = #shorter > 0 and fails(shorter)
    if verdict == nil then return script, true end
    if verdict then script = shorter else at = at + size end
  end
  return script, false
end

local function replaced(script, at, steps)
  local other = {}
  for i, step in ipairs(script) do
    if i ~= at then other[#other + 1] = step end
    for _, each in ipairs(i == at and steps or {}) do other[#other + 1] = each end
  end
  return other
end

--- What else a step that does several things together may be: those things one by one, or fewer
--- of them.
local function variants(step)
  local list = { step.steps }
  for i = 1, #step.steps do
    local fewer = without(step.steps, i, i)
    list[#list + 1] = #fewer == 1 and fewer or { { "together", steps = fewer } }
  end
  return list
end

--- The first simpler script of those, if it fails.
local function simplify(script, fails)
  for at, step in ipairs(script) do
    for _, steps in ipairs(step.steps and variants(step) or {}) do
      local other = replaced(script, at, steps)
      if fails(other) then return other end
    end
  end
end

local function leave_out(script, fails)
  local size, is_over = math.max(1, math.floor(#script / 2)), false
  while not is_over do
    local before = #script
    script, is_over = pass(script, size, fails)
    if size == 1 and #script == before then break end
    size = math.max(1, math.floor(math.min(size, #script) / 2))
  end
  return script
end

--- A shorter script that fails: halves are left out first, then smaller pieces, then single steps,
--- until none can be spared. `fails` gives true, false, or nil when there is no time left.
---@param script partylua.testing.Step[]
---@param fails fun(script: partylua.testing.Step[]): boolean?
---@return partylua.testing.Step[]
function shrink.run(script, fails)
  local simpler = script
  repeat
    script = leave_out(simpler, fails)
    simpler = simplify(script, fails)
  until not simpler
  return script
end

return shrink
