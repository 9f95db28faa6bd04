--- The class idiom of this library.
---
---     local Dog = class(Animal)          -- the parent is optional
---     function Dog:init(name) Animal.init(self, name) end
---     local rex = Dog "Rex"              -- makes an instance and calls init
---
--- A class is the metatable of its instances and their `__index`. What it lacks is looked up
--- in its parent. Metamethods are not inherited: Lua reads them from the metatable alone.

--- An error that `init` raises with level 3 is blamed on the line that called the class:
--- level 1 is `init`, level 2 is this function, which therefore makes no tail call.
local function construct(class, ...)
  local instance = setmetatable({}, class)
  local init = class.init
  if init ~= nil then init(instance, ...) end
  return instance
end

--- Makes a class.
---@param parent? table    where methods that the class lacks are found
---@return table
local function class(parent)
  local new = {}
  new.__index = new
  return setmetatable(new, { __index = parent, __call = construct })
end

return class
