--- wire_http: one answer of HTTP/1.1 as it comes in (RFC 9112): for tests, from our own server.

---@class partylua.testing.HttpAnswer
---@field status? integer    nil before its head has come
---@field reason string
---@field headers string[]    flat, names in lower case
---@field is_whole boolean
---@field private pieces string[]
---@field private left? integer    bytes of the body, or of the chunk; nil: until the end
local HttpAnswer = {}
HttpAnswer.__index = HttpAnswer

local answer_reader = {}

---@param method string    of the request
---@return partylua.testing.HttpAnswer
function answer_reader.new(method)
  return setmetatable({
    method = method, reason = "", headers = {}, pieces = {}, is_whole = false,
  }, HttpAnswer)
end

---@param name string
---@return string?
function HttpAnswer:header(name)
  for i = 1, #self.headers, 2 do
    if self.headers[i] == name then return self.headers[i + 1] end
  end
  return nil
end

---@return string
function HttpAnswer:body()
  return table.concat(self.pieces)
end

local function is_bodiless(self)
  return self.method == "HEAD" or self.status == 204 or self.status == 304 or self.status == 101
end

local function read_head(self, head)
  local status, reason = head:match "^HTTP/1%.1 (%d%d%d) ?([^\r\n]*)"
  self.status, self.reason = tonumber(status), reason
  for name, value in head:gmatch "\r\n([^:\r\n]+):[ \t]*([^\r\n]*)" do
    self.headers[#self.headers + 1] = name:lower()
    self.headers[#self.headers + 1] = value
  end
  self.is_chunked = (self:header "transfer-encoding" or ""):find "chunked" ~= nil
  self.left = tonumber((self:header "content-length"))
  self.is_whole = is_bodiless(self) or self.left == 0 and not self.is_chunked
end

local function take(self, bytes, count)
  self.pieces[#self.pieces + 1] = bytes:sub(1, count)
  return bytes:sub(count + 1)
end

--- Reads chunks: each has its length in a line, and a line end behind it.
local function feed_chunks(self, bytes)
  while not self.is_whole do
    local length, stop = bytes:match "^(%x+)[^\r\n]*\r\n()"
    if not length then return bytes end
    length = tonumber(length, 16)
    if #bytes < stop + length + 1 then return bytes end
    if length == 0 then self.is_whole = true end
    take(self, bytes:sub(stop), length)
    bytes = bytes:sub(stop + length + 2)
  end
  return bytes
end

local function feed_body(self, bytes)
  if self.is_whole then return bytes end
  if self.is_chunked then return feed_chunks(self, bytes) end
  local count = math.min(#bytes, self.left or #bytes)
  if self.left then self.left = self.left - count end
  bytes = take(self, bytes, count)
  if self.left == 0 then self.is_whole = true end
  return bytes
end

--- Takes bytes; gives those that are not understood yet, or are none of this answer.
---@param bytes string
---@return string rest
function HttpAnswer:feed(bytes)
  while not self.status do
    local stop = bytes:find("\r\n\r\n", 1, true)
    if not stop then return bytes end
    local head = bytes:sub(1, stop - 1)
    bytes = bytes:sub(stop + 4)
    if not head:find "^HTTP/1%.1 100" then read_head(self, head) end
  end
  return feed_body(self, bytes)
end

--- The connection has ended.
function HttpAnswer:finish()
  if self.status and not self.is_chunked and self.left == nil then self.is_whole = true end
end

return answer_reader
