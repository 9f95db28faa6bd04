---@meta

--- vector: indexes of vectors. Registered by runtime/lua/bind_vector.c.

---@class partylua.native
local native = {}

---@class partylua.native.VectorAsked
---@field dimensions? integer    what the index has to have, or is made of
---@field metric? string    "cosine", "euclidean" or "dot-product"
---@field preset? string
---@field description? string
---@field makes_index? boolean    when there is none
---@field vectors? (string|false)[]    id, namespace, values, metadata, fields, id, ...
---@field ids? string[]
---@field id? string    of the vector that is searched for
---@field values? string    of what is searched for; float32s
---@field space? string    only this namespace
---@field count? integer    of matches
---@field filter? string    conditions: partylua.vectorize.filter
---@field wants_values? boolean
---@field wants_metadata? boolean

--- A call of an index, not started.
---@param act "create"|"drop"|"list"|"describe"|"insert"|"upsert"|"delete"|"get"|"query"
---@param index string    its name
---@param asked partylua.native.VectorAsked
---@return partylua.native.VectorCall
function native.vector_call(act, index, asked) end

---@class partylua.native.VectorIndex
---@field name string
---@field number integer
---@field preset? string
---@field description? string
---@field metric string
---@field dimensions integer
---@field count integer    vectors in it
---@field changes integer    calls that have changed it
---@field created number
---@field changed number

---@class partylua.native.VectorCall
local VectorCall = {}

--- On its way to the thread of indexes, as soon as what the room has stored before is durable.
--- Raises where nobody can wait for it.
---@param what string    who waits, for errors
function VectorCall:start(what) end

--- Waits until it may be done.
---@param what string
function VectorCall:wait(what) end

---@return boolean
function VectorCall:is_done() end

--- What has come of it. Raises before it is done.
---@return partylua.native.VectorIndex? index    as it is now
---@return table[]|string found    vectors, or indexes; or a message
---@return integer[]|string done    places, in what was asked, of what was changed; or errno
function VectorCall:result() end
