--- lines: a file read line by line, in memory that one line bounds.

local failure = require "partylua.config.failure"

local lines = {}

local CHUNK_BYTES = 65536

---@class partylua.cli.Lines
---@field name string    how messages call the file
---@field number integer    of the line that was read last
local Lines = {}
Lines.__index = Lines

--- A file, or standard input without a path.
---@param path? string
---@param bytes_max integer    of one line
---@return partylua.cli.Lines
function lines.open(path, bytes_max)
  local file, message = io.stdin, nil
  if path then file, message = io.open(path, "rb") end
  if not file then return failure.raise("cannot read " .. message) end
  return setmetatable({
    file = file, name = path or "standard input", bytes_max = bytes_max, number = 0,
    rest = "", at = 1, -- what is read and not given away yet
  }, Lines)
end

--- Raises a failure that names the line.
---@param message string
---@param hint? string
function Lines:fail(message, hint)
  failure.raise(("%s:%d: %s"):format(self.name, self.number, message), hint)
end

--- More bytes; false at the end.
local function fill(self)
  local chunk, message = self.file:read(CHUNK_BYTES)
  if not chunk and message then failure.raise(("cannot read %s: %s"):format(self.name, message)) end
  self.rest, self.at = chunk or "", 1
  return chunk ~= nil
end

--- The next line, without its end; nil behind the last.
---@return string?
function Lines:next()
  local pieces, size = {}, 0
  self.number = self.number + 1
  repeat
    local stop = self.rest:find("\n", self.at, true)
    local piece = self.rest:sub(self.at, stop and stop - 1)
    pieces[#pieces + 1], size = piece, size + #piece
    if size > self.bytes_max then
      self:fail(("the line is longer than %d bytes"):format(self.bytes_max))
    end
    if stop then
      self.at = stop + 1
      return table.concat(pieces)
    end
  until not fill(self)
  return size > 0 and table.concat(pieces) or nil
end

return lines
