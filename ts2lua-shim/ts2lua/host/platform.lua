--- platform: what PartyKit's platform has and there is not here: buckets, namespaces, analytics.

local bindings = require "partylua.bindings"
local class = require "ts2lua.runtime.class"
local context = require "partylua.context"
local errors = require "ts2lua.runtime.errors"
local shape = require "ts2lua.runtime.shape"

local platform = {}

--- An object that throws for each name that the configuration declares.
local function declared_names(kind, names)
  local object, sorted = shape.object(), {}
  for name in pairs(names) do sorted[#sorted + 1] = name end
  table.sort(sorted)
  for _, name in ipairs(sorted) do
    shape.define_accessor(object, name, "get", function()
      errors.throw(class.new(errors.Error, bindings.reason(kind, name, "fetch")))
    end)
  end
  return object
end

--- What every lobby and room.context has as `bindings`.
function platform.bindings()
  local declared, made = context.declared_bindings(), shape.object()
  made.r2 = declared_names("r2", declared.r2 or {})
  made.kv = declared_names("kv", declared.kv or {})
  return made
end

--- What every lobby and room has as `analytics`.
function platform.analytics()
  local object = shape.object()
  rawset(object, "writeDataPoint", function() context.shared("analytics"):writeDataPoint() end)
  return object
end

return platform
