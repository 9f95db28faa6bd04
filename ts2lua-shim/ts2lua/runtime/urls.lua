--- urls: URL and URLSearchParams. Slot 1 holds partylua's own.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local iterate = require "ts2lua.runtime.iterate"
local null = require "ts2lua.runtime.null"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local sort = require "ts2lua.runtime.sort"
local symbol = require "ts2lua.runtime.symbol"
local url = require "partylua.url"

local to_text = convert.to_text

local urls = {}

-- URLSearchParams.

local function fill(native, init)
  if init == nil then return end
  if type(init) ~= "table" then
    native:init(to_text(init))
  elseif type(init[symbol.iterator]) == "function" then
    for _, pair in iterate.iterate(init) do
      native:append(to_text(property.get(pair, 0)), to_text(property.get(pair, 1)))
    end
  else
    local keys, count = property.own_keys(init)
    for i = 1, count do native:append(keys[i], to_text(init[keys[i]])) end
  end
end

local Params = class.builtin("URLSearchParams", nil, function(self, init)
  rawset(self, 1, url.SearchParams())
  fill(self[1], init)
end, { is_search_params = true, tag = "URLSearchParams" })
urls.URLSearchParams = Params

local params = Params.prototype

function params.get(self, name)
  local value = self[1]:get(to_text(name))
  if value == nil then return null end
  return value
end
function params.getAll(self, name) return iterate.from_list(self[1]:getAll(to_text(name))) end
function params.has(self, name) return self[1]:has(to_text(name)) end
function params.set(self, name, value) self[1]:set(to_text(name), to_text(value)) end
function params.append(self, name, value) self[1]:append(to_text(name), to_text(value)) end
params["delete"] = function(self, name) self[1]:delete(to_text(name)) end
function params.toString(self) return self[1]:toString() end

local function pairs_of(self)
  local list = {}
  for name, value in self[1]:entries() do
    list[#list + 1] = iterate.array { [0] = name, value, length = 2 }
  end
  return list
end

function params.sort(self)
  local list = pairs_of(self)
  list = sort(list, #list, function(a, b) return a[0] < b[0] end)
  for _, pair in ipairs(list) do self[1]:delete(pair[0]) end
  for _, pair in ipairs(list) do self[1]:append(pair[0], pair[1]) end
end

function params.forEach(self, fn, this)
  for _, pair in ipairs(pairs_of(self)) do fn(this, pair[1], pair[0], self) end
end
function params.entries(self) return iterate.from_list(pairs_of(self)):values() end
function params.keys(self)
  return iterate.from_list(pairs_of(self)):map(function(_, pair) return pair[0] end):values()
end
function params.values(self)
  return iterate.from_list(pairs_of(self)):map(function(_, pair) return pair[1] end):values()
end
params[symbol.iterator] = params.entries
class.accessor(Params, false, "size", "get", function(self) return #pairs_of(self) end)

-- URL.

--- The native URL of an argument, or an error.
local function parse(text, base)
  local ok, native = pcall(url.URL, to_text(text), base ~= nil and to_text(base) or nil)
  if ok then return native end
  raise.type_error "Invalid URL"
end

local Url = class.builtin("URL", nil, function(self, text, base)
  rawset(self, 1, parse(text, base))
end, { is_url = true, tag = "URL" })
urls.URL = Url

rawset(Url, "canParse", function(_, text, base)
  return (pcall(url.URL, to_text(text), base ~= nil and to_text(base) or nil))
end)

local PARTS = { "href", "origin", "protocol", "username", "password", "host", "hostname", "port",
  "pathname", "search", "hash" }

for _, part in ipairs(PARTS) do
  class.accessor(Url, false, part, "get", function(self) return self[1][part] end)
  if part ~= "origin" then
    class.accessor(Url, false, part, "set", function(self, value)
      local native = self[1]
      local ok = pcall(function() native[part] = to_text(value) end)
      if not ok and part == "href" then raise.type_error "Invalid URL" end
    end)
  end
end

class.accessor(Url, false, "searchParams", "get", function(self)
  if not self[2] then
    local made = class.new(Params)
    rawset(made, 1, self[1].searchParams)
    rawset(self, 2, made)
  end
  return self[2]
end)

function Url.prototype.toString(self) return self[1].href end
Url.prototype.toJSON = Url.prototype.toString

return urls
