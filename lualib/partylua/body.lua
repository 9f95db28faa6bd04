--- Body: what a Request and a Response have in common, their content and the ways to read it.
---
--- The content is `source`, and what may be given as a body becomes one of these:
---
---     nil         no body
---     string      all bytes: of a string, party.binary, a FormData or search parameters
---     function    an iterator, called for one chunk after the other until it gives nil
---     function    a producer, called once with a function `write(chunk)`
---
--- Chunks are strings or binary data, and what makes them may wait. The two kinds of function
--- are told apart by their parameters: a Lua function that names at least one is a producer,
--- every other one an iterator, and so is an object that can be called.
--- `coroutine.wrap(...)`, `string.gmatch(...)`, `io.lines(...)` and closures without
--- parameters are thus iterators. An iterator that names parameters has to be wrapped in a
--- function that names none.

local binary = require "partylua.binary"
local class = require "partylua.class"
local json = require "partylua.json"
local lazy = require "partylua.lazy"

local url = lazy "partylua.url" ---@module "partylua.url"

local TEXT_TYPE = "text/plain;charset=UTF-8"
local QUERY_TYPE = "application/x-www-form-urlencoded;charset=UTF-8"
local BYTE_ORDER_MARK = "\239\187\191"
local USED_ERROR = "Body has already been used. It can only be used once. "
  .. "Use tee() first if you need to read it twice."

-- The source of a body that was used. It stands where the content was, as one field more would
-- make the table of each response grow when it is sent.
local USED = {}

--- What the stream or the chunks of a body come from, where that can be given up: whoever is
--- given them as a body may leave before its end.
---@type table<function, table>
local origins = setmetatable({}, { __mode = "k" })

---@alias partylua.Chunk string|partylua.Binary
---@alias partylua.BodyInit
---| partylua.Chunk
---| partylua.FormData
---| partylua.SearchParams
---| fun(): partylua.Chunk?
---| fun(write: fun(chunk: partylua.Chunk))

---@class partylua.Body
---@field bodyUsed boolean    whether it was read, or is being read
---@field body? fun(): string?    an iterator over the content in chunks; nil without a body
---@field protected source nil|string|function|table
local Body = class()

--- The message of an error without the place where it was raised, so that it can be raised
--- again and blame somebody else.
---@param raised any
---@return string
function Body.bare_message(raised)
  return (tostring(raised):gsub("^[^:\n]*:%d+: ", ""))
end

--- Whether a source is a producer and not an iterator.
---@param source any
---@return boolean
function Body.is_producer(source)
  return type(source) == "function" and debug.getinfo(source, "u").nparams > 0
end

--- The source and the content type of what was given as a body. An object that can be called may
--- name its type in `contentType`; if it is called for something else than chunks, its `chunks`
--- makes an iterator over them.
---@param value partylua.BodyInit?
---@param level integer    as in error(), counted from the caller
---@return nil|string|function source
---@return string? content_type
function Body.extract(value, level)
  local kind = type(value)
  if kind == "string" then return value, TEXT_TYPE end
  if value == nil or value == json.null then return nil end
  if kind == "function" then return value end
  local meta = getmetatable(value)
  if meta == binary.Binary then return value.bytes end
  if meta == require "partylua.formdata" then return value:encode() end
  if meta == url.SearchParams then return value:toString(), QUERY_TYPE end
  if kind == "table" and meta and meta.__call then
    local named, source = value.contentType, value
    if type(value.chunks) == "function" then source = value:chunks() end
    return source, type(named) == "string" and named or nil
  end
  local hint = kind == "table" and " (Response.json sends a table as JSON)" or ""
  error("a body must be a string, party.binary(bytes), a FormData, a function or nil, got "
    .. kind .. hint, level + 1)
end

--- Marks the body as used and gives its source; with a body that is used it raises.
local function take(self, level)
  local source = self.source
  if source == USED then error(USED_ERROR, level + 1) end
  if source ~= nil then self.source = USED end
  return source
end

local function ended() end

--- An iterator over the chunks of a source: strings, never an empty one.
local function each_chunk(source)
  if type(source) == "string" then
    return function()
      local chunk = source
      source = nil
      return chunk ~= "" and chunk or nil
    end
  end
  return function()
    local chunk
    repeat
      chunk = source()
      chunk = chunk ~= nil and binary.unwrap(chunk, 2) or nil
    until chunk ~= ""
    if chunk == nil then source = ended end -- a coroutine must not be asked again
    return chunk
  end
end

--- All of a source. One that is an object may have `check_gathered`, which raises when the bytes
--- so far are too many to be held.
local function gather(source)
  if source == nil then return "" end
  if type(source) == "string" then return source end
  local chunks = {}
  if type(source) == "table" and source.check_gathered then
    local count = 0
    for chunk in each_chunk(source) do
      count = count + #chunk
      source:check_gathered(count)
      chunks[#chunks + 1] = chunk
    end
    return table.concat(chunks)
  end
  if Body.is_producer(source) then
    source(function(chunk) chunks[#chunks + 1] = binary.unwrap(chunk) end)
  else
    for chunk in each_chunk(source) do chunks[#chunks + 1] = chunk end
  end
  return table.concat(chunks)
end

--- What can be given up in place of a source: cancel(why), at any time.
local function origin_of(source)
  if type(source) == "function" then return origins[source] end
  return type(source) == "table" and type(source.cancel) == "function" and source or nil
end

--- Hands the content to whoever sends it; the body counts as used.
---@return "none"|"bytes"|"chunks"|"producer" kind
---@return nil|string|function content    the bytes; an iterator over strings; a function to be
---                                       called with write(string or binary data)
---@return table? source    of the chunks, if it can be given up: cancel(why), at any time
function Body:take_body()
  local source = take(self, 2)
  if source == nil then return "none" end
  if type(source) == "string" then return "bytes", source end
  if Body.is_producer(source) then return "producer", source end
  return "chunks", each_chunk(source), origin_of(source)
end

-- Raised in a producer that goes on when it has been told that nobody reads.
local UNREAD = setmetatable({}, { __tostring = function() return "nobody reads this body" end })

--- Runs a producer. Its `write` gives false once nobody reads any more; one that writes on is ended
--- there, since it might never come to an end by itself.
---@param producer function
---@param send fun(bytes: string): boolean    false: nobody reads
function Body.produce(producer, send)
  local is_read = true
  local ok, why = pcall(producer, function(chunk)
    if not is_read then error(UNREAD, 0) end
    is_read = send((binary.unwrap(chunk, 2)))
    return is_read
  end)
  if not ok and why ~= UNREAD then error(why, 0) end
end

--- The source, for a second object with the same content. Chunks are gathered first, since they
--- come only once.
---@protected
---@param level integer    as in error(), counted from the caller
---@return string?
function Body:share_source(level)
  local source = self.source
  if source == USED then error(USED_ERROR, level + 1) end
  if source ~= nil and type(source) ~= "string" then
    source = gather(source)
    self.source = source
  end
  return source
end

--- Moves the content to another object.
---@protected
---@param level integer    as in error(), counted from the caller
---@return nil|string|function source
function Body:move_source(level)
  local source = take(self, level + 1) -- no tail call: the level counts this frame
  return source
end

--- The field `bodyUsed`.
---@protected
function Body:is_used()
  return rawget(self, "source") == USED
end

--- The field `body` when it is read first. Reading the field uses nothing, its first chunk
--- does.
---@protected
function Body:open_stream()
  if self.source == nil then return nil end
  local next_chunk
  local function stream()
    next_chunk = next_chunk or self:chunks()
    return next_chunk()
  end
  origins[stream] = origin_of(self.source)
  self.body = stream
  return stream
end

--- Iterates over the content in chunks, as they arrive. A producer runs to its end first.
---@return fun(): string?
function Body:chunks()
  local source = take(self, 2) or ""
  local chunks = each_chunk(Body.is_producer(source) and gather(source) or source)
  origins[chunks] = origin_of(source)
  return chunks
end

--- The content as bytes.
---@return string
function Body:bytes()
  return (gather(take(self, 2)))
end

--- The content as text. A byte order mark at its beginning is left out; nothing else is
--- changed, so what is no UTF-8 stays so.
---@return string
function Body:text()
  local text = gather(take(self, 2))
  if text:sub(1, 3) == BYTE_ORDER_MARK then return text:sub(4) end
  return text
end

--- The content as a value, read as JSON. Raises when it is none.
---@return any
function Body:json()
  local text = gather(take(self, 2))
  if text:sub(1, 3) == BYTE_ORDER_MARK then text = text:sub(4) end
  if text == "" then error("Unexpected end of JSON input", 2) end
  local ok, value = pcall(json.decode, text)
  if not ok then error(Body.bare_message(value), 2) end
  return value
end

--- The content as a form, read as its content type says.
---@return partylua.FormData
function Body:formData()
  local FormData = require "partylua.formdata"
  local form, why = FormData.parse(gather(take(self, 2)), self.headers:get "content-type")
  if not form then error(why, 2) end
  return form
end

return Body
