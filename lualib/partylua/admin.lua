--- admin: what the application says of itself to whoever looks into the server.
---
--- A server has two doors beside the one for clients: the admin socket in the data folder, which
--- only the server's own user can open, and, with `--admin`, an address, where a token has to be
--- shown. Both speak HTTP with JSON; the commands `rooms`, `tail`, `reload` and the like are thin
--- clients of the first, and the inspector is one of the second. What answers there is loaded with
--- the first request (admin/doors.lua).

---@class partylua.admin.Served
---@field settings partylua.Settings
---@field parties string[]
---@field url string    of the server
---@field started number    milliseconds since 1970
---@field reload? fun(): boolean?, string?
---@field address? string    URL of the admin address

local admin = {
  ---@type partylua.admin.Served
  served = {},
}

--- Sets what the application brings, before it is served.
---@param settings partylua.Settings
function admin.configure(settings)
  admin.served.settings = settings
end

--- The server listens from now on.
---@param parties string[]
---@param url string    of the server
---@param started number    milliseconds since 1970
---@param address? string    of the admin address
function admin.on_listening(parties, url, started, address)
  local served = admin.served
  served.parties, served.url, served.address = parties, url, address
  served.started = started
end

--- Says what `partylua reload` does: a function that loads the app anew, and raises a failure, or
--- gives nil and a message, when that cannot be done.
---@param reload fun(): boolean?, string?
function admin.on_reload(reload)
  admin.served.reload = reload
end

--- Where the inspector is; nil without an admin address.
---@param has_token boolean    for somebody who may have it
---@return string?
function admin.inspector_url(has_token)
  local address = admin.served.address
  if not address or not has_token then return address and address .. "/" end
  return ("%s/?token=%s"):format(address, admin.served.settings.admin_token)
end

--- Answers one request. Runs as a task.
---@param exchange partylua.native.Exchange
---@param is_local boolean    came through the admin socket
function admin.answer(exchange, is_local)
  return require("partylua.admin.doors").answer(exchange, is_local)
end

return admin
