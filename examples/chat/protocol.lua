--- protocol: what a page may say to the chat.
---
--- Each message is a JSON object with a `type` and the fields of that type, and no others.
--- Everything a stranger sends is checked here, once, so that the room need not think of it.

local party = require "partylua"

local protocol = {}

local NAME_CHARACTERS_MAX = 24
local TEXT_CHARACTERS_MAX = 1000

--- In characters, not bytes: the bytes of UTF-8 from 128 to 191 only continue a character.
local function count_characters(text)
  local _, count = text:gsub("[^\128-\191]", "")
  return count
end

--- Makes a check for a text of 1 to `max` characters. It gives the text without the blanks
--- around it; or nil and what is wrong.
local function text_up_to(max)
  local too_long = ("must not have more than %d characters"):format(max)
  return function(value)
    if type(value) ~= "string" then return nil, "must be a text" end
    -- First of all, since the pattern below takes its time on a megabyte of blanks.
    if #value > 4 * max then return nil, too_long end
    local text = value:match "^%s*(.-)%s*$"
    if text == "" then return nil, "must not be empty" end
    if count_characters(text) > max then return nil, too_long end
    if text:find "%c" then return nil, "must not have control characters" end
    return text
  end
end

--- The types of messages: for each field, its check.
local TYPES = {
  join = { name = text_up_to(NAME_CHARACTERS_MAX) },
  say = { text = text_up_to(TEXT_CHARACTERS_MAX) },
  typing = {},
}

local function decode(data)
  local ok, message = pcall(party.json.decode, data)
  return ok and type(message) == "table" and message or nil
end

--- Reads a message.
---@param data string
---@param is_binary boolean
---@return table? message    with `type` and exactly the fields of its type
---@return string? why    it was refused; fit to be shown to whoever sent it
function protocol.read(data, is_binary)
  local sent = not is_binary and decode(data)
  if not sent then return nil, "a message must be a JSON object" end
  local fields = TYPES[sent.type]
  if not fields then return nil, "there is no such type of message" end

  local message = { type = sent.type }
  for name in pairs(sent) do
    if name ~= "type" and not fields[name] then return nil, "there is an unknown field" end
  end
  for name, check in pairs(fields) do
    local value, why = check(sent[name])
    if why then return nil, ("the %s %s"):format(name, why) end
    message[name] = value
  end
  return message
end

return protocol
