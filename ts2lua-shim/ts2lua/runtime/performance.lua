--- performance: milliseconds since the program began.

local shape = require "ts2lua.runtime.shape"
local world = require "ts2lua.runtime.world"

local performance = {}

local origin = world.now()

performance.object = shape.record({ "timeOrigin" }, { origin })
rawset(performance.object, "now", function() return world.now() - origin end)

return performance
