--- testing: rooms in a spec: no sockets, no sleeping, the same every time.
---
---     local party = require "partylua.testing"
---
---     local app = party.app "chat.lua"
---     local room = app:room "lobby"
---     local ana = room:connect { id = "ana" }
---     ana:send "hello"
---     assert.received(ana, { type = "chat", text = "hello" })
---     app:stop()
---
--- The server's own code runs here; time, clients and commits are the spec's. Every call does
--- its work to the end before it returns, and time passes only by `app:advance`.
---
--- What `require "partylua"` gives is here too: party.Response, party.json.

local App = require "partylua.testing.app"
local assertions = require "partylua.testing.assertions"
local fuzz = require "partylua.testing.fuzz"

---@class partylua.testing : partylua
local testing = setmetatable({}, { __index = require "partylua" })

--- Loads an app and starts it, in memory and with a clock of its own. One app runs at a time:
--- the one before is ended.
---@param source string|table    a file (of Lua or TypeScript), a partylua.json, or a class
---@param options? partylua.testing.Options
---@return partylua.testing.App
function testing.app(source, options)
  local app = App.open(source, options, 2) -- no tail call: the level counts this frame
  return app
end

--- Does random things to an app and looks whether what was promised holds.
---@param source string|table    as of party.app
---@param options partylua.testing.FuzzOptions
---@return partylua.testing.FuzzResult
function testing.fuzz(source, options)
  local result = fuzz.run(source, options, 2)
  return result
end

assertions.register()

return testing
