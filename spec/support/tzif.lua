--- tzif: writes compiled time zones (RFC 8536), right or wrong ones.

local tzif = {}

local function big_endian(value, bytes)
  local out = {}
  for i = bytes, 1, -1 do
    out[i] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  return table.concat(out)
end

local function header(version, counts)
  local out = { "TZif", version, ("\0"):rep(15) }
  for _, count in ipairs(counts) do out[#out + 1] = big_endian(count, 4) end
  return table.concat(out)
end

---@class spec.TimeZone
---@field offsets integer[]    seconds east of UTC
---@field changes? integer[][]    each a time and the place of its offset, from 1
---@field footer? string
---@field version? string
---@field leaps? integer    how many leap seconds

---@param zone spec.TimeZone
---@return string
function tzif.bytes(zone)
  local changes, leaps = zone.changes or {}, zone.leaps or 0
  local version = zone.version or "2"
  local out = {
    header(version, { 0, 0, 0, 0, 0, 0 }),
    header(version, { 0, 0, leaps, #changes, #zone.offsets, 4 }),
  }
  for _, change in ipairs(changes) do out[#out + 1] = big_endian(change[1], 8) end
  for _, change in ipairs(changes) do out[#out + 1] = string.char(change[2] - 1) end
  for _, offset in ipairs(zone.offsets) do out[#out + 1] = big_endian(offset, 4) .. "\0\0" end
  out[#out + 1] = "XXX\0" .. ("\0"):rep(leaps * 12)
  out[#out + 1] = "\n" .. (zone.footer or "") .. "\n"
  return table.concat(out)
end

--- Writes one to a file.
---@param path string
---@param zone spec.TimeZone
function tzif.write(path, zone)
  local file = assert(io.open(path, "wb"))
  file:write(tzif.bytes(zone))
  file:close()
end

return tzif
