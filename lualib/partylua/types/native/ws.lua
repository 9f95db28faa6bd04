---@meta

--- ws: the client's side of a WebSocket. Registered by runtime/lua/bind_ws.c.

---@class partylua.native
local native = {}

---@param key string    of the request
---@return string    what a server answers to it
function native.ws_accept(key) end

---@param opcode integer
---@param payload string
---@param mask? string    four bytes; by chance if left out
---@return string    a whole frame, masked
function native.ws_frame(opcode, payload, mask) end

---@param code integer
---@return boolean    whether a server may close with it
function native.ws_is_code(code) end
