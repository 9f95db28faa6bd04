--- dotenv: reads `.env` files.
---
---   NAME=value            # a comment begins after white space
---   export NAME='as it is, $HOME and \n too'
---   NAME="two\nlines, or really
---   two lines"
---
--- A line is a name, `=`, and a value; `export` before it is allowed. In double quotes \n \r \t
--- \" and \\ are escapes; single quotes and backquotes take everything as it is. Quoted values
--- may go over several lines. Nothing is expanded. The last of several equal names counts.

local fs = require "partylua.fs"

local dotenv = {}

local ESCAPES = { n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\" }

local function unescape(text)
  return (text:gsub("\\(.)", function(letter) return ESCAPES[letter] end))
end

local function line_at(text, at)
  local _, breaks = text:sub(1, at - 1):gsub("\n", "")
  return breaks + 1
end

--- Where the quoted value that opens at `at` closes, or nil.
local function closing_quote(text, at, quote)
  local escaped = quote == '"'
  local i = at + 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == quote then return i end
    i = i + (escaped and c == "\\" and 2 or 1)
  end
end

--- A value in quotes at `at`: the value, and where the rest of its line begins; else nil and
--- a message.
local function quoted_value(text, at, quote)
  local close = closing_quote(text, at, quote)
  if not close then return nil, ("the value opened with %s is never closed"):format(quote) end
  local value = text:sub(at + 1, close - 1)
  if quote == '"' then value = unescape(value) end
  return value, close + 1
end

--- A value without quotes: up to a comment or the end of the line, trimmed.
local function bare_value(text, at)
  -- The byte before, "=" or white space, decides whether a first "#" is a comment.
  local line, after = text:match("^([^\n]*)()", at - 1)
  return line:gsub("%s#.*$", ""):match "^.?%s*(.-)%s*$", after
end

--- One assignment at `at`: name, value, where the next line begins; or nil, message.
local function assignment(text, at)
  local name, value_at = text:match("^export[ \t]+([%a_][%w_.-]*)[ \t]*=[ \t]*()", at)
  if not name then
    name, value_at = text:match("^([%a_][%w_.-]*)[ \t]*=[ \t]*()", at)
  end
  if not name then return nil, "expected NAME=value" end

  local quote = text:match("^['\"`]", value_at)
  if not quote then return name, bare_value(text, value_at) end
  local value, rest = quoted_value(text, value_at, quote)
  if not value then return nil, rest end
  local next_line = text:match("^[ \t\r]*()\n", rest) or text:match("^[ \t\r]+#[^\n]*()", rest)
    or text:match("^[ \t\r]*()$", rest)
  if not next_line then return nil, "only a comment may follow a quoted value" end
  return name, value, next_line
end

--- Reads the text of a `.env` file.
---@param text string
---@param name? string    how messages call the file; ".env" if left out
---@return table<string, string>? values
---@return string? message    "name:line: what is wrong"
function dotenv.parse(text, name)
  local values = {}
  local at = text:match "^\239\187\191()" or 1 -- a byte order mark
  while true do
    at = text:match("^%s*()", at)
    if at > #text then return values end
    if text:sub(at, at) == "#" then
      at = text:match("^[^\n]*()", at)
    else
      local key, value, rest = assignment(text, at)
      if not key then
        return nil, ("%s:%d: %s"):format(name or ".env", line_at(text, at), value)
      end
      values[key], at = value, rest
    end
  end
end

--- Reads a `.env` file.
---@param path string
---@param name? string    how messages call the file; the path if left out
---@return table<string, string>? values
---@return string? message
function dotenv.load(path, name)
  local text, why = fs.read(path)
  if not text then return nil, why end
  return dotenv.parse(text, name or path)
end

return dotenv
