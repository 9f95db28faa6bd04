---@meta

--- develop: what partylua dev needs besides. Registered by runtime/cli/develop.c.

---@class partylua.native
local native = {}

--- Tells of changes in a folder as long as it is kept.
---@class partylua.native.Watch
local Watch = {}

--- Harmless when repeated.
function Watch:close() end

--- Calls `on_change` in a task when something in a folder changes; what is below it is not watched.
---@param path string
---@param on_change fun(name: string)    of what has changed; empty when that cannot be told
---@return partylua.native.Watch?
---@return string? message
---@return string? errno
function native.watch_folder(path, on_change) end

---@param path string
---@return string[]? names    nil when it cannot be read; links are none
function native.subfolders(path) end

---@param path string
---@return string? path    without links; nil when there is nothing
function native.real_path(path) end

---@param path string
---@return number? milliseconds    since 1970, when its content was changed last
function native.modified_ms(path) end

--- Calls `on_key` in a task for each key that is pressed at the terminal.
---@param on_key fun(key: string)
---@return boolean    false when there is no terminal to read from
function native.read_keys(on_key) end

--- Puts the terminal back. Harmless when repeated.
function native.stop_keys() end

---@return string[]    addresses under which other machines find this one
function native.network_addresses() end
