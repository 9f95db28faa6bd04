---@meta

--- tap: what happens, as it happens. Registered by runtime/lua/bind_tap.c.

---@class partylua.native
local native = {}

---@class partylua.native.TapTopics
---@field messages? boolean
---@field connections? boolean
---@field requests? boolean
---@field log? boolean

--- Has lines kept, of JSON, about what happens: 512 KiB of them at most.
---@param topics partylua.native.TapTopics
---@param party? string    only what concerns it; empty: any
---@param room? string
---@return partylua.native.Tap
function native.tap(topics, party, room) end

---@class partylua.native.Tap
local Tap = {}

--- The lines that have come since the last call; empty when there are none.
---@return string
function Tap:take() end

--- Waits until there may be lines.
function Tap:wait() end

--- Adds an empty line when there is none, so that whoever writes them notices a lost reader.
function Tap:beat() end

--- Nothing comes any more.
function Tap:close() end
