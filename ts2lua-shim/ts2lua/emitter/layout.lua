--- layout: puts every statement on the line it had in the source, so that a traceback of the Lua
--- program shows places in the TypeScript file.

local layout = {}

--- Replaces marks (a line number between "\1" and "\2") by the newlines that lead to their line.
---@param text string
---@return string
function layout.lines(text)
  local line = 1
  return (text:gsub("\1(%d+)\2", function(digits)
    local wanted = tonumber(digits)
    if wanted <= line then return "" end
    local newlines = ("\n"):rep(wanted - line)
    line = wanted
    return newlines
  end))
end

return layout
