---@meta

--- file: static files. Registered by runtime/lua/bind_file.c.

--- A file that is open for reading. It closes when Lua lets go.
---@class partylua.native.File
local File = {}

---@return integer size    in bytes
---@return integer modified    seconds since 1970
---@return string tag    another one when the file has changed in any way
function File:about() end

--- Raises when the file cannot be read.
---@param from integer    in bytes
---@param count integer    up to 1 MiB
---@return string    empty at the end
function File:read(from, count) end

function File:close() end
