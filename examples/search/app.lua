--- search: a board of notes that finds those that are like what somebody types.
---
--- Each room is a board of its own, a namespace of one index. What is sent and heard:
---
---     { "add": TEXT }      everybody hears { "type": "added", "note": { "id", "text" } }
---     { "remove": ID }     everybody hears { "type": "removed", "id" }
---     { "find": TEXT }     the sender hears { "type": "found", "of": TEXT, "notes": [...] }

local letters = require "letters"
local party = require "partylua"

local json = party.json

local TEXT_BYTES_MAX = 500
local FOUND_MAX = 5
local SCORE_MIN = 0.15 -- what has less in common is like anything else

local Search = {}

function Search:notes()
  return self.room.context.vectorize.notes
end

--- The notes that are like a text, the likest first.
function Search:find(text)
  local vector = letters.vector(text)
  if not vector then return json.array {} end
  local found = self:notes():query(vector, {
    topK = FOUND_MAX, namespace = self.room.id, returnMetadata = true,
  })
  local notes = json.array {}
  for _, match in ipairs(found.matches) do
    if match.score >= SCORE_MIN then
      notes[#notes + 1] = { id = match.id, text = match.metadata.text, score = match.score }
    end
  end
  return notes
end

--- Keeps a note, and shows it to everybody once it is on disk.
function Search:add(text)
  local vector = letters.vector(text)
  if not vector then return "a note needs a few letters" end
  local note = { id = party.uuid(), text = text }
  self:notes():insert { {
    id = note.id, values = vector, namespace = self.room.id, metadata = { text = text },
  } }
  self.room:broadcast(json.encode { type = "added", note = note })
end

--- Removes a note of this board: ids are the index's, and others have boards of their own.
function Search:remove(id)
  local note = self:notes():getByIds({ id })[1]
  if not note or note.namespace ~= self.room.id then return "there is no such note" end
  self:notes():deleteByIds { id }
  self.room:broadcast(json.encode { type = "removed", id = id })
end

local function is_text(value, bytes_max)
  return type(value) == "string" and value ~= "" and #value <= bytes_max
end

function Search:onMessage(message, sender)
  local asked = json.tryDecode(message)
  local why = "that is no request of this board"
  if type(asked) ~= "table" then
    why = "that is no JSON"
  elseif is_text(asked.add, TEXT_BYTES_MAX) then
    why = self:add(asked.add)
  elseif is_text(asked.remove, 64) then
    why = self:remove(asked.remove)
  elseif is_text(asked.find, TEXT_BYTES_MAX) then
    why = nil
    sender:send(json.encode { type = "found", of = asked.find, notes = self:find(asked.find) })
  end
  if why then sender:send(json.encode { type = "error", message = why }) end
end

--- GET with `?q=TEXT` is a search, too.
function Search:onRequest(request)
  local text = request.query.q
  if request.method ~= "GET" or not is_text(text, TEXT_BYTES_MAX) then
    return party.Response.json({ error = "ask with GET and ?q=TEXT" }, { status = 400 })
  end
  return party.Response.json { notes = self:find(text) }
end

return Search
