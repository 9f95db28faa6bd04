--- Answer: what came of a request: the whole response, or what there is of it so far.

local Headers = require "partylua.headers"
local Request = require "partylua.request"
local json = require "partylua.json"

---@class partylua.testing.Answer
---@field status integer?    nil while nothing was answered
---@field statusText string
---@field headers partylua.Headers
---@field body string    as far as it has come
---@field ok boolean    whether the status is from 200 to 299
---@field pending boolean    some of it is still to come: a hook waits
---@field broken boolean    it broke off before its end
---@field private line partylua.native.Line
local Answer = {}

local HOST = "localhost"

--- Looks anew, until nothing can change any more.
local function update(self)
  local line = rawget(self, "line")
  if not line then return end
  local status, reason, headers, body, is_broken = line:answer()
  self.values = {
    status = status, statusText = reason or "", headers = Headers.adopt(headers or {}),
    body = rawget(self, "is_bodiless") and "" or body or "",
    ok = status ~= nil and status >= 200 and status <= 299,
    pending = line:state() == "waiting", broken = is_broken or false,
  }
  if not self.values.pending then self.line = false end
end

function Answer.__index(self, key)
  if Answer[key] ~= nil then return Answer[key] end
  update(self)
  return rawget(self, "values")[key]
end

--- The body as a value.
---@return any
function Answer:json()
  local value, why = json.tryDecode(self.body)
  if why then error(("the answer is no JSON: %s\n%s"):format(why, self.body), 2) end
  return value
end

--- The body; for those who are used to it.
---@return string
function Answer:text()
  return self.body
end

--- The answer that comes on a line.
---@param line partylua.native.Line
---@param is_bodiless? boolean    of a HEAD request
---@return partylua.testing.Answer
function Answer.of(line, is_bodiless)
  return setmetatable({ line = line, is_bodiless = is_bodiless }, Answer)
end

local function body_of(request)
  local kind, content = request:take_body()
  if kind == "none" then return nil end
  if kind == "bytes" then return content end
  local chunks = {}
  if kind == "producer" then
    content(function(chunk)
      chunks[#chunks + 1] = chunk
      return true
    end)
  else
    for chunk in content do chunks[#chunks + 1] = chunk end
  end
  return table.concat(chunks)
end

--- A request's target and host: of `/path?query`, or of a whole URL.
---@param text string
---@return string? target
---@return string? host
function Answer.split_url(text)
  if text:sub(1, 1) == "/" then return text, HOST end
  local host, target = text:match "^%a+://([^/?#]+)(.*)$"
  if not host then return nil end
  if target:sub(1, 1) ~= "/" then target = "/" .. target end
  return target, host
end

--- Sends a request and gives its answer.
---@param app partylua.testing.App
---@param address string
---@param init? partylua.RequestInit
---@param level integer    as in error(), counted from the caller
---@return partylua.testing.Answer
function Answer.request(app, address, init, level)
  if type(address) ~= "string" then
    error("a fetch takes a path such as '/' or a URL, got " .. type(address), level + 1)
  end
  local target, host = Answer.split_url(address)
  if not target then error("a path begins with '/', a URL with http://", level + 1) end
  local ok, request = pcall(Request, "http://" .. HOST .. "/", init)
  if not ok then error((tostring(request):gsub("^.-:%d+: ", "")), level + 1) end
  local headers = { "host", host }
  for _, each in ipairs(request:flat_headers()) do headers[#headers + 1] = each end
  local body = body_of(request)
  if body then
    headers[#headers + 1], headers[#headers + 2] = "content-length", tostring(#body)
  end
  local line = app.house.transport:request {
    method = request.method, host = host, target = target:match "^[^#]*", headers = headers,
    body = body, address = "127.0.0.1",
  }
  if not line then error("this is no URL that can be asked for: " .. address, level + 1) end
  app:settle()
  return Answer.of(line, request.method == "HEAD")
end

return Answer
