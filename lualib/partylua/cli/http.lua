--- http: one request of a command to a server, over a connection of its own.
---
--- Commands do one thing at a time and wait for it; what the server sends is read as it comes.

local failure = require "partylua.config.failure"

local http = {}

local HEAD_BYTES_MAX = 64 * 1024
local LINE_BYTES_MAX = 16 * 1024 * 1024
http.WITHIN_MS = 30000

---@class partylua.cli.Answer
---@field status integer
---@field reason string
---@field headers table<string, string>    names in lower case
---@field head string    as it came, without the empty line
---@field private line partylua.native.Wire
local Answer = {}
Answer.__index = Answer

local function broken(message)
  return failure.raise("the server's answer is broken: " .. message)
end

--- Reads more; false at the end.
local function fill(self)
  local bytes, message = self.line:read(self.within_ms)
  if not bytes then failure.raise("the connection to the server failed: " .. message) end
  self.rest, self.at = self.rest:sub(self.at) .. bytes, 1
  return bytes ~= ""
end

--- Everything up to a text, which is left out; nil when the end comes first.
local function take_until(self, text, most)
  while true do
    local from, to = self.rest:find(text, self.at, true)
    if from then
      local taken = self.rest:sub(self.at, from - 1)
      self.at = to + 1
      return taken
    end
    if #self.rest - self.at > most then broken "a line is too long" end
    if not fill(self) then return nil end
  end
end

local function read_head(self)
  local head = take_until(self, "\r\n\r\n", HEAD_BYTES_MAX)
  if not head then return failure.raise "the server closed the connection without an answer" end
  local status, reason = head:match "^HTTP/1%.[01] (%d%d%d) ?([^\r\n]*)"
  if not status then return broken "it is no HTTP" end
  self.head, self.status, self.reason, self.headers = head, tonumber(status), reason, {}
  for name, value in head:gmatch "\r\n([^:\r\n]+):[ \t]*([^\r\n]*)" do
    self.headers[name:lower()] = value
  end
  self.left = tonumber(self.headers["content-length"])
  self.is_chunked = (self.headers["transfer-encoding"] or ""):lower() == "chunked"
  local is_without = self.method == "HEAD" or self.status == 204 or self.status == 304
    or self.status < 200
  if is_without then self.left, self.is_chunked = 0, false end
end

---@class partylua.cli.Request
---@field method? string
---@field path string    with its query
---@field host string
---@field headers? string[]    lines
---@field body? string
---@field within_ms? number    for each wait

--- Sends a request on a connection; gives the head of the answer.
---@param line partylua.native.Wire
---@param request partylua.cli.Request
---@return partylua.cli.Answer
function http.send(line, request)
  local method = request.method or "GET"
  local lines = { ("%s %s HTTP/1.1"):format(method, request.path), "Host: " .. request.host }
  for _, each in ipairs(request.headers or {}) do lines[#lines + 1] = each end
  if request.body then lines[#lines + 1] = "Content-Length: " .. #request.body end
  local bytes = table.concat(lines, "\r\n") .. "\r\n\r\n" .. (request.body or "")
  local within_ms = request.within_ms or http.WITHIN_MS
  local self = setmetatable({
    line = line, method = method, rest = "", at = 1, within_ms = within_ms,
  }, Answer)
  -- A server that refuses may answer and close before it has read all of it: its answer counts.
  line:write(bytes, within_ms)
  repeat read_head(self) until self.status >= 200 or self.status == 101
  return self
end

--- Takes what is there of `count` bytes, and at least one, unless the end comes.
local function take_some(self, count)
  if self.at > #self.rest and not fill(self) then return nil end
  local piece = self.rest:sub(self.at, self.at + count - 1)
  self.at = self.at + #piece
  return piece
end

local function next_chunk(self)
  if self.chunk_left == 0 then take_until(self, "\r\n", 2) end
  local size = take_until(self, "\r\n", 100)
  if not size then return nil end
  self.chunk_left = tonumber(size:match "^%x+", 16) or broken "a chunk has no size"
  if self.chunk_left > 0 then return true end
  take_until(self, "\r\n", HEAD_BYTES_MAX)
  self.is_over, self.is_whole = true, true
  return nil
end

--- The next piece of the body; nil at its end. `is_whole` tells a body that was complete.
---@return string?
function Answer:read()
  if self.is_over then return nil end
  local most = self.left or LINE_BYTES_MAX
  if self.is_chunked then
    if (self.chunk_left or 0) == 0 and not next_chunk(self) then return nil end
    most = self.chunk_left
  elseif most == 0 then
    self.is_over, self.is_whole = true, true
    return nil
  end
  local piece = take_some(self, most)
  if not piece then
    self.is_over, self.is_whole = true, not self.is_chunked and not self.left
    return nil
  end
  if self.is_chunked then self.chunk_left = self.chunk_left - #piece end
  if self.left then self.left = self.left - #piece end
  return piece
end

--- The whole body, of so many bytes at most.
---@param bytes_max integer
---@return string
function Answer:text(bytes_max)
  local pieces, size = {}, 0
  for piece in self.read, self do
    size = size + #piece
    if size > bytes_max then broken(("it has more than %d bytes"):format(bytes_max)) end
    pieces[#pieces + 1] = piece
  end
  if not self.is_whole then broken "it was cut" end
  return table.concat(pieces)
end

--- The lines of a body that comes in lines, without empty ones.
---@return fun(): string?
function Answer:lines()
  local rest, at = "", 1
  return function()
    while true do
      local stop = rest:find("\n", at, true)
      if stop then
        local line = rest:sub(at, stop - 1)
        at = stop + 1
        if line ~= "" then return line end
      else
        local piece = self:read()
        if not piece then return nil end
        rest, at = rest:sub(at) .. piece, 1
        if #rest > LINE_BYTES_MAX then broken "a line is too long" end
      end
    end
  end
end

--- What has come of the connection behind the head: for a WebSocket.
---@return string
function Answer:take_rest()
  local rest = self.rest:sub(self.at)
  self.rest, self.at = "", 1
  return rest
end

return http
