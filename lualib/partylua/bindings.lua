--- bindings: `context.bindings`, in PartyKit the buckets and namespaces of its platform.
---
--- There is no such platform here. A name that the configuration declares raises an error that says
--- so, where the application asks for it; any other name is nil, as in PartyKit.

local KINDS = { r2 = "R2 bucket", kv = "KV namespace" }

local bindings = {}

--- Why there is nothing of a name that is declared.
---@param kind "r2"|"kv"
---@param name string
---@param fetch string    how other servers are asked
---@return string
function bindings.reason(kind, name, fetch)
  return ("context.bindings.%s.%s is declared in the configuration, but there is no %s here: "
    .. "keep values in room.storage, or reach a store elsewhere by %s")
    :format(kind, name, KINDS[kind], fetch)
end

local function declared_names(kind, declared)
  return setmetatable({}, {
    __index = function(_, name)
      if declared[name] == nil then return nil end
      error(bindings.reason(kind, name, "party.fetch"), 2)
    end,
  })
end

--- What every lobby and room.context has as `bindings`.
---@param declared? { r2?: table<string, any>, kv?: table<string, any> }    of the configuration
---@return { r2: table, kv: table }
function bindings.make(declared)
  local made = {}
  for kind in pairs(KINDS) do
    made[kind] = declared_names(kind, declared and declared[kind] or {})
  end
  return made
end

return bindings
