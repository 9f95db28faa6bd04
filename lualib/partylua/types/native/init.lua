---@meta partylua.native

--- The native module: what lualib is made of, and no API for apps. Each function and method here
--- is registered in C, in runtime/lua/bind_*.c or runtime/cli; above each stands the same
--- signature. A wrong argument raises and names itself. Here are the functions of bind_base.c;
--- the files beside this one have those of each other file of C.
---@class partylua.native
---@field version string    of the program
---@field luajit string    version of the LuaJIT inside
---@field executable string    absolute path of the program
---@field lualib string    absolute folder that holds partylua/
---@field room { methods: table<string, function>, getters: table<string, function> }
---@field connection { methods: table<string, function>, getters: table<string, function> }
---@field exchange { methods: table<string, function>, getters: table<string, function> }
local native = {}

--- Loading is over: collector and compiler, which stand still at first, work from now on.
function native.loaded() end

---@return number milliseconds    since 1970
function native.now() end

---@return number milliseconds    of a clock that only goes forward, with fractions
function native.clock_ms() end

--- RFC 3629: no overlong forms, no surrogates.
---@param s string
---@return boolean
function native.utf8_valid(s) end

--- The JSON text of an everyday value (bind_json.c); nil for one that asks for a closer look.
---@param value any
---@return string?
function native.json_text(value) end

---@param text string
---@return boolean    whether it is an IP address, or a range such as "10.0.0.0/8"
function native.is_address_range(text) end

--- From the kernel, unpredictable.
---@param count integer    0 to 65536
---@return string
function native.random_bytes(count) end

--- RFC 9562: version 4.
---@return string    36 characters, lower case
function native.uuid() end

--- A table that belongs to a handle, made when it is first asked for.
---@param handle userdata
---@return table
function native.side(handle) end

--- Gives a handle a table that many have in common: its own has it as the field `shared`. Most
--- handles never need one of their own.
---@param handle userdata
---@param shared table
function native.share(handle, shared) end

--- Says which metatable marks binary messages.
---@param metatable table
function native.set_binary(metatable) end

return native
