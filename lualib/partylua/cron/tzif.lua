--- tzif: reads a compiled time zone (RFC 8536), as /usr/share/zoneinfo holds them.
---
--- Of the two data blocks only the second, with times of 64 bits, is read.

local tzif = {}

local HEADER_BYTES = 44
local TYPES_MAX = 256
local OFFSET_SECONDS_MAX = 26 * 3600 -- RFC 8536 3.2 has less than 26 hours, to either side

local function uint32(bytes, at)
  local a, b, c, d = bytes:byte(at, at + 3)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function int32(bytes, at)
  local value = uint32(bytes, at)
  return value >= 2 ^ 31 and value - 2 ^ 32 or value
end

--- Exact up to 2^53, which is any time that matters.
local function int64(bytes, at)
  return int32(bytes, at) * 2 ^ 32 + uint32(bytes, at + 4)
end

local COUNTS = { "isutc", "isstd", "leap", "time", "type", "char" }

--- The header at `at`: its counts and the size of the block that follows.
local function read_header(bytes, at, time_bytes)
  if #bytes < at + HEADER_BYTES - 1 or bytes:sub(at, at + 3) ~= "TZif" then return nil end
  local count = { version = bytes:byte(at + 4) }
  for i, name in ipairs(COUNTS) do count[name] = uint32(bytes, at + 16 + i * 4) end
  count.bytes = count.time * (time_bytes + 1) + count.type * 6 + count.char
    + count.leap * (time_bytes + 4) + count.isstd + count.isutc
  return count
end

--- The offset of each local time type, from 0.
local function read_offsets(bytes, at, count)
  local offsets = {}
  for i = 0, count - 1 do
    offsets[i] = int32(bytes, at + i * 6)
    if math.abs(offsets[i]) >= OFFSET_SECONDS_MAX then return nil end
  end
  return offsets
end

--- When clocks were changed, and the offsets since then; [0] is the offset before.
local function read_changes(bytes, at, count)
  local types_at = at + count.time * 8
  local of_type = read_offsets(bytes, types_at + count.time, count.type)
  if not of_type then return nil, "an offset is beyond all measure" end
  local times, offsets = {}, { [0] = of_type[0] }
  for i = 1, count.time do
    times[i] = int64(bytes, at + (i - 1) * 8)
    offsets[i] = of_type[bytes:byte(types_at + i - 1)]
    if not offsets[i] then return nil, "it names a time type that it does not have" end
    if i > 1 and times[i] <= times[i - 1] then return nil, "its times are not ascending" end
  end
  return times, offsets
end

--- Reads a file's bytes.
---@param bytes string
---@return integer[]? times    when clocks were changed, in seconds since 1970
---@return table<integer, integer>|string offsets    east of UTC after each; or what is wrong
---@return string? footer    the rule after the last change, as POSIX writes it; may be empty
function tzif.read(bytes)
  local first = read_header(bytes, 1, 4)
  if not first then return nil, "it is no compiled time zone" end
  if first.version < 0x32 then return nil, "its format is older than version 2" end
  local at = 1 + HEADER_BYTES + first.bytes
  local second = read_header(bytes, at, 8)
  if not second or #bytes < at + HEADER_BYTES + second.bytes - 1 then
    return nil, "it is cut short"
  end
  if second.leap > 0 then return nil, "it counts leap seconds" end
  if second.type < 1 or second.type > TYPES_MAX then return nil, "it has no time types" end
  local times, offsets = read_changes(bytes, at + HEADER_BYTES, second)
  if not times then return nil, offsets end
  local footer = bytes:match("^\n([^\n]*)\n", at + HEADER_BYTES + second.bytes)
  if not footer then return nil, "it has no footer" end
  return times, offsets, footer
end

return tzif
