--- Index: a set of vectors that can be searched: `context.vectorize.NAME`.
---
--- What a call needs is checked here; the rest happens on a thread below (runtime/vector). The
--- results have both forms that Vectorize has given over time: `{ count, ids }` of its beta, which
--- PartyKit binds, and `mutationId` of today's.

local class = require "partylua.class"
local details = require "partylua.vectorize.details"
local json = require "partylua.json"
local metrics = require "partylua.metrics"
local native = require "partylua.native"
local query = require "partylua.vectorize.query"
local values = require "partylua.vectorize.values"
local vectors = require "partylua.vectorize.vectors"

---@class partylua.Vector
---@field id string    up to 64 bytes
---@field values number[]|partylua.Binary    as many as the index has dimensions; or float32s
---@field namespace? string
---@field metadata? table<string, any>

---@class partylua.VectorMatch : partylua.Vector
---@field score number

---@class partylua.VectorIndex
---@field private name string
---@field private shape partylua.vectorize.Shape?
---@field private execute fun(call: partylua.native.VectorCall, what: string)
local Index = class()

--- Runs a call on the server's thread, while the hook waits.
local function wait_for(call, what)
  call:start(what)
  while not call:is_done() do call:wait(what) end
end

---@param name string    of the index in the data folder
---@param shape? partylua.vectorize.Shape    to make it of, when it is not there
---@param execute? fun(call: partylua.native.VectorCall, what: string)    waits, if left out
function Index:init(name, shape, execute)
  self.name = name
  self.shape = shape
  self.execute = execute or wait_for
end

local NO_INDEX = "; 'partylua vectorize create %s' makes it, and so does its shape in the "
  .. "configuration"

local count_query = metrics.histogram("partylua_vectorize_query_duration_seconds",
  "From a query to its matches.", { "index" })

local function run(self, act, asked, level)
  local shape, what = self.shape, "vectorize." .. act
  if shape then
    asked.dimensions, asked.metric = shape.dimensions, shape.metric
    asked.preset, asked.description = shape.preset, shape.description
    asked.makes_index = true
  end
  local call, began_ms = native.vector_call(act, self.name, asked), native.clock_ms()
  self.execute(call, what)
  if act == "query" then count_query((native.clock_ms() - began_ms) / 1000, self.name) end
  local index, found, done = call:result()
  if index then return index, found, done end
  local hint = done == "ENOENT" and NO_INDEX:format(self.name) or ""
  error(("the index '%s': %s%s"):format(self.name, found, hint), level + 1)
end

-- Vectors ---------------------------------------------------------------------------------------

local function mutation(index, ids)
  return { count = #ids, ids = ids, mutationId = ("%d"):format(index.changes) }
end

--- The ids at some places of the flat list, each once.
local function ids_at(places, packed)
  local ids, seen = {}, {}
  for _, place in ipairs(places) do
    local id = packed[(place - 1) * 5 + 1]
    if not seen[id] then ids[#ids + 1] = id end
    seen[id] = true
  end
  return ids
end

--- Adds vectors. Those whose ids are there already stay as they are, and are left out of the
--- result. When this returns they are on disk, and queries find them.
---@param list partylua.Vector[]
---@return partylua.VectorMutation
function Index:insert(list)
  local packed = vectors.pack(list, 2)
  local index, _, done = run(self, "insert", { vectors = packed }, 2)
  return mutation(index, ids_at(done, packed))
end

--- Adds vectors, in the place of those with their ids.
---@param list partylua.Vector[]
---@return partylua.VectorMutation
function Index:upsert(list)
  local packed = vectors.pack(list, 2)
  local index, _, done = run(self, "upsert", { vectors = packed }, 2)
  return mutation(index, ids_at(done, packed))
end

--- Deletes vectors; ids that are not there are left out of the result.
---@param ids string[]
---@return partylua.VectorMutation
function Index:deleteByIds(ids)
  local packed = vectors.ids(ids, 2)
  local index, _, done = run(self, "delete", { ids = packed }, 2)
  local deleted = {}
  for i, place in ipairs(done) do deleted[i] = packed[place] end
  return mutation(index, deleted)
end

local function decode_metadata(found)
  for _, vector in ipairs(found) do
    if vector.metadata then vector.metadata = json.decode(vector.metadata) end
  end
  return found
end

--- The vectors with these ids, with values and metadata, in their order. Those that are not there
--- are left out.
---@param ids string[]
---@return partylua.Vector[]
function Index:getByIds(ids)
  local _, found = run(self, "get", { ids = vectors.ids(ids, 2) }, 2)
  return decode_metadata(found)
end

-- Queries ---------------------------------------------------------------------------------------

local function matches_of(found)
  return { count = #found, matches = decode_metadata(found) }
end

--- The vectors that are nearest to one, the nearest first.
---@param vector number[]|partylua.Binary
---@param options? partylua.QueryOptions
---@return partylua.VectorMatches
function Index:query(vector, options)
  local asked = query.pack(options, 2)
  asked.values = values.pack(vector, "the query", 2)
  local _, found = run(self, "query", asked, 2)
  return matches_of(found)
end

--- The same for a vector of the index, which is itself among them. Raises when there is none with
--- this id.
---@param id string
---@param options? partylua.QueryOptions
---@return partylua.VectorMatches
function Index:queryById(id, options)
  vectors.check_id(id, 2)
  local asked = query.pack(options, 2)
  asked.id = id
  local _, found = run(self, "query", asked, 2)
  return matches_of(found)
end

-- The index -------------------------------------------------------------------------------------

--- What the index is, in both forms that Vectorize has.
---@return partylua.VectorIndexDetails
function Index:describe()
  return details.of((run(self, "describe", {}, 2)))
end

return Index
