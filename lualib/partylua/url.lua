--- URLs: parsing, resolving and writing as the WHATWG URL standard says, for the schemes that a
--- room server meets: http, https, ws and wss.
---
--- Host names outside ASCII raise, since the tables that turn them into xn-- names are larger
--- than this library; xn-- names are taken as they are. Text that is not UTF-8 is read as a
--- browser reads it: each broken sequence becomes U+FFFD.

local class = require "partylua.class"

local byte, char, concat, find = string.byte, string.char, table.concat, string.find
local gmatch, gsub, lower, match, sub =
  string.gmatch, string.gsub, string.lower, string.match, string.sub

local DEFAULT_PORTS = { http = 80, https = 443, ws = 80, wss = 443 }
local REPLACEMENT = "\239\191\189" -- U+FFFD
local QUESTION_MARK = byte "?"

-- The percent-encode sets of the standard, and its forbidden domain code points.
local FRAGMENT = '[%z\1-\32"<>`\127-\255]'
local QUERY = "[%z\1-\32\"#<>'\127-\255]"
local PATH = '[%z\1-\32"#<>?^`{}\127-\255]'
local USERINFO = '[%z\1-\32"#<>?^`{}/:;=@%[\\%]|\127-\255]'
local COMPONENT = "[^%w_.!~*'()-]"
local FORM = "[^%w*._ -]"
local NO_DOMAIN = "[%z\1-\32#/:<>?@%[\\%]^|%%\127-\255]"
-- PATH and what may have to be resolved.
local UNUSUAL_PATH = '[%z\1-\32"#<>?^`{}\127-\255%%.\\]'
-- PATH and what would end a segment.
local SEGMENT = '[%z\1-\32"#<>?^`{}/\\\127-\255]'

local escapes, escaped = {}, {}
for code = 0, 255 do
  escapes[char(code)] = ("%%%02X"):format(code)
end
for high in gmatch("0123456789abcdefABCDEF", ".") do
  for low in gmatch("0123456789abcdefABCDEF", ".") do
    escaped[high .. low] = char(tonumber(high .. low, 16))
  end
end

local function encode(text, set)
  if not find(text, set) then return text end
  return (gsub(text, set, escapes))
end

--- Malformed escapes stay as they are.
local function decode(text)
  if not find(text, "%", 1, true) then return text end
  return (gsub(text, "%%(%x%x)", escaped))
end

--- How many bytes from `at` on belong together, and whether they are a UTF-8 sequence (RFC 3629
--- section 4). Of a broken one it is the longest part that could have begun a sequence.
local function utf8_sequence(text, at)
  local lead, lowest, highest = byte(text, at), 0x80, 0xBF
  if lead < 0xC2 or lead > 0xF4 then return 1, false end
  if lead == 0xE0 then lowest = 0xA0 elseif lead == 0xF0 then lowest = 0x90 end
  if lead == 0xED then highest = 0x9F elseif lead == 0xF4 then highest = 0x8F end
  local length = lead < 0xE0 and 2 or lead < 0xF0 and 3 or 4
  for i = 1, length - 1 do
    local code = byte(text, at + i)
    if code == nil or code < lowest or code > highest then return i, false end
    lowest, highest = 0x80, 0xBF
  end
  return length, true
end

local url = {}

--- The text with every broken UTF-8 sequence replaced by U+FFFD; sound text is given back
--- itself.
---@param text string
---@return string
function url.scrub_utf8(text)
  local at = find(text, "[\128-\255]")
  local pieces, kept = {}, 1
  while at do
    local length, sound = utf8_sequence(text, at)
    if not sound then
      pieces[#pieces + 1] = sub(text, kept, at - 1) .. REPLACEMENT
      kept = at + length
    end
    at = find(text, "[\128-\255]", at + length)
  end
  return kept == 1 and text or concat(pieces) .. sub(text, kept)
end

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

local function decode_form(text)
  return url.scrub_utf8(decode((gsub(text, "+", " "))))
end

--- Parses application/x-www-form-urlencoded text, with or without a "?" before it. A malformed
--- escape stays as it is, broken UTF-8 becomes U+FFFD.
---@param search string
---@return { [1]: string, [2]: string }[] pairs    in order
---@return table<string, string> first    the first value of each name
function url.parse_query(search)
  local list, first = {}, {}
  local is_plain = not find(search, "[%%+\128-\255]")
  local at, length = byte(search) == QUESTION_MARK and 2 or 1, #search
  local equals = 0
  while at <= length do
    local stop = find(search, "&", at, true) or length + 1
    -- looked for once, not in each piece again: a long query may have none
    if equals < at then equals = find(search, "=", at, true) or length + 1 end
    if stop > at then
      local name = sub(search, at, (equals < stop and equals or stop) - 1)
      local value = equals < stop and sub(search, equals + 1, stop - 1) or ""
      if not is_plain then name, value = decode_form(name), decode_form(value) end
      list[#list + 1] = { name, value }
      if first[name] == nil then first[name] = value end
    end
    at = stop + 1
  end
  return list, first
end

-- Search parameters ---------------------------------------------------------------------

--- An ordered list of names and values, as queries and forms hold them.
---@class partylua.Pairs
---@field protected list { [1]: string, [2]: any }[]
local Pairs = class()
url.Pairs = Pairs

--- Called after each change.
---@protected
function Pairs:changed() end

--- The first value of this name, nil without one.
---@param name string
---@return any
function Pairs:get(name)
  for _, pair in ipairs(self.list) do
    if pair[1] == name then return pair[2] end
  end
end

---@param name string
---@return any[]
function Pairs:getAll(name)
  local values = {}
  for _, pair in ipairs(self.list) do
    if pair[1] == name then values[#values + 1] = pair[2] end
  end
  return values
end

---@param name string
---@return boolean
function Pairs:has(name)
  return self:get(name) ~= nil
end

---@param name string
---@param value string|number
function Pairs:append(name, value)
  self.list[#self.list + 1] = { tostring(name), tostring(value) }
  self:changed()
end

--- Gives a name this one value, in the place of its first one if it has any. Takes what
--- `append` takes.
---@param name string
---@param value any
function Pairs:set(name, value, ...)
  self:append(name, value, ...)
  local list = self.list
  local new, place = table.remove(list), nil
  for i = #list, 1, -1 do
    if list[i][1] == new[1] then
      place = i
      table.remove(list, i)
    end
  end
  table.insert(list, place or #list + 1, new)
  self:changed()
end

---@param name string
function Pairs:delete(name)
  for i = #self.list, 1, -1 do
    if self.list[i][1] == name then table.remove(self.list, i) end
  end
  self:changed()
end

--- Iterates over name and value in order.
---@return fun(): string?, any
function Pairs:entries()
  local list, at = self.list, 0
  return function()
    at = at + 1
    if list[at] then return list[at][1], list[at][2] end
  end
end

---@class partylua.SearchParams : partylua.Pairs
---@field private owner? partylua.UrlRecord    of the URL whose query this is
local SearchParams = class(Pairs)
url.SearchParams = SearchParams

---@param init? string | table<string, string|number>    a query, or values by name
---@param owner? partylua.UrlRecord
function SearchParams:init(init, owner)
  self.list = type(init) == "string" and url.parse_query(init) or {}
  if type(init) == "table" then
    for name, value in pairs(init) do self:append(name, value) end
  end
  self.owner = owner
end

---@protected
function SearchParams:changed()
  local owner = self.owner
  if owner then owner.query = #self.list > 0 and self:toString() or nil end
end

local function encode_form(text)
  return (gsub(encode(url.scrub_utf8(text), FORM), " ", "+"))
end

---@return string
function SearchParams:toString()
  local pieces = {}
  for i, pair in ipairs(self.list) do
    pieces[i] = encode_form(pair[1]) .. "=" .. encode_form(pair[2])
  end
  return concat(pieces, "&")
end

SearchParams.__tostring = SearchParams.toString

-- Hosts: nil where the standard says failure --------------------------------------------

local IPV6_CHARS_MAX = 45 -- with an IPv4 address at its end

local function parse_number(text)
  local radix, digits = 10, text
  if find(text, "^0[xX]") then
    radix, digits = 16, sub(text, 3)
  elseif find(text, "^0.") then
    radix, digits = 8, sub(text, 2)
  end
  local value = 0
  for digit in gmatch(digits, ".") do
    local worth = find(digit, "%x") and tonumber(digit, 16) or radix
    if worth >= radix then return nil end
    value = value * radix + worth
  end
  return text ~= "" and value or nil
end

local function parse_ipv4(parts)
  local address, count = 0, #parts
  if count > 4 then return nil end
  for i, part in ipairs(parts) do
    local value = parse_number(part)
    local places = i < count and 1 or 5 - count
    if value == nil or value >= 256 ^ places then return nil end
    address = address + value * 256 ^ (5 - i - places)
  end
  return ("%d.%d.%d.%d"):format(address / 2 ^ 24, address / 2 ^ 16 % 256, address / 256 % 256,
    address % 256)
end

--- The 16-bit groups of half an IPv6 address. The last may be an IPv4 address and gives two.
local function ipv6_groups(text, is_last)
  local groups = {}
  local ipv4 = is_last and match(text, "[%d.]+%.%d+$")
  if ipv4 then
    local a, b, c, d = match(ipv4, "^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$")
    if not a or find("." .. ipv4, "%.0%d") then return nil end
    a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
    if a > 255 or b > 255 or c > 255 or d > 255 then return nil end
    text = ("%s%x:%x"):format(sub(text, 1, -#ipv4 - 1), a * 256 + b, c * 256 + d)
  end
  if text == "" then return groups end
  for group in gmatch(text .. ":", "([^:]*):") do
    if not find(group, "^%x%x?%x?%x?$") then return nil end
    groups[#groups + 1] = tonumber(group, 16)
  end
  return groups
end

--- Where the longest run of two or more zero groups begins, and its length.
local function longest_zeros(groups)
  local best, best_length, run = nil, 1, 0
  for i = 1, #groups do
    run = groups[i] == 0 and run + 1 or 0
    if run > best_length then best, best_length = i - run + 1, run end
  end
  return best, best_length
end

local function write_ipv6(groups)
  local zeros, length = longest_zeros(groups)
  local texts = {}
  for i, group in ipairs(groups) do texts[i] = ("%x"):format(group) end
  if not zeros then return concat(texts, ":") end
  return concat(texts, ":", 1, zeros - 1) .. "::" .. concat(texts, ":", zeros + length)
end

local function parse_ipv6(text)
  if #text > IPV6_CHARS_MAX then return nil end
  local gap = find(text, "::", 1, true)
  local head = ipv6_groups(gap and sub(text, 1, gap - 1) or text, not gap)
  local tail = ipv6_groups(gap and sub(text, gap + 2) or "", true)
  if not head or not tail then return nil end
  local count = #head + #tail
  if gap and count > 7 or not gap and count ~= 8 then return nil end
  for _ = count + 1, 8 do head[#head + 1] = 0 end
  for _, group in ipairs(tail) do head[#head + 1] = group end
  return "[" .. write_ipv6(head) .. "]"
end

local function parse_host(text)
  local inside = match(text, "^%[(.*)%]$")
  if inside then return parse_ipv6(inside) end
  local host = lower(decode(text))
  if host == "" or find(host, NO_DOMAIN) then return nil end
  if not find(host, "%d") then return host end
  local parts = {}
  for part in gmatch(gsub(host, "%.$", "") .. ".", "([^.]*)%.") do parts[#parts + 1] = part end
  local last = parts[#parts]
  if find(last, "^%d+$") or find(last, "^0x%x*$") then return parse_ipv4(parts) end
  return host
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
  local host, port = match(text, "^(%[[^%]]*%]):?(%d*)$")
  if not host then host, port = match(text, "^([^:]*):?(%d*)$") end
  host = host and parse_host(host)
  if not host then return false end
  port = tonumber(port)
  if port and port > 65535 then return false end
  record.host, record.port = host, port ~= DEFAULT_PORTS[record.scheme] and port or nil
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
  local host = parse_host(text)
  if not host then return false end
  record.host = host
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
