--- null: JavaScript's null is a value of its own, the one that partylua.json and storage use.
---
--- It is a light userdata, so the metatable below is that of all light userdata.

local raise = require "ts2lua.runtime.raise"

local null = require("cjson").null

debug.setmetatable(null, {
  __index = function(_, key)
    raise.type_error(("Cannot read properties of null (reading '%s')"):format(raise.name(key)))
  end,
  __newindex = function(_, key)
    raise.type_error(("Cannot set properties of null (setting '%s')"):format(raise.name(key)))
  end,
  __call = function() raise.type_error "null is not a function" end,
  __tostring = function() return "null" end,
})

return null
