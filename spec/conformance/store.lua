--- store: a request or a message holds storage operations, `[name, a, b]`; see store_ops.
---
--- A POST runs a whole list of them, one after the other, within one onRequest call.

local party = require "partylua"
local store_ops = require "store_ops"
local support = require "support"

local json, Response = party.json, party.Response

local Store = {}

function Store:onRequest(req)
  local storage = self.room.storage
  if req.method == "GET" then
    return Response.json { all = store_ops.list(storage) }
  end
  local results = json.array {}
  for i, operation in ipairs(req:json()) do
    local ok, value = pcall(store_ops.run, storage, operation)
    results[i] = ok and { ok = value } or { err = support.message(value) }
  end
  return Response.json { results = results }
end

--- Used to race many operations.
function Store:onMessage(message, sender)
  support.reply(sender, { ok = store_ops.run(self.room.storage, json.decode(message)) })
end

return Store
