--- tagshib: the tags party with hibernation switched on.

local Tags = require "tags"

local TagsHib = setmetatable({}, { __index = Tags })

TagsHib.options = { hibernate = true }

return TagsHib
