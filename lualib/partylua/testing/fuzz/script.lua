--- script: steps written down as the Lua of a spec.

local binary = require "partylua.binary"
local show = require "partylua.testing.show"

local script = {}

local write = {}

local function room_text(step)
  if step.party then return ("app:room(%q, %q)"):format(step.room, step.party) end
  return ("app:room(%q)"):format(step.room)
end

local function message_text(message)
  if type(message) ~= "table" then return (":send(%s)"):format(show.value(message)) end
  if binary.is(message) then return (":sendBinary(%q)"):format(message.bytes) end
  return (":sendJson(%s)"):format(show.value(message))
end

local function number_text(number)
  return number == math.huge and "math.huge" or tostring(number)
end

function write.connect(step)
  local options = { id = step.client }
  for key, value in pairs(step.options or {}) do options[key] = value end
  return ("%s = %s:connect(%s)"):format(step.client, room_text(step), show.value(options))
end

function write.send(step) return step.client .. message_text(step.message) end

function write.together(step)
  local lines = {}
  for i, each in ipairs(step.steps) do lines[i] = "  " .. script.text(each) end
  return ("app:together(function()\n%s\nend)"):format(table.concat(lines, "\n"))
end

function write.close(step) return step.client .. ":close(1000)" end
function write.drop(step) return step.client .. ":drop()" end

function write.fetch(step)
  local arguments = show.value(step.path or "")
  if step.init then arguments = arguments .. ", " .. show.value(step.init) end
  return ("%s:fetch(%s)"):format(room_text(step), arguments)
end

function write.hibernate(step) return room_text(step) .. ":hibernate()" end
function write.crash() return "app:crash()" end
function write.restart() return "app:restart()" end
function write.advance(step) return ("app:advance(%s)"):format(number_text(step.seconds)) end

function write.jumpClock(step) return ("app:jumpClock(%d)"):format(step.seconds) end

function write.failCommits(step)
  return ("app:failCommits(%d%s)"):format(step.count, step.kept and ", { kept = true }" or "")
end

function write.slowCommits(step)
  return ("app:slowCommits(%s)"):format(number_text(step.seconds))
end

write["do"] = function(step)
  return ("actions[%q](world, %s)"):format(step.name, show.value(step.argument))
end

--- A step as Lua.
---@param step partylua.testing.Step
---@return string
function script.text(step)
  return write[step[1]](step)
end

--- The names of the clients that are connected, in that order.
local function add_clients(steps, names, seen)
  for _, step in ipairs(steps) do
    if step.steps then add_clients(step.steps, names, seen) end
    if step[1] == "connect" and not seen[step.client] then
      seen[step.client] = true
      names[#names + 1] = step.client
    end
  end
end

--- What a spec has given may be functions, which cannot be written down.
local function options_text(options, given)
  if not given or next(given) == nil then return ("{ seed = %d }"):format(options.seed) end
  return ("options --[[ with seed = %d ]]"):format(options.seed)
end

--- All steps, as they can be pasted into a spec.
---@param steps partylua.testing.Step[]
---@param source string|table    the app
---@param options partylua.testing.Options    of the app in this run
---@param given? partylua.testing.Options    those of them that the spec has given
---@return string
function script.write(steps, source, options, given)
  local names, lines = {}, {}
  add_clients(steps, names, {})
  local app = type(source) == "string" and ("%q"):format(source) or "App"
  lines[1] = ("local app = party.app(%s, %s)"):format(app, options_text(options, given))
  if #names > 0 then lines[2] = "local " .. table.concat(names, ", ") end
  for _, step in ipairs(steps) do lines[#lines + 1] = script.text(step) end
  return table.concat(lines, "\n")
end

return script
