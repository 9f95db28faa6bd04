--- place: where in the user's files something stands, to be pointed at.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local lazy = require "partylua.lazy"

local source = lazy "partylua.config.source" ---@module "partylua.config.source"

local place = {}

-- A file is read to point at one line of it; what is larger is no source of a room.
local FILE_BYTES_MAX = 4 * 1024 * 1024

--- The text of a chunk's file, if it has one that can be read.
---@param chunkname string    as debug.getinfo gives it: "@app.lua"
---@return partylua.config.Source?
local function source_of(chunkname)
  local path = chunkname:match "^@(.*)$"
  local text = path and fs.is_file(path) and fs.read(path)
  if not text or #text > FILE_BYTES_MAX then return nil end
  return source.of(text, (path:gsub("^%./", "")))
end

local function is_part_of_word(byte)
  return byte:find "^[%w_]" ~= nil
end

--- Where a word stands within bytes `from` to `to`, by itself: its first byte and its last.
local function find_word(text, from, to, word, is_last)
  local line, found_at, found_stop = text:sub(from, to), nil, nil
  local at, stop = line:find(word, 1, true)
  while at and (is_last or not found_at) do
    local is_cut = is_part_of_word(word) and is_part_of_word(line:sub(at - 1, at - 1))
      or is_part_of_word(word:sub(-1)) and is_part_of_word(line:sub(stop + 1))
    if not is_cut then found_at, found_stop = from + at - 1, from + stop - 1 end
    at, stop = line:find(word, at + 1, true)
  end
  return found_at, found_stop
end

--- The bytes of line `number` without the white space around.
local function line_bytes(file, number)
  local at = file:line_start(number)
  local margin, text = file.text:match("^([ \t]*)([^\r\n]*)", at)
  local from = at + #margin
  return from, math.max(from, from + #text:match "^(.-)%s*$" - 1)
end

--- Line `number`, or the word in it.
local function in_line(file, number, word, is_last)
  local from, to = line_bytes(file, number)
  local at, stop
  if word then at, stop = find_word(file.text, from, to, word, is_last) end
  if not at then at, stop = from, to end
  return at, stop
end

--- A failure that points at where a function was written, and there at its name.
---@param fn function
---@param name string
---@param message string
---@param hint? string
---@param code? string
---@return partylua.Failure
function place.at_function(fn, name, message, hint, code)
  local info = debug.getinfo(fn, "S")
  local file = info.what ~= "C" and source_of(info.source)
  if not file then return failure.new(message, hint, code) end
  local at, stop = in_line(file, info.linedefined, name)
  return file:failure(at, stop, message, hint, code)
end

--- A failure that points at the first line with a word, outside of comments; or at no line.
---@param path string
---@param word string
---@param message string
---@param hint? string
---@param code? string
---@return partylua.Failure
function place.at_word(path, word, message, hint, code)
  local file = source_of("@" .. path)
  local at = 1
  while file and at <= #file.text do
    local behind = file.text:match("^[^\n]*()", at)
    local from, to = find_word(file.text, at, behind - 1, word)
    local comment = file.text:sub(at, behind - 1):find("--", 1, true)
    if from and not (comment and at + comment - 1 < from) then
      return file:failure(from, to, message, hint, code)
    end
    at = behind + 1
  end
  local found = failure.new(("%s: %s"):format(path, message), hint, code)
  found.what = message
  return found
end

--- A failure that points at the last line of a file that says something.
---@param path string
---@param message string
---@param hint? string
---@param code? string
---@return partylua.Failure
function place.at_end(path, message, hint, code)
  local file = source_of("@" .. path)
  local last = file and file.text:match "^.*()%S"
  if not last then return failure.new(message, hint, code) end
  local line = file:place(last)
  local from, to = line_bytes(file, line)
  return file:failure(from, to, message, hint, code)
end

--- What a message that begins with `file:line:` says, as a failure that points at that line: at
--- the name that it quotes last, where the line has it, and there where it is read: last. Nil for
--- any other message, and when the file cannot be read.
---@param text string
---@param intro string    what is put before the message
---@param hint? string
---@param code? string
---@return partylua.Failure?
function place.of_message(text, intro, hint, code)
  local path, line, message = text:match "^([^\n]-):(%d+): ([^\n]*)"
  local file = path and source_of("@" .. path)
  if not file then return nil end
  local word = message:match "^.*'([^']+)'"
  local at, stop = in_line(file, tonumber(line), word, true)
  return file:failure(at, stop, intro .. message, hint, code)
end

return place
