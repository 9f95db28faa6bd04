--- digest_wide: SHA-384 and SHA-512 (FIPS 180-4), which work on words of 64 bits.

local bit = require "bit"
local ffi = require "ffi"

local band, bnot, bor, bxor = bit.band, bit.bnot, bit.bor, bit.bxor
local lshift, ror, rshift = bit.lshift, bit.ror, bit.rshift
local byte, char = string.byte, string.char

local uint64 = ffi.typeof "uint64_t"

--- Whole blocks of 128 bytes, with the length in bits at the end.
local function padded(bytes)
  local bits, length = #bytes * 8, {}
  for i = 16, 1, -1 do
    length[i] = char(bits % 256)
    bits = math.floor(bits / 256)
  end
  return bytes .. "\128" .. ("\0"):rep((111 - #bytes) % 128) .. table.concat(length)
end

--- The product of whole numbers in limbs of 16 bits, the lowest first.
local function multiply(a, b)
  local product = {}
  for i = 1, #a + #b do product[i] = 0 end
  for i = 1, #a do
    local carry = 0
    for k = 1, #b do
      local sum = product[i + k - 1] + a[i] * b[k] + carry
      product[i + k - 1], carry = sum % 65536, math.floor(sum / 65536)
    end
    product[i + #b] = product[i + #b] + carry
  end
  return product
end

--- Is the power of `root`, which counts in units of 2^-64, below the prime?
local function is_below(root, power, prime)
  local result, whole = root, 0
  for _ = 2, power do result = multiply(result, root) end
  for i = #result, 4 * power + 1, -1 do whole = whole * 65536 + result[i] end
  return whole < prime
end

--- The first 64 bits of the fraction of a prime's square or cube root, found bit by bit.
local function root_fraction(prime, power)
  local whole = 1
  while (whole + 1) ^ power <= prime do whole = whole + 1 end
  local root = { 0, 0, 0, 0, whole }
  for at = 63, 0, -1 do
    local limb, step = math.floor(at / 16) + 1, 2 ^ (at % 16)
    root[limb] = root[limb] + step
    if not is_below(root, power, prime) then root[limb] = root[limb] - step end
  end
  local value = uint64(0)
  for i = 4, 1, -1 do value = bor(lshift(value, 16), uint64(root[i])) end
  return value
end

local function primes(count)
  local list, candidate = {}, 2
  while #list < count do
    local is_prime = true
    for _, prime in ipairs(list) do
      if candidate % prime == 0 then is_prime = false end
    end
    if is_prime then list[#list + 1] = candidate end
    candidate = candidate + 1
  end
  return list
end

local ROUND, START_384, START_512 = {}, {}, {}
for i, prime in ipairs(primes(80)) do
  ROUND[i] = root_fraction(prime, 3)
  if i <= 8 then
    START_512[i] = root_fraction(prime, 2)
  elseif i <= 16 then
    START_384[i - 8] = root_fraction(prime, 2)
  end
end

--- The 16 words of the block at `at`, and those made of them.
local function words_of(bytes, at, w)
  for i = 0, 15 do
    local word = uint64(0)
    for k = 0, 7 do word = bor(lshift(word, 8), uint64((byte(bytes, at + i * 8 + k)))) end
    w[i + 1] = word
  end
  for i = 17, 80 do
    local x, y = w[i - 15], w[i - 2]
    local s0 = bxor(ror(x, 1), ror(x, 8), rshift(x, 7))
    local s1 = bxor(ror(y, 19), ror(y, 61), rshift(y, 6))
    w[i] = w[i - 16] + s0 + w[i - 7] + s1
  end
end

local function block(state, w)
  local a, b, c, d, e, f, g, h = unpack(state)
  for i = 1, 80 do
    local s1 = bxor(ror(e, 14), ror(e, 18), ror(e, 41))
    local first = h + s1 + bxor(band(e, f), band(bnot(e), g)) + ROUND[i] + w[i]
    local s0 = bxor(ror(a, 28), ror(a, 34), ror(a, 39))
    local second = s0 + bxor(band(a, b), band(a, c), band(b, c))
    a, b, c, d, e, f, g, h = first + second, a, b, c, d + first, e, f, g
  end
  for i, value in ipairs { a, b, c, d, e, f, g, h } do state[i] = state[i] + value end
end

local function run(bytes, start, length)
  bytes = padded(bytes)
  local state, w, parts = { unpack(start) }, {}, {}
  for at = 1, #bytes, 128 do
    words_of(bytes, at, w)
    block(state, w)
  end
  for _, word in ipairs(state) do
    for k = 7, 0, -1 do parts[#parts + 1] = char(tonumber(band(rshift(word, 8 * k), 255))) end
  end
  return table.concat(parts, "", 1, length)
end

return {
  ["SHA-384"] = function(bytes) return run(bytes, START_384, 48) end,
  ["SHA-512"] = function(bytes) return run(bytes, START_512, 64) end,
}
