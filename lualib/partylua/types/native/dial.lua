---@meta

--- dial: connections of commands. Registered by runtime/lua/bind_dial.c.

---@class partylua.native
local native = {}

--- Connects to a Unix socket, however long the path of its folder.
---@param folder string
---@param name string
---@return partylua.native.Wire?
---@return string? message
---@return string? errno    ENOENT: there is none; ECONNREFUSED: its server is gone
function native.dial_local(folder, name) end

---@param host string    a name or an address
---@param port integer
---@param within_ms number
---@return partylua.native.Wire?
---@return string? message
---@return string? errno
function native.dial(host, port, within_ms) end

--- Stands still. Nothing that serves may call it.
---@param ms number
function native.pause(ms) end

---@class partylua.native.Wire
local Wire = {}

---@param within_ms number
---@return string? bytes    empty at the end
---@return string? message
---@return string? errno    ETIMEDOUT
function Wire:read(within_ms) end

---@param bytes string
---@param within_ms number    for each wait
---@return true?
---@return string? message
---@return string? errno
function Wire:write(bytes, within_ms) end

--- Of the connection and of standard input, whichever has something first.
---@param within_ms number
---@return "line"|"input"|nil source
---@return string? bytes    empty at its end; or a message
---@return string? errno
function Wire:read_either(within_ms) end

function Wire:close() end
