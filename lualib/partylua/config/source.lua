--- source: the text of a file, and how to point at a place in it.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"

---@class partylua.Place
---@field file string    as messages call it
---@field line integer
---@field column integer    in characters, from 1
---@field stop integer    the column behind the last character that is meant
---@field excerpt string    the line, and carets under what is meant

---@class partylua.config.Source
---@field name string    how messages call the file
---@field text string
local Source = {}
Source.__index = Source

local FILE_BYTES_MAX = 1024 * 1024
local EXCERPT_BYTES = 80

--- A position of a UTF-8 text moved back to where its character begins.
local function character_start(text, at)
  while at > 1 and (text:byte(at) or 0) >= 0x80 and text:byte(at) < 0xC0 do at = at - 1 end
  return at
end

local function characters(text)
  local _, count = text:gsub("[^\128-\191]", "")
  return count
end

--- The line of byte `at`: its number, its text, and where in it the byte is.
local function line_of(text, at)
  local number, from = 1, 1
  for break_at in text:gmatch "()\n" do
    if break_at >= at then break end
    number, from = number + 1, break_at + 1
  end
  local line = text:match("^[^\r\n]*", from)
  return number, line, at - from + 1
end

--- Cuts a long line to a part around `column`; returns the part and the column in it.
local function window(line, column)
  if #line <= EXCERPT_BYTES then return line, column end
  local from = character_start(line, math.max(1, column - EXCERPT_BYTES / 2))
  local to = character_start(line, math.min(#line + 1, from + EXCERPT_BYTES)) - 1
  return line:sub(from, to), column - from + 1
end

--- The first byte that is not valid UTF-8, or nil. RFC 3629: no overlong forms, no surrogates.
local function invalid_at(text)
  local at = text:find "[\128-\255]"
  while at do
    local after = text:match("^[\194-\223][\128-\191]()", at)
      or text:match("^\224[\160-\191][\128-\191]()", at)
      or text:match("^\237[\128-\159][\128-\191]()", at)
      or text:match("^[\225-\236\238\239][\128-\191][\128-\191]()", at)
      or text:match("^\240[\144-\191][\128-\191][\128-\191]()", at)
      or text:match("^[\241-\243][\128-\191][\128-\191][\128-\191]()", at)
      or text:match("^\244[\128-\143][\128-\191][\128-\191]()", at)
    if not after then return at end
    at = text:find("[\128-\255]", after)
  end
end

--- Line and column (in characters) of byte `at`, both from 1.
---@param at integer
---@return integer line
---@return integer column
function Source:place(at)
  local number, line, column = line_of(self.text, at)
  return number, characters(line:sub(1, column - 1)) + 1
end

--- The line with stars for keys that stand in it: messages end up in logs. The name of a variable
--- is no secret.
local function without_secrets(line)
  return (line:gsub("(api%a+[\"']?%s*:%s*[\"'])([^\"'$][^\"']*)", function(before, secret)
    return before .. ("*"):rep(#secret)
  end))
end

--- The line of `at` with carets under `at` to `stop`.
function Source:excerpt(at, stop)
  local number, line, column = line_of(self.text, at)
  local width = math.min((stop or at) - at + 1, #line - column + 1)
  local part, start = window(without_secrets(line), column)
  local under = part:sub(1, start - 1):gsub("[\128-\191]", ""):gsub("[^\t]", " ")
  local carets = ("^"):rep(math.max(1, characters(part:sub(start, start + width - 1))))
  local gutter = ("%4d | "):format(number)
  return ("%s%s\n%s| %s%s"):format(gutter, part, (" "):rep(#gutter - 2), under, carets)
end

--- Where the source has bytes `from` to `to` of a string node's value; all of the node when they
--- are not given, or where escapes make it hard to tell.
---@param node partylua.config.Node
---@param from? integer
---@param to? integer
---@return integer at
---@return integer stop
function Source:part(node, from, to)
  local inside = self.text:sub(node.at + 1, node.stop - 1)
  if not from or inside ~= node.value then return node.at, node.stop end
  return node.at + from, node.at + to
end

--- The byte where a line begins; the end of the text for a line that it does not have.
---@param number integer
---@return integer at
function Source:line_start(number)
  local at = 1
  for _ = 2, number do
    at = self.text:match("\n()", at)
    if not at then return #self.text + 1 end
  end
  return at
end

--- Bytes `at` to `stop` as a place to show.
---@param at integer
---@param stop? integer    `at` if left out
---@return partylua.Place
function Source:place_of(at, stop)
  local line, column = self:place(at)
  local meant = self.text:sub(at, stop or at):match "^[^\r\n]*"
  return {
    file = self.name, line = line, column = column,
    stop = column + math.max(1, characters(meant)), excerpt = self:excerpt(at, stop),
  }
end

--- What is wrong with bytes `at` to `stop`, with the place and the line.
---@param at integer
---@param stop? integer    `at` if left out
---@param message string
---@param hint? string
---@param code? string    P002 if left out: what is wrong with the writing
---@return partylua.Failure
function Source:failure(at, stop, message, hint, code)
  local place = self:place_of(at, stop)
  local where = ("%s:%d:%d: %s"):format(self.name, place.line, place.column, message)
  local found = failure.new(where .. "\n" .. place.excerpt, hint, code or "P002")
  found.what, found.place = message, place
  return found
end

--- Raises what `failure` makes.
function Source:fail(at, stop, message, hint, code)
  error(self:failure(at, stop, message, hint, code), 0)
end

local source = {}

--- A text under a name, whatever it holds.
---@param text string
---@param name string
---@return partylua.config.Source
function source.of(text, name)
  return setmetatable({ text = text, name = name }, Source)
end

--- A text under a name. Raises when it is not UTF-8 or beyond all measure.
---@param text string
---@param name string
---@return partylua.config.Source
function source.new(text, name)
  if #text > FILE_BYTES_MAX then
    failure.raise(("%s: is larger than %d bytes"):format(name, FILE_BYTES_MAX), nil, "P001")
  end
  local self = source.of(text, name)
  local bad = invalid_at(text)
  if bad then self:fail(bad, bad, "this byte is not valid UTF-8") end
  return self
end

--- The file at `path`. Raises when it cannot be read.
---@param path string
---@param name string
---@return partylua.config.Source
function source.read(path, name)
  if fs.is_folder(path) then failure.raise(name .. " is a folder, not a file", nil, "P001") end
  local text, why = fs.read(path)
  if not text then failure.raise("cannot read the configuration: " .. why, nil, "P001") end
  return source.new(text, name)
end

return source
