--- collections: Map, Set and their weak relatives.
---
--- Keys lie in a list in order of insertion. A deleted one leaves a gap, so that whoever walks the
--- list meanwhile neither misses nor repeats an entry. Slots: 1 the keys, 2 the values, 3 the
--- place of each key, 4 how long the list is, 5 how many gaps it has.

local class = require "ts2lua.runtime.class"
local iterate = require "ts2lua.runtime.iterate"
local null = require "ts2lua.runtime.null"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local symbol = require "ts2lua.runtime.symbol"

local getmetatable, rawset, type = getmetatable, rawset, type

local collections = {}

-- Lua tables take neither undefined nor NaN as keys.
local UNDEFINED, NAN, GAP = {}, {}, {}

local function stored(key)
  if key == nil then return UNDEFINED end
  if key ~= key then return NAN end
  -- There is one zero, without a sign.
  return key == 0 and 0 or key
end

local function restored(key)
  if key == UNDEFINED then return nil end
  if key == NAN then return 0 / 0 end
  return key
end

--- Sees to it that a method is called on what it is for.
local function check(self, brand)
  if type(self) == "table" and getmetatable(self)[brand] then return end
  raise.type_error(("Method was called on incompatible receiver: not a %s"):format(brand))
end

local function reset(self)
  rawset(self, 1, {})
  rawset(self, 2, {})
  rawset(self, 3, {})
  rawset(self, 4, 0)
  rawset(self, 5, 0)
  rawset(self, "size", 0)
end

local function put(self, key, value)
  key = stored(key)
  local place = self[3][key]
  if not place then
    place = self[4] + 1
    self[4] = place
    self[1][place], self[3][key] = key, place
    rawset(self, "size", self.size + 1)
  end
  self[2][place] = value
end

--- Closes the gaps, when nobody walks the list.
local function compact(self)
  local keys, values, places, count = {}, {}, {}, 0
  for i = 1, self[4] do
    local key = self[1][i]
    if key ~= GAP then
      count = count + 1
      keys[count], values[count], places[key] = key, self[2][i], count
    end
  end
  self[1], self[2], self[3], self[4], self[5] = keys, values, places, count, 0
end

local function remove(self, key)
  key = stored(key)
  local place = self[3][key]
  if not place then return false end
  self[1][place], self[2][place], self[3][key] = GAP, nil, nil
  self[5] = self[5] + 1
  rawset(self, "size", self.size - 1)
  return true
end

--- Gives each entry's place once, in order, whatever happens to the collection meanwhile: those
--- who walk hold the lists they began with when gaps are closed, and find their place again.
local function walk(self)
  local i, generation, last_key = 0, self[1], nil
  return function()
    if self[1] ~= generation then
      i = last_key ~= nil and self[3][last_key] or 0
      generation = self[1]
    end
    local keys = self[1]
    repeat i = i + 1 until keys[i] ~= GAP
    if i > self[4] then return nil end
    last_key = keys[i]
    return i
  end
end

--- Gaps are closed before a walk begins, when they are many; walks under way count.
local function begin_walk(self)
  if self[5] > 32 and self[5] > self[4] / 2 and not self[6] then compact(self) end
  return walk(self)
end

local function entries_iterator(self, give)
  local step = begin_walk(self)
  return iterate.iterator(function()
    local i = step()
    if i then return true, give(i) end
  end)
end

local function keys_of(self)
  return entries_iterator(self, function(i) return restored(self[1][i]) end)
end

local function values_of(self)
  return entries_iterator(self, function(i) return self[2][i] end)
end

local function pairs_of(self)
  return entries_iterator(self, function(i)
    return iterate.array { [0] = restored(self[1][i]), self[2][i], length = 2 }
  end)
end

-- Map.

collections.Map = class.builtin("Map", nil, function(self, entries)
  reset(self)
  if entries == nil or entries == null then return end
  for _, entry in iterate.iterate(entries) do
    if type(entry) ~= "table" then
      raise.type_error("Iterator value " .. tostring(entry) .. " is not an entry object")
    end
    self:set(property.get(entry, 0), property.get(entry, 1))
  end
end, { is_map = true, tag = "Map" })

local map = collections.Map.prototype

function map.get(self, key)
  check(self, "is_map")
  local place = self[3][stored(key)]
  if place then return self[2][place] end
  return nil
end

function map.set(self, key, value)
  check(self, "is_map")
  put(self, key, value)
  return self
end

function map.has(self, key)
  check(self, "is_map")
  return self[3][stored(key)] ~= nil
end

map["delete"] = function(self, key)
  check(self, "is_map")
  return remove(self, key)
end

function map.clear(self)
  check(self, "is_map")
  reset(self)
end

function map.forEach(self, fn, this)
  check(self, "is_map")
  for i in begin_walk(self) do fn(this, self[2][i], restored(self[1][i]), self) end
end

function map.keys(self) check(self, "is_map") return keys_of(self) end
function map.values(self) check(self, "is_map") return values_of(self) end
function map.entries(self) check(self, "is_map") return pairs_of(self) end
map[symbol.iterator] = map.entries

rawset(collections.Map, "groupBy", function(_, values, fn)
  local groups, i = class.new(collections.Map), 0
  for _, value in iterate.iterate(values) do
    local key = fn(nil, value, i)
    i = i + 1
    local group = groups:get(key)
    if group == nil then
      group = iterate.array { length = 0 }
      groups:set(key, group)
    end
    group:push(value)
  end
  return groups
end)

-- Set.

collections.Set = class.builtin("Set", nil, function(self, values)
  reset(self)
  if values == nil or values == null then return end
  for _, value in iterate.iterate(values) do self:add(value) end
end, { is_set = true, tag = "Set" })

local set = collections.Set.prototype

function set.add(self, value)
  check(self, "is_set")
  if value == 0 then value = 0 end
  put(self, value, value)
  return self
end

function set.has(self, value)
  check(self, "is_set")
  return self[3][stored(value)] ~= nil
end

set["delete"] = function(self, value)
  check(self, "is_set")
  return remove(self, value)
end

function set.clear(self)
  check(self, "is_set")
  reset(self)
end

function set.forEach(self, fn, this)
  check(self, "is_set")
  for i in begin_walk(self) do
    local value = self[2][i]
    fn(this, value, value, self)
  end
end

function set.values(self) check(self, "is_set") return values_of(self) end
set.keys = set.values
set[symbol.iterator] = set.values

function set.entries(self)
  check(self, "is_set")
  return pairs_of(self)
end

--- A new set of the values of both for which `keep` holds.
local function combined(first, second, keep)
  local result = class.new(collections.Set)
  for _, each in ipairs { first, second } do
    for _, value in iterate.iterate(each) do
      if keep(first:has(value), second:has(value)) then result:add(value) end
    end
  end
  return result
end

function set.union(self, other) return combined(self, other, function() return true end) end
function set.intersection(self, other)
  return combined(self, other, function(a, b) return a and b end)
end
function set.difference(self, other)
  return combined(self, other, function(a, b) return a and not b end)
end
function set.symmetricDifference(self, other)
  return combined(self, other, function(a, b) return a ~= b end)
end
function set.isSubsetOf(self, other)
  for _, value in iterate.iterate(self) do
    if not other:has(value) then return false end
  end
  return true
end
function set.isSupersetOf(self, other) return other:isSubsetOf(self) end
function set.isDisjointFrom(self, other) return self:intersection(other).size == 0 end

-- WeakMap, WeakSet, WeakRef: slot 1 holds a weak table.

local function check_key(value)
  if type(value) == "table" or type(value) == "function" then return value end
  raise.type_error "Invalid value used as weak map key"
end

local function weak_table(self)
  rawset(self, 1, setmetatable({}, { __mode = "k" }))
end

collections.WeakMap = class.builtin("WeakMap", nil, function(self, entries)
  weak_table(self)
  if entries == nil or entries == null then return end
  for _, entry in iterate.iterate(entries) do
    self:set(property.get(entry, 0), property.get(entry, 1))
  end
end, { is_weak = true })

local weak_map = collections.WeakMap.prototype
-- A stored undefined is there as well.
function weak_map.set(self, key, value)
  self[1][check_key(key)] = value == nil and UNDEFINED or value
  return self
end
function weak_map.get(self, key)
  if key == nil then return nil end
  return restored(self[1][key])
end
function weak_map.has(self, key) return key ~= nil and self[1][key] ~= nil end
weak_map["delete"] = function(self, key)
  local had = self:has(key)
  if had then self[1][key] = nil end
  return had
end

collections.WeakSet = class.builtin("WeakSet", nil, function(self, values)
  weak_table(self)
  if values == nil or values == null then return end
  for _, value in iterate.iterate(values) do self:add(value) end
end, { is_weak = true })

local weak_set = collections.WeakSet.prototype
function weak_set.add(self, value)
  self[1][check_key(value)] = true
  return self
end
weak_set.has, weak_set["delete"] = weak_map.has, weak_map["delete"]

collections.WeakRef = class.builtin("WeakRef", nil, function(self, target)
  rawset(self, 1, setmetatable({ check_key(target) }, { __mode = "v" }))
end)
collections.WeakRef.prototype.deref = function(self) return self[1][1] end

--- Calls `take(key, value)` for each entry of a Map.
function collections.each_entry(self, take)
  for i in walk(self) do take(restored(self[1][i]), self[2][i]) end
end

return collections
