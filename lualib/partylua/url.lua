--- URLs: parsing, resolving and writing as the WHATWG URL standard says, for the schemes that a
--- room server meets: http, https, ws and wss.
---
--- Host names outside ASCII raise, since the tables that turn them into xn-- names are larger
--- than this library; xn-- names are taken as they are. Text that is not UTF-8 is read as a
--- browser reads it: each broken sequence becomes U+FFFD.

local SearchParams = require "partylua.searchparams"
local class = require "partylua.class"
local hostname = require "partylua.hostname"
local percent = require "partylua.percent"

local concat, find, gmatch, gsub = table.concat, string.find, string.gmatch, string.gsub
local lower, match = string.lower, string.match
local decode, encode = percent.decode, percent.encode

local DEFAULT_PORTS = { http = 80, https = 443, ws = 80, wss = 443 }

-- The percent-encode sets of the standard.
local FRAGMENT = '[%z\1-\32"<>`\127-\255]'
local QUERY = "[%z\1-\32\"#<>'\127-\255]"
local PATH = '[%z\1-\32"#<>?^`{}\127-\255]'
local USERINFO = '[%z\1-\32"#<>?^`{}/:;=@%[\\%]|\127-\255]'
local COMPONENT = "[^%w_.!~*'()-]"
-- PATH and what may have to be resolved.
local UNUSUAL_PATH = '[%z\1-\32"#<>?^`{}\127-\255%%.\\]'
-- PATH and what would end a segment.
local SEGMENT = '[%z\1-\32"#<>?^`{}/\\\127-\255]'

local url = {
  SearchParams = SearchParams,
  Pairs = SearchParams.Pairs,
  parse_query = SearchParams.parse,
  scrub_utf8 = percent.scrub_utf8,
}

--- Encodes text for one part of a URL, as encodeURIComponent does.
---@param text string
---@return string
function url.encode_component(text)
  return encode(url.scrub_utf8(text), COMPONENT)
end

--- Undoes `encode_component`. Raises for a malformed escape or what is not UTF-8.
---@param text string
---@return string
function url.decode_component(text)
  local plain = decode(text)
  if find(gsub(text, "%%%x%x", ""), "%", 1, true) or url.scrub_utf8(plain) ~= plain then
    error("URI malformed: " .. text, 2)
  end
  return plain
end

--- Makes an id fit to be one segment of a path: what may not stand there is encoded, and the
--- rest, escapes and a lone % included, stays as a browser would send it. So a room's id and
--- the segment in a public URL meet. Nothing can be done for "." and "..", which no path can
--- hold.
---@param id string
---@return string
function url.encode_segment(id)
  return encode(url.scrub_utf8(id), SEGMENT)
end

-- The parser ----------------------------------------------------------------------------

--- A parsed URL: what the fields of a URL are made of. `path` always begins with "/"; `query`
--- and `fragment` are without their mark and nil when there was none.
---@class (private) partylua.UrlRecord
---@field scheme string
---@field username string
---@field password string
---@field host string
---@field port? integer    nil when it is the scheme's own
---@field path string
---@field query? string
---@field fragment? string

--- Adds the segments of `text` to a list of segments and makes a path of it.
local function resolve_path(segments, text)
  if not find(text, UNUSUAL_PATH) then
    segments[#segments + 1] = text
    return "/" .. concat(segments, "/")
  end
  local is_folder = false
  for segment in gmatch(text .. "/", "([^/\\]*)[/\\]") do
    local plain = gsub(segment, "%%2[eE]", ".")
    is_folder = plain == "." or plain == ".."
    if plain == ".." then
      segments[#segments] = nil
    elseif plain ~= "." then
      segments[#segments + 1] = encode(segment, PATH)
    end
  end
  if is_folder then segments[#segments + 1] = "" end
  return "/" .. concat(segments, "/")
end

--- Sets path, query and fragment of `record` from what follows the authority.
local function parse_rest(record, rest, base)
  local path, tail = match(rest, "^([^?#]*)(.*)$")
  local query, fragment = match(tail, "^%?([^#]*)"), match(tail, "#(.*)$")
  record.query = query and encode(query, QUERY)
  record.fragment = fragment and encode(fragment, FRAGMENT)
  if base and path == "" then
    record.path = base.path
    record.query = record.query or base.query
  elseif base and not find(path, "^[/\\]") then
    local segments = {}
    for segment in gmatch(base.path, "/([^/]*)") do segments[#segments + 1] = segment end
    segments[#segments] = nil
    record.path = resolve_path(segments, path)
  else
    record.path = resolve_path({}, gsub(path, "^[/\\]", ""))
  end
  return record
end

--- Sets host and port of `record`; false for an impossible one.
local function parse_authority(record, text)
  local name, port = match(text, "^(%[[^%]]*%]):?(%d*)$")
  if not name then name, port = match(text, "^([^:]*):?(%d*)$") end
  name = name and hostname.parse(name)
  if not name then return false end
  port = tonumber(port)
  if port and port > 65535 then return false end
  record.host, record.port = name, port ~= DEFAULT_PORTS[record.scheme] and port or nil
  return true
end

local function parse_absolute(scheme, rest)
  local authority, tail = match(rest, "^[/\\]*([^/\\?#]*)(.*)$")
  local record = { scheme = scheme, username = "", password = "" }
  local credentials, place = match(authority, "^(.*)@(.*)$")
  if credentials then
    local username, password = match(credentials, "^([^:]*):?(.*)$")
    record.username = encode(username, USERINFO)
    record.password = encode(password, USERINFO)
  end
  if not parse_authority(record, place or authority) then return nil end
  return parse_rest(record, tail)
end

--- The record of a URL, or nil and why there is none.
---@param text string
---@param base? partylua.UrlRecord
local function parse(text, base)
  text = url.scrub_utf8(text)
  if find(text, "[%z\1-\32]") then
    text = match(text, "^.*[^%z\1-\32]") or ""
    text = gsub(gsub(text, "^[%z\1-\32]+", ""), "[\t\n\r]", "")
  end
  local scheme, rest = match(text, "^(%a[%w+.-]*):(.*)$")
  scheme = scheme and lower(scheme)
  if scheme and not DEFAULT_PORTS[scheme] then
    return nil, "its scheme is not http, https, ws or wss"
  end
  if not scheme and not base then return nil, "it is relative and there is no base" end
  local is_relative = base and (not scheme or scheme == base.scheme)
  rest = rest or text
  if is_relative and not find(rest, "^[/\\][/\\]") then
    return parse_rest({
      scheme = base.scheme,
      username = base.username,
      password = base.password,
      host = base.host,
      port = base.port,
    }, rest, base)
  end
  local record = parse_absolute(scheme or base.scheme, rest)
  return record, "its host or port is not valid"
end

-- URL -----------------------------------------------------------------------------------

--- Every field may be read and, but for origin and searchParams, assigned to.
---@class partylua.URL
---@field href string
---@field origin string    scheme, host and port
---@field protocol string    with its colon
---@field username string
---@field password string
---@field host string    with the port, where it is not the scheme's own
---@field hostname string
---@field port string    empty for the scheme's own
---@field pathname string
---@field search string    with its question mark, or empty
---@field hash string    with its number sign, or empty
---@field searchParams partylua.SearchParams    follows and changes the query
---@field private record partylua.UrlRecord
---@overload fun(text: string|partylua.URL, base?: string|partylua.URL): partylua.URL
local URL = class()
url.URL = URL

local getters, setters = {}, {}

function getters.protocol(record) return record.scheme .. ":" end
function getters.username(record) return record.username end
function getters.password(record) return record.password end
function getters.hostname(record) return record.host end
function getters.port(record) return record.port and tostring(record.port) or "" end
function getters.pathname(record) return record.path end

function getters.host(record)
  return record.host .. (record.port and ":" .. record.port or "")
end

function getters.origin(record)
  return record.scheme .. "://" .. getters.host(record)
end

function getters.search(record)
  return (record.query or "") ~= "" and "?" .. record.query or ""
end

function getters.hash(record)
  return (record.fragment or "") ~= "" and "#" .. record.fragment or ""
end

function getters.href(record)
  local credentials = record.username
  if record.password ~= "" then credentials = credentials .. ":" .. record.password end
  if credentials ~= "" then credentials = credentials .. "@" end
  local query = record.query and "?" .. record.query or ""
  local fragment = record.fragment and "#" .. record.fragment or ""
  return concat {
    record.scheme, "://", credentials, getters.host(record), record.path, query, fragment,
  }
end

-- A setter answers false for a value that its part cannot have.

function setters.href(record, text)
  local new = parse(text)
  if not new then return false end
  for _, part in ipairs { "port", "query", "fragment" } do record[part] = nil end
  for part, value in pairs(new) do record[part] = value end
end

function setters.protocol(record, text)
  local scheme = lower(match(text, "^[^:]*"))
  if not DEFAULT_PORTS[scheme] then return false end
  record.scheme = scheme
  if record.port == DEFAULT_PORTS[scheme] then record.port = nil end
end

function setters.username(record, text) record.username = encode(text, USERINFO) end
function setters.password(record, text) record.password = encode(text, USERINFO) end

function setters.hostname(record, text)
  local name = hostname.parse(text)
  if not name then return false end
  record.host = name
end

function setters.port(record, text)
  if not find(text, "^%d*$") then return false end
  return parse_authority(record, record.host .. ":" .. text)
end

function setters.host(record, text)
  local has_port = find(text, ":%d+$")
  local port = record.port
  if not parse_authority(record, text) then return false end
  if not has_port then record.port = port end
end

function setters.pathname(record, text)
  record.path = resolve_path({}, gsub(text, "^[/\\]", ""))
end

function setters.search(record, text)
  record.query = text ~= "" and encode(gsub(text, "^%?", ""), QUERY) or nil
end

function setters.hash(record, text)
  record.fragment = text ~= "" and encode(gsub(text, "^#", ""), FRAGMENT) or nil
end

---@param value any
---@return boolean
function URL.is(value)
  return getmetatable(value) == URL
end

local function check(text, base, level)
  local record, why = nil, "it is no string"
  if type(text) == "string" or URL.is(text) then record, why = parse(tostring(text), base) end
  if not record then error(("Invalid URL: %s (%s)"):format(tostring(text), why), level + 1) end
  return record
end

function URL:init(text, base)
  if base ~= nil then base = check(base, nil, 3) end
  rawset(self, "record", check(text, base, 3))
end

--- Whether `URL(text, base)` would not raise.
---@param text string|partylua.URL
---@param base? string|partylua.URL
---@return boolean
function URL.canParse(text, base)
  return (pcall(URL, text, base))
end

---@return string
function URL:toString()
  return getters.href(self.record)
end

URL.__tostring = URL.toString

function URL:__index(key)
  local get = getters[key]
  if get then return get(rawget(self, "record")) end
  if key ~= "searchParams" then return URL[key] end
  local params = SearchParams(self.search, self.record)
  rawset(self, "searchParams", params)
  return params
end

function URL:__newindex(key, value)
  local set = setters[key]
  if not set then error(("a URL has no field %q that can be set"):format(tostring(key)), 2) end
  if set(self.record, url.scrub_utf8(tostring(value))) == false then
    error(("Invalid URL: %s cannot be %q"):format(key, tostring(value)), 2)
  end
  local params = rawget(self, "searchParams")
  if params then params:init(self.search, self.record) end
end

return url
