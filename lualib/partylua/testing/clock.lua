--- clock: os.time and os.date, which tell code of the app the time of its server.

local native = require "partylua.native"

local time, date = os.time, os.date

local clock = {}

local function now()
  return math.floor(native.now() / 1000)
end

--- While an app runs, its code sees the app's time; the spec and its tools go on seeing the
--- system's.
function clock.install()
  os.time = function(parts) -- luacheck: ignore
    if parts == nil and native.lab_is_in_hook() then return now() end
    return time(parts)
  end
  os.date = function(format, seconds) -- luacheck: ignore
    if seconds == nil and native.lab_is_in_hook() then seconds = now() end
    return date(format, seconds)
  end
end

function clock.remove()
  os.time, os.date = time, date -- luacheck: ignore
end

return clock
