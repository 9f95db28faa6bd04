--- Response: what an HTTP request is answered with, as in the Fetch standard.

local Body = require "partylua.body"
local Headers = require "partylua.headers"
local class = require "partylua.class"
local encode = require "partylua.json.encode"
local lazy = require "partylua.lazy"

local url = lazy "partylua.url" ---@module "partylua.url"

local pcall, setmetatable, try_encode = pcall, setmetatable, encode.try

-- Flat lists that many responses share: a response copies its list before it hands it out as
-- headers, and whoever sends it only reads.
local NO_HEADERS = {}
local TEXT_HEADERS = { "content-type", "text/plain;charset=UTF-8" }
local JSON_HEADERS = { "content-type", "application/json" }

local STATUS_RANGE =
  "Responses may only be constructed with status codes in the range 200 to 599, inclusive."
local REDIRECTS = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }
local BODILESS = { [204] = true, [205] = true, [304] = true }

---@class partylua.ResponseInit
---@field status? integer
---@field statusText? string
---@field headers? partylua.HeadersInit

---@class partylua.Response : partylua.Body
---@field status integer
---@field statusText string
---@field ok boolean    whether the status is from 200 to 299
---@field headers partylua.Headers
---@field url string    where it came from, redirects followed; empty unless it was fetched
---@field redirected boolean    whether redirects were followed
---@field private flat string[]    the headers as a flat list; the Headers, once there are any
---@overload fun(body?: partylua.BodyInit, init?: partylua.ResponseInit): partylua.Response
local Response = class(Body)

local function check_status(status, level)
  local is_integer = type(status) == "number" and status % 1 == 0
  if not is_integer or status < 200 or status > 599 then error(STATUS_RANGE, level + 1) end
end

--- RFC 9112 4: a reason phrase holds no control characters but tabs.
local function check_status_text(text, level)
  if type(text) == "string" and not text:find "[%z\1-\8\10-\31\127]" then return end
  error("a response's statusText must be a string without control characters", level + 1)
end

--- The headers that `init` asks for, with a content type if it names none.
local function make_headers(init_headers, content_type, level)
  local headers = Headers.from(init_headers, level + 1)
  if content_type and not headers:has "content-type" then
    headers:append("content-type", content_type)
  end
  return headers
end

--- A response of the parts that a constructor has read. `flat` is what is sent without an
--- `init`.
local function make(source, flat, init, level)
  local self = setmetatable({
    status = 200,
    statusText = "",
    source = source,
    flat = flat,
  }, Response)
  if init == nil then return self end
  if type(init) ~= "table" then
    error("a Response's second argument must be a table such as { status = 404 }", level + 1)
  end
  local status, text, headers = init.status, init.statusText, init.headers
  if status ~= nil then
    check_status(status, level + 1)
    self.status = status
  end
  if text ~= nil then
    check_status_text(text, level + 1)
    self.statusText = text
  end
  if headers ~= nil then self.flat = make_headers(headers, flat[2], level + 1) end
  if source ~= nil and BODILESS[status] then
    -- an empty text is let through, as PartyKit's runtime does
    if source ~= "" then
      local message = "Response with null body status (%d) cannot have a body."
      error(message:format(status), level + 1)
    end
    self.source = nil
  end
  return self
end

--- Makes a response. Calling the class comes here and not to `init`, since a table that is
--- made with its fields is several times cheaper than one that grows, and this is done for
--- each request.
local function construct(_, body, init)
  if type(body) == "string" then
    local response = make(body, TEXT_HEADERS, init, 2)
    return response
  end
  local source, content_type = Body.extract(body, 2)
  local flat = content_type and { "content-type", content_type } or NO_HEADERS
  local response = make(source, flat, init, 2)
  return response
end

getmetatable(Response).__call = construct

--- A response with a value as JSON.
---@param value any
---@param init? partylua.ResponseInit
---@return partylua.Response
function Response.json(value, init)
  local ok, text = try_encode(value)
  if not ok then error("json.encode: " .. text, 2) end
  local response = make(text, JSON_HEADERS, init, 2)
  return response
end

--- A response that sends the client to another URL.
---@param location string|partylua.URL    absolute
---@param status? integer    301, 302 (the default), 303, 307 or 308
---@return partylua.Response
function Response.redirect(location, status)
  local ok, target = pcall(url.URL, location)
  if not ok then error(Body.bare_message(target), 2) end
  status = status or 302
  if not REDIRECTS[status] then
    error(tostring(status) .. " is not a redirect status code.", 2)
  end
  return Response.adopt(status, "", { "location", target.href })
end

--- Makes a response of parts that are known to be right, such as those of an answer that came
--- from elsewhere. Nothing is checked, and the list is taken over.
---@param status integer
---@param status_text string
---@param flat string[]    names in lower case
---@param source? string|function    as in partylua.body
---@return partylua.Response
function Response.adopt(status, status_text, flat, source)
  return setmetatable({
    status = status,
    statusText = status_text,
    source = source,
    flat = Headers.adopt(flat),
  }, Response)
end

--- The shared lists of headers, by the number under which the native side knows the same.
Response.USUAL_HEADERS = { [TEXT_HEADERS] = 1, [JSON_HEADERS] = 2 }

---@param value any
---@return boolean
function Response.is(value)
  return getmetatable(value) == Response
end

--- The headers as a flat list { name, value, ... } with names in lower case. Others may share
--- it: it is to be read, not changed.
---@return string[]
function Response:flat_headers()
  local headers = rawget(self, "headers")
  if headers == nil or headers == self.flat then return self.flat end
  return Headers.from(headers, 2) -- somebody has assigned to the field
end

--- A second response with the same content. A content in chunks is read to its end for it.
---@return partylua.Response
function Response:clone()
  local source = self:share_source(2)
  return Response.adopt(self.status, self.statusText, Headers(self.headers), source)
end

local made = { body = Body.open_stream, bodyUsed = Body.is_used }

--- The class has `json` to make a response and its instances have the one of Body to read them.
function made.json()
  return Body.json
end

function made.ok(self)
  return self.status >= 200 and self.status <= 299
end

function made.url()
  return ""
end

function made.redirected()
  return false
end

function made.headers(self)
  local headers = self.flat
  if not Headers.is(headers) then
    headers = Headers.adopt({ unpack(headers) })
    self.flat = headers
  end
  self.headers = headers
  return headers
end

function Response.__index(self, key)
  local make_field = made[key]
  if make_field then return make_field(self) end
  return Response[key]
end

return Response
