--- columns: rows of cells as a table for a terminal.

local output = require "partylua.cli.output"

local columns = {}

local GAP = "   "

local function width_of(text)
  return #text:gsub("[\128-\191]", "") -- characters of UTF-8
end

--- How wide the columns of some rows are.
---@param rows string[][]
---@return integer[]
function columns.widths(rows)
  local widths = {}
  for _, cells in ipairs(rows) do
    for i, cell in ipairs(cells) do widths[i] = math.max(widths[i] or 0, width_of(cell)) end
  end
  return widths
end

--- Prints one row; numbers stand to the right.
---@param cells string[]
---@param widths integer[]
---@param is_number boolean[]
function columns.print_row(cells, widths, is_number)
  local padded = {}
  for i, cell in ipairs(cells) do
    local space = (" "):rep(i < #cells and widths[i] - width_of(cell) or 0)
    padded[i] = is_number[i] and space .. cell or cell .. space
  end
  output.write(table.concat(padded, GAP), "\n")
end

--- Prints all rows, the headings among them.
---@param rows string[][]
---@param is_number boolean[]
function columns.print(rows, is_number)
  local widths = columns.widths(rows)
  for _, cells in ipairs(rows) do columns.print_row(cells, widths, is_number) end
end

return columns
