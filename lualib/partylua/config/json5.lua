--- json5: reads JSON as people write it, and remembers where everything stood.
---
--- JSON, and of JSON5: comments, trailing commas, single quotes, names without quotes as keys,
--- escapes such as \x41, a line continued with a backslash, +1, .5, 5. and 0x1F. Not NaN and
--- Infinity, since what is read here must be expressible as JSON again.
---
--- The result is a tree of nodes, so that a check made later can still point at its field.

---@class partylua.config.Node
---@field kind "object"|"list"|"string"|"number"|"boolean"|"null"
---@field at integer         first byte in the source
---@field stop integer       last byte
---@field value any          of a string, number or boolean
---@field items? partylua.config.Node[]      of a list
---@field entries? partylua.config.Entry[]   of an object, in the order of the file
---@field fields? table<string, partylua.config.Entry>

---@class partylua.config.Entry
---@field key string
---@field at integer
---@field stop integer
---@field node partylua.config.Node

local lazy = require "partylua.lazy"

local scalar = lazy "partylua.config.scalar" ---@module "partylua.config.scalar"

local DEPTH_MAX = 64

local Reader = {}
Reader.__index = Reader

local json5 = {}

function Reader:peek()
  return self.text:sub(self.at, self.at)
end

--- Moves to the next byte that is neither white space nor comment.
function Reader:skip()
  while true do
    self.at = self.text:match("^%s*()", self.at)
    local start = self.at
    local after
    local two = self.text:sub(start, start + 1)
    if two == "//" then
      after = self.text:match("^[^\r\n]*()", start)
    elseif two == "/*" then
      after = self.text:match("%*/()", start + 2)
      if not after then self.source:fail(start, start + 1, "this comment is never closed") end
    else
      after = self.text:match("^\194\160()", start) or self.text:match("^\239\187\191()", start)
      if not after then return end
    end
    self.at = after
  end
end

--- Raises at the current place: `expected` says what should stand there.
function Reader:unexpected(expected, opened)
  if self.at > #self.text then
    if opened then
      local bracket = self.text:sub(opened, opened)
      self.source:fail(opened, opened, ("this %s is never closed"):format(bracket))
    end
    self.source:fail(self.at, self.at, ("the file ends where %s should be"):format(expected))
  end
  local word = self.text:match("^[%w_$.+-]+", self.at)
    or self.text:match("^[^\128-\191][\128-\191]*", self.at) -- one character
  local message = ("expected %s, found %s"):format(expected, word)
  self.source:fail(self.at, self.at + #word - 1, message)
end

--- After a member: a comma, which it takes, or the closing bracket, which it leaves.
function Reader:separate(close, opened)
  self:skip()
  if self:peek() == "," then
    self.at = self.at + 1
    self:skip()
  elseif self:peek() ~= close then
    self:unexpected(("',' or '%s'"):format(close), opened)
  end
end

function Reader:key(opened)
  local start = self.at
  local quote = self.text:match("^[\"']", start)
  local key
  if quote then
    key, self.at = scalar.string(self.source, start)
  else
    key = self.text:match("^[%a_$\128-\255][%w_$\128-\255]*", start)
    if not key then self:unexpected("a key or '}'", opened) end
    self.at = start + #key
  end
  return key, start, self.at - 1
end

function Reader:entry(node, depth)
  local key, at, stop = self:key(node.at)
  local earlier = node.fields[key]
  if earlier then
    local line = self.source:place(earlier.at)
    self.source:fail(at, stop, ('the key "%s" is here a second time'):format(key),
      ("it first stands in line %d"):format(line))
  end
  self:skip()
  if self:peek() ~= ":" then self:unexpected("':' after the key", node.at) end
  self.at = self.at + 1
  self:skip()
  local entry = { key = key, at = at, stop = stop, node = self:value(depth, node.at) }
  node.fields[key] = entry
  node.entries[#node.entries + 1] = entry
end

function Reader:object(depth)
  local node = { kind = "object", at = self.at, entries = {}, fields = {} }
  self.at = self.at + 1
  self:skip()
  while self:peek() ~= "}" do
    self:entry(node, depth)
    self:separate("}", node.at)
  end
  node.stop, self.at = self.at, self.at + 1
  return node
end

function Reader:list(depth)
  local node = { kind = "list", at = self.at, items = {} }
  self.at = self.at + 1
  self:skip()
  while self:peek() ~= "]" do
    node.items[#node.items + 1] = self:value(depth, node.at)
    self:separate("]", node.at)
  end
  node.stop, self.at = self.at, self.at + 1
  return node
end

function Reader:scalar(opened)
  local start = self.at
  local kind, value, after = scalar.read(self.source, start)
  if not kind then self:unexpected("a value", opened) end
  self.at = after
  return { kind = kind, value = value, at = start, stop = after - 1 }
end

function Reader:value(depth, opened)
  if depth >= DEPTH_MAX then
    self.source:fail(self.at, self.at, ("more than %d levels deep"):format(DEPTH_MAX))
  end
  local first = self:peek()
  if first == "{" then return self:object(depth + 1) end
  if first == "[" then return self:list(depth + 1) end
  return self:scalar(opened)
end

--- Reads a whole source. Raises a failure that points at what cannot be read.
---@param source partylua.config.Source
---@return partylua.config.Node
function json5.parse(source)
  local reader = setmetatable({ source = source, text = source.text, at = 1 }, Reader)
  reader:skip()
  local node = reader:value(0)
  reader:skip()
  if reader.at <= #reader.text then reader:unexpected "the end of the file" end
  return node
end

--- The plain Lua value of a node; null and lists as `json` represents them.
---@param node partylua.config.Node
---@param json { null: any, array: fun(list: table): table }
---@return any
function json5.to_lua(node, json)
  if node.kind == "null" then return json.null end
  if node.kind == "list" then
    local list = {}
    for i, item in ipairs(node.items) do list[i] = json5.to_lua(item, json) end
    return json.array(list)
  end
  if node.kind ~= "object" then return node.value end
  local map = {}
  for _, entry in ipairs(node.entries) do map[entry.key] = json5.to_lua(entry.node, json) end
  return map
end

return json5
