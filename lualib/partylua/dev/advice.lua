--- advice: what may be meant, for errors that many have made before.

local hint = require "partylua.hint"

local advice = {}

--- What rooms, connections, requests and storages have.
local METHODS = {}
for name in ([[
  broadcast getConnection getConnections send close setState addEventListener removeEventListener
  serializeAttachment deserializeAttachment text json formData chunks arrayBuffer get put delete
  deleteAll list transaction sync setAlarm getAlarm deleteAlarm fetch socket waitUntil
]]):gmatch "%S+" do METHODS[#METHODS + 1] = name end

--- What the module has.
local FUNCTIONS = {
  "after", "every", "sleep", "spawn", "all", "fetch", "json", "binary", "log", "Response", "app",
  "Headers", "URL",
}

---@type { [1]: string, [2]: fun(source: string, name: string): string? }[]
local RULES = {
  { "attempt to index %a+ '([^']+)' %(a nil value%)", function(source, name)
    if source:find "%.state" or name == "state" then
      return "connection.state is nil until setState is called"
    end
    if name == "party" then return 'local party = require "partylua"' end
  end },
  { "attempt to index a nil value", function(source)
    if source:find "%.state" then return "connection.state is nil until setState is called" end
    if source:find "storage:get" then return "storage:get gives nil for a key that is not there" end
  end },
  { "attempt to call method '([^']+)'", function(_, name)
    return hint.did_you_mean(name, METHODS)
  end },
  { "attempt to call field '([^']+)'", function(source, name)
    local meant = hint.did_you_mean(name, FUNCTIONS) or hint.did_you_mean(name, METHODS)
    return meant or (source:find("%." .. name) and ("a method is called with ':', as in x:%s()")
      :format(name)) or nil
  end },
  { "attempt to concatenate", function() return "tostring(value) makes a text of anything" end },
  { "attempt to compare number with nil", function()
    return "tonumber(text) gives nil for what is no number"
  end },
  { "waiting is not possible", function()
    return "wait before or after it: collect what you need first"
  end },
}

--- What to do about an error, where that can be guessed.
---@param message string
---@param source string    the line
---@return string?
function advice.of(message, source)
  for _, rule in ipairs(RULES) do
    local name = message:match(rule[1])
    if name then return rule[2](source, name) end
  end
end

return advice
