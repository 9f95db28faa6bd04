--- tags: getConnectionTags driven by the connection's query string.

local party = require "partylua"
local support = require "support"

local json = party.json

local Tags = {}

local function numbered(count)
  local tags = {}
  for i = 1, count do tags[i] = "t" .. (i - 1) end
  return tags
end

local function listed(names)
  local tags = {}
  for name in (names or ""):gmatch "[^,]+" do tags[#tags + 1] = name end
  return tags
end

function Tags:getConnectionTags(_, ctx)
  local query = ctx.request.searchParams
  if query:has "throw" then error "no tags for you" end
  if query:has "slow" then party.sleep(0.05) end
  if query:has "many" then return numbered(tonumber(query:get "many")) end
  if query:has "long" then return { ("L"):rep(tonumber(query:get "long")) } end
  if query:has "emptytag" then return { "" } end
  if query:has "number" then return { 7 } end
  if query:has "ownid" then return { query:get "_pk" or "", "extra" } end
  return listed(query:get "tags")
end

function Tags:onConnect(connection)
  connection:send "ready"
end

--- "all" lists everyone, "tag:T" those with one tag, "tell:T:text" sends them a text.
function Tags:onMessage(message, sender)
  local verb, tag, text = message:match "^([^:]*):?([^:]*):?([^:]*)"
  if verb == "all" then
    sender:send(json.encode { all = support.sorted_ids(self.room) })
  elseif verb == "tag" then
    sender:send(json.encode { tag = tag, ids = support.sorted_ids(self.room, tag) })
  elseif verb == "tell" then
    for connection in self.room:getConnections(tag) do connection:send(text) end
  end
end

function Tags:onRequest()
  return party.Response.json { ids = support.sorted_ids(self.room) }
end

return Tags
