--- limits: what a call of an index may have. The defaults are Vectorize's; a server sets its own.

---@class partylua.vectorize.Limits
---@field batch integer             vectors, or ids, of one call
---@field metadata_bytes integer    of a vector, as JSON
---@field top_k integer             matches of a query
---@field full_top_k integer        the same with values or metadata
---@field dimensions integer        of an index that is made
local limits = {
  batch = 1000, metadata_bytes = 10240, top_k = 100, full_top_k = 20, dimensions = 1536,
}

--- Takes them from the limits of a server.
---@param given table<string, integer>
function limits.configure(given)
  for _, name in ipairs { "batch", "metadata_bytes", "top_k", "full_top_k", "dimensions" } do
    limits[name] = given["vectorize_" .. name]
  end
end

return limits
