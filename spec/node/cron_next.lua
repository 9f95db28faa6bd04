--- cron_next: answers lines of JSON such as { "expression", "zone", "after", "count" } with the
--- next times, up to "stop" if that is given, or with what is wrong with the expression. Run by
--- cron.test.mjs.

local expression = require "partylua.cron.expression"
local json = require "partylua.json"
local zone = require "partylua.cron.zone"

local function answer(question)
  local read, fault = expression.read(question.expression)
  if not read then return { fault = fault.message } end
  local times, at = json.array {}, question.after
  local in_zone = assert(zone.load(question.zone))
  for i = 1, question.count do
    at = read:next(at, in_zone)
    if not at or at > (question.stop or math.huge) then break end
    times[i] = at
  end
  return { times = times }
end

for line in io.lines() do print(json.encode(answer(json.decode(line)))) end
