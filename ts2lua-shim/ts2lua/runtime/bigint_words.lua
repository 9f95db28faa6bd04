--- bigint_words: BigInts as the 64 bits that typed arrays and DataView keep.

local bigints = require "ts2lua.runtime.bigints"
local convert = require "ts2lua.runtime.convert"
local ffi = require "ffi"
local raise = require "ts2lua.runtime.raise"

local words = {}

local uint64 = ffi.typeof "uint64_t"
local BASE = uint64(1e7)

--- The lowest 64 bits of a BigInt, in two's complement.
---@return ffi.cdata* word    a uint64_t
function words.from_bigint(value)
  if type(value) == "boolean" then value = bigints.parse(value and "1" or "0") end
  if not bigints.is(value) then
    raise.type_error(("Cannot convert %s to a BigInt"):format(convert.to_text(value)))
  end
  local word, limbs = uint64(0), value[2]
  for i = #limbs, 1, -1 do word = word * BASE + uint64(limbs[i]) end
  return value[1] < 0 and uint64(0) - word or word
end

--- The BigInt of an int64_t or uint64_t.
---@param word ffi.cdata*
function words.to_bigint(word)
  return bigints.parse((tostring(word):gsub("U?LL$", "")))
end

return words
