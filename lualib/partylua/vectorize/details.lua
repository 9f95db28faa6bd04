--- details: what an index is, as `describe` gives it, in both forms that Vectorize has.

local details = {}

---@param index partylua.native.VectorIndex
---@return partylua.VectorIndexDetails
function details.of(index)
  return {
    id = ("%d"):format(index.number),
    name = index.name,
    description = index.description,
    config = { dimensions = index.dimensions, metric = index.metric, preset = index.preset },
    dimensions = index.dimensions,
    vectorsCount = index.count,
    vectorCount = index.count,
    processedUpToDatetime = index.changed,
    processedUpToMutation = ("%d"):format(index.changes),
  }
end

return details
