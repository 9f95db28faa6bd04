--- Hosts of URLs, parsed and written as the WHATWG URL standard says.
---
--- Names outside ASCII are refused, since the tables that turn them into xn-- names are
--- larger than this library; xn-- names are taken as they are.

local percent = require "partylua.percent"

local concat, find, gmatch, gsub = table.concat, string.find, string.gmatch, string.gsub
local lower, match, sub = string.lower, string.match, string.sub

-- The forbidden domain code points, and what is not ASCII.
local NO_DOMAIN = "[%z\1-\32#/:<>?@%[\\%]^|%%\127-\255]"
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

local hostname = {}

--- The host as it is written in a URL, nil where the standard says failure.
---@param text string
---@return string?
function hostname.parse(text)
  local inside = match(text, "^%[(.*)%]$")
  if inside then return parse_ipv6(inside) end
  local name = lower(percent.decode(text))
  if name == "" or find(name, NO_DOMAIN) then return nil end
  if not find(name, "%d") then return name end
  local parts = {}
  for part in gmatch(gsub(name, "%.$", "") .. ".", "([^.]*)%.") do parts[#parts + 1] = part end
  local last = parts[#parts]
  if find(last, "^%d+$") or find(last, "^0x%x*$") then return parse_ipv4(parts) end
  return name
end

return hostname
