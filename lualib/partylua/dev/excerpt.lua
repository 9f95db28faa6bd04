--- excerpt: the line of source that a message speaks of, with a caret under what is wrong.

local fs = require "partylua.fs"

local excerpt = {}

local LINE_BYTES_MAX = 160

--- What Lua's messages name, in the order of how well it says where the fault is.
local NAMED = {
  "near '(.-)'$", "%a+ '([^']+)' %(a %a+ value%)", "method '([^']+)'", "global '([^']+)'",
}

--- From where to where the text stands in the line as a word of its own, or anywhere.
local function find_word(line, text)
  local at = 1
  while true do
    local first, last = line:find(text, at, true)
    if not first then return nil end
    local before, after = line:sub(first - 1, first - 1), line:sub(last + 1, last + 1)
    local is_word = text:find "^[%w_]+$"
    if not is_word or not (before:find "[%w_]" or after:find "[%w_]") then return first, last end
    at = first + 1
  end
end

--- What to point at: the text that the message names, else the first thing in the line.
local function find_place(line, message)
  for _, pattern in ipairs(NAMED) do
    local name = message:match(pattern)
    if name == "<eof>" then return #line + 1, #line + 1 end
    local first, last = find_word(line, name or "\0")
    if first then return first, last end
  end
  local first = line:find "%S" or 1
  return first, first
end

--- A line and its caret.
---@param number integer
---@param line string
---@param message string    what is wrong with it
---@return string text    two lines
function excerpt.draw(number, line, message)
  line = line:sub(1, LINE_BYTES_MAX):gsub("\t", "  ")
  local first, last = find_place(line, message)
  local margin = ("%4d | "):format(number)
  local blank, carets = (" "):rep(#margin + first - 1), ("^"):rep(last - first + 1)
  return ("%s%s\n%s%s"):format(margin, line, blank, carets)
end

local function line_of(path, wanted)
  local file = io.open(path)
  if not file then return nil end
  local number = 0
  for line in file:lines() do
    number = number + 1
    if number == wanted then
      file:close()
      return (line:gsub("\r$", ""))
    end
  end
  file:close()
end

--- The message with the excerpt of the first place it names, unless it has one already.
---@param message string
---@param directory string    which paths in it are relative to
---@return string
function excerpt.add(message, directory)
  if message:find "\n *%d+ |" then return message end
  for path, number, rest in message:gmatch "([^%s:'\"]+%.%a+):(%d+): ([^\n]*)" do
    local line = line_of(fs.join(directory, path), tonumber(number))
    if line then
      local head, tail = message:match "^([^\n]*)(.*)$"
      return ("%s\n%s%s"):format(head, excerpt.draw(tonumber(number), line, rest), tail)
    end
  end
  return message
end

return excerpt
