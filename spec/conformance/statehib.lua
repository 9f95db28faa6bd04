--- statehib: the state party with hibernation switched on.

local State = require "state"

local StateHib = setmetatable({}, { __index = State })

StateHib.options = { hibernate = true }

return StateHib
