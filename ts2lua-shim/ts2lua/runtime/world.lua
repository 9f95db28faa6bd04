--- world: what the runtime asks of the process it runs in. The host fills it in.

local world = {}

--- The current time in milliseconds.
---@return number
function world.now() return os.time() * 1000 end

--- Takes one line for the log.
---@param level "debug"|"info"|"warn"|"error"
---@param text string
function world.log(level, text) -- luacheck: ignore 212
  io.stderr:write(text, "\n")
end

--- The value of a promise, waited for in the task of the host; raises what it was rejected with.
---@type fun(promise: table): any
world.wait = nil

return world
