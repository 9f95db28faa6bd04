---@meta partylua.vectorize

--- Indexes of vectors: `room.context.vectorize.NAME`, also of a lobby. Every call waits; what it
--- has changed is on disk when it returns. It raises for what does not fit the index, for more than
--- the limits allow, and when there is no such index.

--- A vector with what belongs to it.
---@class partylua.Vector
---@field id string    up to 64 bytes
---@field values number[]|partylua.Binary    as many as the index has dimensions; or float32s
---@field namespace? string
---@field metadata? table<string, any>

--- A vector that a query has found; with values and metadata when they were asked for.
---@class partylua.VectorMatch
---@field id string
---@field score number    cosine: 1 is the same direction; euclidean: the distance; dot-product: the
---                       negative product
---@field namespace? string
---@field values? number[]
---@field metadata? table<string, any>

---@class partylua.VectorMatches
---@field count integer
---@field matches partylua.VectorMatch[]    the nearest first

--- What a call has changed, in both forms that Vectorize has.
---@class partylua.VectorMutation
---@field count integer
---@field ids string[]
---@field mutationId string

---@class partylua.VectorIndexDetails
---@field id string
---@field name string
---@field description? string
---@field config { dimensions: integer, metric: string, preset?: string }
---@field dimensions integer
---@field vectorsCount integer
---@field vectorCount integer    the same
---@field processedUpToDatetime number    milliseconds since 1970
---@field processedUpToMutation string

---@class partylua.QueryOptions
---@field topK? integer    so many matches at most; 5 if left out
---@field namespace? string    only vectors of this one
---@field filter? table<string, any>    only vectors whose metadata has this
---@field returnValues? boolean
---@field returnMetadata? boolean|"none"|"indexed"|"all"    false if left out

---@class partylua.VectorIndex
local VectorIndex = {}

--- Adds vectors. Those whose ids are there already stay as they are, and are left out of the
--- result.
---@param list partylua.Vector[]    up to 1000
---@return partylua.VectorMutation
function VectorIndex:insert(list) end

--- Adds vectors, in the place of those with their ids.
---@param list partylua.Vector[]
---@return partylua.VectorMutation
function VectorIndex:upsert(list) end

--- Deletes vectors; ids that are not there are left out of the result.
---@param ids string[]
---@return partylua.VectorMutation
function VectorIndex:deleteByIds(ids) end

--- The vectors with these ids, with values and metadata, in their order. Those that are not there
--- are left out.
---@param ids string[]
---@return partylua.Vector[]
function VectorIndex:getByIds(ids) end

--- The vectors that are nearest to one, the nearest first.
---@param vector number[]|partylua.Binary
---@param options? partylua.QueryOptions
---@return partylua.VectorMatches
function VectorIndex:query(vector, options) end

--- The same for a vector of the index, which is itself among them. Raises when there is none with
--- this id.
---@param id string
---@param options? partylua.QueryOptions
---@return partylua.VectorMatches
function VectorIndex:queryById(id, options) end

--- What the index is.
---@return partylua.VectorIndexDetails
function VectorIndex:describe() end
