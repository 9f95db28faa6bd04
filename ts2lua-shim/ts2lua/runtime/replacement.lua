--- replacement: what `replace` puts where a match was.

local convert = require "ts2lua.runtime.convert"

local match, sub = string.match, string.sub

local replacement = {}

---@class ts2lua.Match
---@field text string           the whole match
---@field first integer         its first byte
---@field last integer          its last byte
---@field groups (string?)[]    from 1
---@field count integer         of groups
---@field named? table<string, string>

--- What `$` and the characters behind it stand for; nil when they stand for themselves. Also
--- how many characters they are.
local function expand_one(template, i, found, subject)
  local c = sub(template, i + 1, i + 1)
  if c == "$" then return "$", 2 end
  if c == "&" then return found.text, 2 end
  if c == "`" then return sub(subject, 1, found.first - 1), 2 end
  if c == "'" then return sub(subject, found.last + 1), 2 end
  if c == "<" and found.named then
    local name = match(template, "^<([^>]*)>", i + 1)
    if name then return found.named[name] or "", #name + 3 end
  end
  for length = 2, 1, -1 do
    local digits = match(template, "^" .. ("%d"):rep(length), i + 1)
    local number = tonumber(digits)
    if number and number >= 1 and number <= found.count then
      return found.groups[number] or "", length + 1
    end
  end
  return nil
end

--- A template such as "$2-$1" with a match's parts put in.
---@param template string
---@param found ts2lua.Match
---@param subject string
---@return string
function replacement.expand(template, found, subject)
  local parts, i = {}, 1
  while true do
    local dollar = template:find("$", i, true)
    if not dollar then break end
    local text, length = expand_one(template, dollar, found, subject)
    parts[#parts + 1] = sub(template, i, dollar - 1)
    parts[#parts + 1] = text or "$"
    i = dollar + (length or 1)
  end
  parts[#parts + 1] = sub(template, i)
  return table.concat(parts)
end

--- The text that takes the place of a match.
---@param with any         a function or a template
---@param unit integer     where the match begins, in units
function replacement.text(with, found, subject, unit)
  if type(with) ~= "function" then
    return replacement.expand(convert.to_text(with), found, subject)
  end
  local arguments = { found.text, unpack(found.groups, 1, found.count) }
  local count = found.count + 1
  arguments[count + 1], arguments[count + 2] = unit, subject
  count = count + 2
  if found.named then
    count = count + 1
    arguments[count] = found.named
  end
  return convert.to_text(with(nil, unpack(arguments, 1, count)))
end

return replacement
