--- digest: SHA-1 and SHA-256 (FIPS 180-4).

local bit = require "bit"

local band, bnot, bor, bxor = bit.band, bit.bnot, bit.bor, bit.bxor
local rol, ror, rshift, tobit = bit.rol, bit.ror, bit.rshift, bit.tobit
local byte, char = string.byte, string.char

local digest = {}

--- Whole blocks of 64 bytes, with the length in bits at the end.
local function padded(bytes)
  local bits = #bytes * 8
  local high, low = math.floor(bits / 4294967296), bits % 4294967296
  local length = {}
  for i, word in ipairs { high, low } do
    for k = 1, 4 do
      length[(i - 1) * 4 + k] = char(math.floor(word / 256 ^ (4 - k)) % 256)
    end
  end
  return bytes .. "\128" .. ("\0"):rep((55 - #bytes) % 64) .. table.concat(length)
end

--- The 16 words of the block at `at`.
local function words_of(bytes, at, words)
  for i = 1, 16 do
    local a, b, c, d = byte(bytes, at + i * 4 - 4, at + i * 4 - 1)
    words[i] = bor(bit.lshift(a, 24), bit.lshift(b, 16), bit.lshift(c, 8), d)
  end
end

local function output(state)
  local parts = {}
  for i, word in ipairs(state) do
    parts[i] = char(band(rshift(word, 24), 255), band(rshift(word, 16), 255),
      band(rshift(word, 8), 255), band(word, 255))
  end
  return table.concat(parts)
end

local function run(bytes, state, block)
  bytes = padded(bytes)
  local words = {}
  for at = 1, #bytes, 64 do
    words_of(bytes, at, words)
    block(state, words)
  end
  return output(state)
end

local function sha1_round(i, b, c, d)
  if i <= 20 then return bor(band(b, c), band(bnot(b), d)), 0x5A827999 end
  if i <= 40 then return bxor(b, c, d), 0x6ED9EBA1 end
  if i <= 60 then return bor(band(b, c), band(b, d), band(c, d)), 0x8F1BBCDC end
  return bxor(b, c, d), 0xCA62C1D6
end

local function sha1_block(state, w)
  for i = 17, 80 do w[i] = rol(bxor(w[i - 3], w[i - 8], w[i - 14], w[i - 16]), 1) end
  local a, b, c, d, e = unpack(state)
  for i = 1, 80 do
    local f, k = sha1_round(i, b, c, d)
    a, b, c, d, e = tobit(rol(a, 5) + f + e + k + w[i]), a, rol(b, 30), c, d
  end
  for i, value in ipairs { a, b, c, d, e } do state[i] = tobit(state[i] + value) end
end

digest["SHA-1"] = function(bytes)
  return run(bytes, { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0 }, sha1_block)
end

--- The first 32 bits of the fractions of roots of the first primes.
local function root_fractions(count, exponent)
  local list, candidate = {}, 2
  while #list < count do
    local is_prime = true
    for divisor = 2, math.floor(math.sqrt(candidate)) do
      if candidate % divisor == 0 then is_prime = false end
    end
    if is_prime then
      local root = candidate ^ exponent
      list[#list + 1] = tobit(math.floor((root - math.floor(root)) * 4294967296))
    end
    candidate = candidate + 1
  end
  return list
end

local SHA256_START, SHA256_ROUND = root_fractions(8, 1 / 2), root_fractions(64, 1 / 3)

local function sha256_block(state, w)
  for i = 17, 64 do
    local x, y = w[i - 15], w[i - 2]
    local s0 = bxor(ror(x, 7), ror(x, 18), rshift(x, 3))
    local s1 = bxor(ror(y, 17), ror(y, 19), rshift(y, 10))
    w[i] = tobit(w[i - 16] + s0 + w[i - 7] + s1)
  end
  local a, b, c, d, e, f, g, h = unpack(state)
  for i = 1, 64 do
    local s1 = bxor(ror(e, 6), ror(e, 11), ror(e, 25))
    local choice = bxor(band(e, f), band(bnot(e), g))
    local first = tobit(h + s1 + choice + SHA256_ROUND[i] + w[i])
    local s0 = bxor(ror(a, 2), ror(a, 13), ror(a, 22))
    local majority = bxor(band(a, b), band(a, c), band(b, c))
    a, b, c, d, e, f, g, h = tobit(first + s0 + majority), a, b, c, tobit(d + first), e, f, g
  end
  for i, value in ipairs { a, b, c, d, e, f, g, h } do state[i] = tobit(state[i] + value) end
end

digest["SHA-256"] = function(bytes)
  return run(bytes, { unpack(SHA256_START) }, sha256_block)
end

return digest
