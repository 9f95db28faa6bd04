--- notes: a list of JSON values in storage. POST appends, GET lists, DELETE empties.

local party = require "partylua"

local json, Response = party.json, party.Response

local Notes = {}

function Notes:onRequest(req)
  local storage = self.room.storage
  if req.method == "DELETE" then
    storage:delete "notes"
    return Response.json { count = 0 }
  end
  local notes = storage:get "notes" or json.array {}
  if req.method == "POST" then
    notes[#notes + 1] = req:json()
    storage:put("notes", notes)
    return Response.json({ count = #notes }, { status = 201 })
  end
  return Response.json { notes = notes }
end

return Notes
