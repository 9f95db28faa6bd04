--- collation: the order of texts for readers: letters before case, and case before nothing.

local letters = require "ts2lua.runtime.letters"

local format = string.format

--- Digits so that longer numbers come behind shorter ones.
local function with_numbers(text)
  return (text:gsub("0*(%d+)", function(digits) return format("%04d", #digits) .. digits end))
end

--- -1, 0 or 1. The options are those of `localeCompare` and Intl.Collator.
---@param a string
---@param b string
---@param options? table
---@return integer
local function collation(a, b, options)
  if a == b then return 0 end
  options = type(options) == "table" and options or {}
  if options.numeric == true then a, b = with_numbers(a), with_numbers(b) end
  local key, other_key = letters.order_key(a), letters.order_key(b)
  if key ~= other_key then return key < other_key and -1 or 1 end
  if options.sensitivity == "base" then return 0 end
  local lower, other_lower = letters.lower(a), letters.lower(b)
  if lower ~= other_lower then return lower < other_lower and -1 or 1 end
  if options.sensitivity == "accent" or a == b then return 0 end
  -- Small letters come before capitals.
  return a > b and -1 or 1
end

return collation
