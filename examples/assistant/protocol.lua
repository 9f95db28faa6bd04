--- protocol: what a page may say to the room. Everything a stranger sends is checked here, once.

local party = require "partylua"

local protocol = {}

local NAME_CHARACTERS_MAX = 24
local TEXT_CHARACTERS_MAX = 1000

local function count_characters(text)
  local _, count = text:gsub("[^\128-\191]", "")
  return count
end

--- Makes a check for a text of 1 to `max` characters, which it gives without blanks around it.
local function text_up_to(max)
  return function(value)
    if type(value) ~= "string" or #value > 4 * max then return nil end
    local text = value:match "^%s*(.-)%s*$"
    if text == "" or count_characters(text) > max or text:find "%c" then return nil end
    return text
  end
end

--- The types of messages, with their field and its check.
local TYPES = {
  join = { "name", text_up_to(NAME_CHARACTERS_MAX) },
  say = { "text", text_up_to(TEXT_CHARACTERS_MAX) },
  stop = {},
}

--- Reads a message.
---@param data string
---@param is_binary boolean
---@return { type: "join"|"say"|"stop", value: string? }? message
---@return string? why    it was refused; fit to be shown to whoever sent it
function protocol.read(data, is_binary)
  local ok, sent = pcall(party.json.decode, data)
  if is_binary or not ok or type(sent) ~= "table" then
    return nil, "a message must be a JSON object"
  end
  local rule = TYPES[sent.type]
  if not rule then return nil, "there is no such type of message" end
  local field, check = rule[1], rule[2]
  if not field then return { type = sent.type } end
  local value = check(sent[field])
  if not value then return nil, ("the %s is no line of text, or too long"):format(field) end
  return { type = sent.type, value = value }
end

return protocol
