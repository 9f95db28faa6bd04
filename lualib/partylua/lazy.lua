--- lazy: modules that are loaded when they are first used, so that a start does not wait for what
--- it may never need.
---
---     local cron = lazy "partylua.cron" ---@module "partylua.cron"
---     cron.load(settings) -- it is loaded here
---
--- It stands for a module whose fields stay as they are: each is looked up there once. What is
--- called itself, or compared, is required where it is used.

---@param name string
---@return table
local function lazy(name)
  return setmetatable({}, {
    __index = function(self, key)
      local value = require(name)[key]
      rawset(self, key, value)
      return value
    end,
  })
end

return lazy
