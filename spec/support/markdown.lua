--- markdown: the code blocks, links and tables of our pages.

local dir = require "pl.dir"

local markdown = {}

---@class spec.Block
---@field language string
---@field text string
---@field place string    "docs/cli.md:12", where its first line stands
---@field heading string    the nearest one above
---@field file_name? string    of a whole file, which says `-- app.lua` in its first line

--- The pages of the repository that people read, sorted.
---@return string[]
function markdown.pages()
  local pages = { "README.md" }
  for _, pattern in ipairs { "docs", "examples" } do
    for _, path in ipairs(dir.getallfiles(pattern, "*.md")) do pages[#pages + 1] = path end
  end
  table.sort(pages)
  return pages
end

local function finish(block)
  block.text = table.concat(block.lines, "\n") .. "\n"
  block.file_name = block.text:match "^%-%- ([%w_]+%.lua)\n"
  return block
end

--- The fenced blocks of a page, in order. A fence that nobody closes raises.
---@param page string
---@return spec.Block[]
function markdown.blocks(page)
  local blocks, open, heading, number = {}, nil, "", 0
  for line in io.lines(page) do
    number = number + 1
    local fence = line:match "^```(.*)$"
    if open and fence then
      blocks[#blocks + 1] = finish(open)
      open = nil
    elseif open then
      table.insert(open.lines, line)
    elseif fence then
      local place = ("%s:%d"):format(page, number + 1)
      open = { language = fence, lines = {}, place = place, heading = heading }
    else
      heading = line:match "^#+ (.*)$" or heading
    end
  end
  assert(not open, page .. " ends inside a block")
  return blocks
end

--- The blocks of all pages in one language.
---@param language string
---@return spec.Block[]
function markdown.all(language)
  local all = {}
  for _, page in ipairs(markdown.pages()) do
    for _, block in ipairs(markdown.blocks(page)) do
      if block.language == language then
        block.page = page
        all[#all + 1] = block
      end
    end
  end
  return all
end

--- The cells of the table rows of a text, without their backquotes.
---@param text string
---@return string[][]
function markdown.rows(text)
  local rows = {}
  for line in text:gmatch "[^\n]+" do
    local inside = line:match "^|(.*)|$"
    if inside and not inside:find "^[-|]+$" then
      local cells = {}
      for cell in (inside .. "|"):gmatch "(.-)|" do
        cells[#cells + 1] = cell:gsub("`", ""):match "^%s*(.-)%s*$"
      end
      rows[#rows + 1] = cells
    end
  end
  return rows
end

return markdown
