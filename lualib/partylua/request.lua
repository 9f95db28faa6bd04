--- Request: what a client or a room asks, as in the Fetch standard.
---
--- One that came over the network stands for its exchange, the native object that has
--- received it, and asks that for each field when it is read first: a hook pays for what it
--- looks at. One that an application made has its fields from the beginning.

local Body = require "partylua.body"
local Headers = require "partylua.headers"
local cf = require "partylua.cf"
local class = require "partylua.class"
local lazy = require "partylua.lazy"

local url = lazy "partylua.url" ---@module "partylua.url"

local find, rawget, setmetatable, sub = string.find, rawget, setmetatable, string.sub

-- Not written as nil in the constructor below, where LuaJIT leaves out what is constantly nil.
local UNREAD = nil

---@alias partylua.RequestInput string|partylua.URL|partylua.Request

---@class partylua.RequestInit    or a request
---@field method? string
---@field headers? partylua.HeadersInit
---@field body? partylua.BodyInit

---@class partylua.Request : partylua.Body
---@field method string    in capitals
---@field url string    absolute, http also for a WebSocket
---@field path string    of the URL, as it was sent: escapes are not decoded
---@field search string    the query with its question mark, or empty
---@field query table<string, string>    the first value of each parameter, decoded
---@field searchParams partylua.SearchParams
---@field headers partylua.Headers    changes are seen by whoever gets the request later
---@field cf table<string, any>    what a trusted proxy says of the client's place: country, city …
---@field address? string    of the client; nil for a request that room code has made
---@field private native? partylua.native.Exchange
---@overload fun(input: partylua.RequestInput, init?: partylua.RequestInit): partylua.Request
local Request = class(Body)

---@param value any
---@return boolean
function Request.is(value)
  return getmetatable(value) == Request
end

--- A request that was received. Naming the fields that hooks read most makes room for them,
--- which is cheaper than to let the table grow.
---@param exchange partylua.native.Exchange
---@return partylua.Request
function Request.from_native(exchange)
  return setmetatable({
    native = exchange,
    method = UNREAD,
    url = UNREAD,
    path = UNREAD,
    search = UNREAD,
  }, Request)
end

local function check_method(method, level)
  if type(method) ~= "string" or find(method, "[^%w!#$%%&'*+.^_`|~-]") or method == "" then
    error("a request's method must be a word such as \"POST\"", level + 1)
  end
  return method:upper()
end

--- What a new request takes from another one; its body moves.
local function adopt(self, other, with_body)
  self.method, self.url = other.method, other.url
  self.cf, self.address = other.cf, other.address
  self.headers = Headers(other.headers)
  if with_body then self.source = other:move_source(4) end
end

--- The body and headers of `init`, with the content type that belongs to the body.
local function apply_init(self, init, level)
  if init.headers ~= nil then self.headers = Headers.from(init.headers, level + 1) end
  if Request.is(init) then
    self.source = init:move_source(level + 1) or self.source
  elseif init.body ~= nil then
    local source, content_type = Body.extract(init.body, level + 1)
    if source ~= nil and (self.method == "GET" or self.method == "HEAD") then
      error("Request with a GET or HEAD method cannot have a body.", level + 1)
    end
    self.source = source
    if content_type and not self.headers:has "content-type" then
      self.headers:append("content-type", content_type)
    end
  end
end

--- Makes a request to a URL, or one like another request. What `init` names is taken from
--- there, and `init` may be a request too. A body moves to the new request and counts as used
--- in the old.
---@param input partylua.RequestInput
---@param init? partylua.RequestInit
function Request:init(input, init)
  init = init or {}
  if type(init) ~= "table" then
    error("a Request's second argument must be a table such as { method = \"POST\" }", 3)
  end
  if Request.is(input) then
    adopt(self, input, init.body == nil)
  else
    local ok, target = pcall(url.URL, input)
    if not ok then error(Body.bare_message(target), 3) end
    self.method, self.url, self.headers = "GET", target.href, Headers()
  end
  if init.method ~= nil then self.method = check_method(init.method, 3) end
  apply_init(self, init, 3)
end

--- The headers as a flat list { name, value, ... } with names in lower case; to be read only.
---@return string[]
function Request:flat_headers()
  local headers = self.headers
  return Headers.is(headers) and headers or Headers.from(headers, 2)
end

--- A second request with the same content. A content in chunks is read to its end for it.
---@return partylua.Request
function Request:clone()
  local source = self:share_source(2)
  local copy = setmetatable({}, Request)
  adopt(copy, self, false)
  copy.source = source
  return copy
end

-- Fields that are made when they are read first.
local made = { body = Body.open_stream, bodyUsed = Body.is_used }

function made.method(self)
  self.method = self.native and self.native:method()
  return rawget(self, "method")
end

function made.url(self)
  self.url = self.native and self.native:url()
  return rawget(self, "url")
end

function made.address(self)
  self.address = self.native and self.native:address()
  return rawget(self, "address")
end

function made.headers(self)
  self.headers = Headers.adopt(self.native and self.native:headers() or {})
  return self.headers
end

function made.source(self)
  local exchange = self.native
  if not exchange or not exchange:has_body() then return nil end
  self.source = function() return exchange:read() end
  return self.source
end

--- Takes path and search out of the URL.
local function split_url(self)
  local text = self.url
  local _, scheme_stop = find(text, "://", 1, true)
  local hash = find(text, "#", scheme_stop, true) or #text + 1
  local mark = find(text, "?", scheme_stop, true)
  if not mark or mark > hash then mark = hash end
  local slash = find(text, "/", scheme_stop + 1, true)
  self.path = slash and slash < mark and sub(text, slash, mark - 1) or "/"
  self.search = hash - mark > 1 and sub(text, mark, hash - 1) or ""
end

function made.path(self)
  split_url(self)
  return self.path
end

function made.search(self)
  split_url(self)
  return self.search
end

function made.query(self)
  local _, first = url.parse_query(self.search)
  self.query = first
  return first
end

function made.searchParams(self)
  self.searchParams = url.SearchParams(self.search)
  return self.searchParams
end

function made.cf(self)
  self.cf = cf.read(self.native)
  return self.cf
end

function Request.__index(self, key)
  local make_field = made[key]
  if make_field then return make_field(self) end
  return Request[key]
end

return Request
