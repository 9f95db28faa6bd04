--- Ordered: JSON text for people and for comparing: names in the order of their bytes, on one line
--- or indented. Control characters beyond those of JSON are escaped too, for terminals.

local buffer = require "string.buffer"
local json = require "partylua.json"

local ordered = {}

local function escape_control(high)
  return ("\\u%04x"):format(high:byte())
end

local function put_string(out, text)
  local quoted = json.encode(text)
  if quoted:find "[\127\194]" then
    quoted = quoted:gsub("\127", "\\u007f"):gsub("\194([\128-\159])", escape_control)
  end
  out:put(quoted)
end

local function sorted_names(fields)
  local names = {}
  for name in next, fields do names[#names + 1] = name end
  table.sort(names)
  return names
end

local put

--- `margin` is what a new line begins with; nil: everything stands on one line.
local function put_items(out, open, close, count, margin, put_item)
  if count == 0 then
    out:put(open, close)
    return
  end
  local inner = margin and margin .. "  "
  out:put(open)
  for i = 1, count do
    if i > 1 then out:put "," end
    if inner then out:put(inner) end
    put_item(i, inner)
  end
  if margin then out:put(margin) end
  out:put(close)
end

local function put_fields(out, fields, margin)
  local names = sorted_names(fields)
  put_items(out, "{", "}", #names, margin, function(i, inner)
    put_string(out, names[i])
    out:put(inner and ": " or ":")
    put(out, fields[names[i]], inner)
  end)
end

function put(out, node, margin)
  if type(node) == "string" then
    put_string(out, node)
  elseif type(node) ~= "table" then
    out:put(json.encode(node))
  elseif json.isArray(node) then
    put_items(out, "[", "]", #node, margin, function(i, inner) put(out, node[i], inner) end)
  else
    put_fields(out, node, margin)
  end
end

--- The text of a value that JSON can say, without holes.
---@param node any
---@param is_indented? boolean    one line for each item
---@return string
function ordered.encode(node, is_indented)
  local out = buffer.new()
  put(out, node, is_indented and "\n" or nil)
  return out:get()
end

return ordered
