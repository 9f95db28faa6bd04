--- array_search: the methods of arrays that look for something or call a function for each
--- element.

local convert = require "ts2lua.runtime.convert"
local iterate = require "ts2lua.runtime.iterate"
local raise = require "ts2lua.runtime.raise"

local array, prototype = iterate.array, iterate.array_prototype
local to_index, to_integer, truthy = convert.to_index, convert.to_integer, convert.truthy

local function check(fn)
  if type(fn) == "function" then return end
  if type(fn) == "table" and getmetatable(fn).__call then return end
  raise.type_error(convert.describe(fn) .. " is not a function")
end

function prototype.at(self, index)
  index = to_integer(index)
  return self[index < 0 and index + self.length or index]
end

function prototype.indexOf(self, value, from)
  for i = to_index(from, self.length), self.length - 1 do
    if self[i] == value then return i end
  end
  return -1
end

function prototype.lastIndexOf(self, value)
  for i = self.length - 1, 0, -1 do
    if self[i] == value then return i end
  end
  return -1
end

function prototype.includes(self, value, from)
  local is_nan = value ~= value
  for i = to_index(from, self.length), self.length - 1 do
    local element = self[i]
    if element == value or is_nan and element ~= element then return true end
  end
  return false
end

function prototype.forEach(self, fn, this)
  check(fn)
  for i = 0, self.length - 1 do
    if i >= self.length then break end
    fn(this, self[i], i, self)
  end
end

function prototype.map(self, fn, this)
  check(fn)
  local length = self.length
  local list = { length = length }
  for i = 0, length - 1 do list[i] = fn(this, self[i], i, self) end
  return array(list)
end

function prototype.filter(self, fn, this)
  check(fn)
  local list, count = {}, 0
  for i = 0, self.length - 1 do
    local value = self[i]
    if truthy(fn(this, value, i, self)) then
      list[count] = value
      count = count + 1
    end
  end
  list.length = count
  return array(list)
end

local function first_match(self, fn, this)
  check(fn)
  for i = 0, self.length - 1 do
    if truthy(fn(this, self[i], i, self)) then return i end
  end
  return nil
end

local function last_match(self, fn, this)
  check(fn)
  for i = self.length - 1, 0, -1 do
    if truthy(fn(this, self[i], i, self)) then return i end
  end
  return nil
end

local function found(self, index)
  if index then return self[index] end
  return nil
end

function prototype.find(self, fn, this) return found(self, first_match(self, fn, this)) end
function prototype.findIndex(self, fn, this) return first_match(self, fn, this) or -1 end
function prototype.findLast(self, fn, this) return found(self, last_match(self, fn, this)) end
function prototype.findLastIndex(self, fn, this) return last_match(self, fn, this) or -1 end
function prototype.some(self, fn, this) return first_match(self, fn, this) ~= nil end

function prototype.every(self, fn, this)
  check(fn)
  for i = 0, self.length - 1 do
    if not truthy(fn(this, self[i], i, self)) then return false end
  end
  return true
end

--- Folds from `first` on in steps of `step`; `...` is the value to begin with, if any.
local function reduce(self, fn, first, step, ...)
  check(fn)
  local result, i = ..., first
  if select("#", ...) == 0 then
    if self.length == 0 then raise.type_error "Reduce of empty array with no initial value" end
    result, i = self[i], i + step
  end
  while i >= 0 and i < self.length do
    result = fn(nil, result, self[i], i, self)
    i = i + step
  end
  return result
end

function prototype.reduce(self, fn, ...) return reduce(self, fn, 0, 1, ...) end
function prototype.reduceRight(self, fn, ...) return reduce(self, fn, self.length - 1, -1, ...) end

return prototype
