--- names: how JavaScript's names and texts are written in Lua.

local byte, find, format, gsub = string.byte, string.find, string.format, string.gsub

local names = {}

local KEYWORD = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
    return then true until while]]):gmatch "%a+" do
  KEYWORD[word] = true
end

--- Can the text stand behind a dot?
function names.is_field(text)
  return find(text, "^[%a_][%w_]*$") ~= nil and not KEYWORD[text]
end

--- The Lua name of a variable. Names that Lua cannot have, or that the emitter keeps for itself
--- (`self` and what begins with `__`), are written after `_K_`; no two names become one.
function names.variable(name)
  local plain = find(name, "^[%a_][%w_]*$")
  if plain and not KEYWORD[name] and name ~= "self" and not find(name, "^__")
    and not find(name, "^_K_") then
    return name
  end
  if plain then return "_K_" .. name end
  return "_K_" .. gsub(name, "[^%a%d]", function(c) return format("_x%02X", byte(c)) end)
end

--- A text as a Lua literal.
function names.quote(text)
  return '"' .. gsub(text, '[%c"\\\127-\255]', function(c)
    if c == '"' then return '\\"' end
    if c == "\\" then return "\\\\" end
    return format("\\%03d", byte(c))
  end) .. '"'
end

--- `object.name`, or `object["the name"]`.
function names.member(object, name)
  if names.is_field(name) then return object .. "." .. name end
  return object .. "[" .. names.quote(name) .. "]"
end

--- A number as a Lua literal.
function names.number(value)
  if value ~= value then return "(0/0)" end
  if value == math.huge then return "(1/0)" end
  if value == -math.huge then return "(-1/0)" end
  if value == math.floor(value) and value < 1e15 and value > -1e15 then
    return format("%d", value)
  end
  return format("%.17g", value)
end

return names
