--- subprotocol: which sub-protocol a WebSocket gets, when onBeforeConnect has a say.
---
--- The client offers a list in Sec-WebSocket-Protocol, and the server answers with one of them
--- (RFC 6455 1.9). Without a word of the hook that is the first, or what the configuration prefers.
--- The hook says it by the header of the request that it lets on: a name, or none at all.

local NAME = "sec-websocket-protocol"

local subprotocol = {}

local function first_of(list)
  return list:match "[^%s,]+"
end

local function is_offered(list, wanted)
  for name in list:gmatch "[^%s,]+" do
    if name == wanted then return true end
  end
  return false
end

--- The sub-protocol that the hook has chosen: "" for none, nil when it has not touched the header,
--- and also for a new request without it, which says nothing about it.
---@param offered string?    what the client has sent
---@param request partylua.Request    what the hook lets on
---@param is_new boolean    whether the hook has made it
---@return string?
function subprotocol.choose(offered, request, is_new)
  local said = request.headers:get(NAME)
  if said == offered or said == nil and is_new then return nil end
  local chosen = said and first_of(said) or ""
  if chosen ~= "" and not is_offered(offered or "", chosen) then
    error(("onBeforeConnect chose the sub-protocol %q, which the client does not offer")
      :format(chosen), 0)
  end
  return chosen
end

return subprotocol
