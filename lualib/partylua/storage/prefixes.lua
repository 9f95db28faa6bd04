--- prefixes: where keys that begin alike end.

local prefixes = {}

--- The first key behind all that begin with a prefix; nil when there is none.
---@param prefix string
---@return string?
function prefixes.behind(prefix)
  local last = #prefix
  while last > 0 and prefix:byte(last) == 255 do last = last - 1 end
  if last == 0 then return nil end
  return prefix:sub(1, last - 1) .. string.char(prefix:byte(last) + 1)
end

return prefixes
