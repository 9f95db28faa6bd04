--- answer: what admin handlers have in common: arguments in, JSON out.

local json = require "partylua.json"
local searchparams = require "partylua.searchparams"

local answer = {}

local BODY_BYTES_MAX = 4 * 1024 * 1024

--- Ends the request with an error.
---@param status integer
---@param message string
function answer.fail(status, message)
  error({ status = status, message = message }, 0)
end

---@param exchange partylua.native.Exchange
---@param value any    what json.encode takes
---@param status? integer
function answer.send(exchange, value, status)
  exchange:respond(status or 200, "", {
    "content-type", "application/json", "cache-control", "no-store",
  }, json.encode(value) .. "\n")
end

---@param exchange partylua.native.Exchange
---@param text string
---@param content_type string
---@param status? integer
function answer.text(exchange, text, content_type, status)
  exchange:respond(status or 200, "", {
    "content-type", content_type, "cache-control", "no-store",
  }, text)
end

--- The parameters of a request's URL, by name.
---@param exchange partylua.native.Exchange
---@return table<string, string>
function answer.query(exchange)
  local _, first = searchparams.parse(exchange:search())
  return first
end

--- The party and the id of the room that a request is about.
---@param query table<string, string>
---@return string party
---@return string id
function answer.room(query)
  if not query.party or not query.room or query.room == "" then
    answer.fail(400, "the parameters party and room are missing")
  end
  return query.party, query.room
end

--- The next piece of a request's body, or nil at its end.
---@param exchange partylua.native.Exchange
---@return string?
function answer.read(exchange)
  local chunk = exchange:read()
  return chunk
end

--- The JSON object that a request's body is.
---@param exchange partylua.native.Exchange
---@return table
function answer.body(exchange)
  local pieces, size = {}, 0
  for chunk in answer.read, exchange do
    size = size + #chunk
    if size > BODY_BYTES_MAX then
      answer.fail(413, ("the body is larger than %d bytes"):format(BODY_BYTES_MAX))
    end
    pieces[#pieces + 1] = chunk
  end
  local value, message = json.tryDecode(table.concat(pieces))
  if message then answer.fail(400, "the body is no JSON: " .. message) end
  if type(value) ~= "table" or json.isArray(value) then
    answer.fail(400, "the body is no JSON object")
  end
  return value
end

return answer
