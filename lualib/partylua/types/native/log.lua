---@meta

--- log: what is logged and said. Registered by runtime/lua/bind_log.c.

---@class partylua.native
local native = {}

--- One line on standard error, with the party and room of the running task.
---@param level "error"|"warn"|"info"|"debug"
---@param topic string
---@param event string
---@param fields? (string|number|boolean)[]    keys and values in turn
function native.log(level, topic, event, fields) end

---@param level? "error"|"warn"|"info"|"debug"    the least important that is written; "info"
---@param format? "text"|"pretty"|"json"    "text"
function native.log_configure(level, format) end

--- Writes to standard output, and does not wait for whoever reads it: text that is not taken is
--- kept for a while, and then left out by lines.
---@param text string    whole lines
function native.say(text) end
