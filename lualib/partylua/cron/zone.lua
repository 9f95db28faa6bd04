--- zone: a time zone: how far its clocks are from UTC, and when they are changed.
---
--- UTC is always there; others are read from the system's time zone data by their IANA names.

local fs = require "partylua.fs"
local hint = require "partylua.hint"
local rule = require "partylua.cron.rule"
local tzif = require "partylua.cron.tzif"

local FOLDER = "/usr/share/zoneinfo"
local FILE_BYTES_MAX = 64 * 1024
local NAME_BYTES_MAX = 64
local OFFSET_SECONDS_MAX = 26 * 3600

---@class partylua.cron.Zone
---@field name string
---@field private times integer[]    when clocks were changed
---@field private offsets table<integer, integer>    since then; [0] before the first
---@field private rule? partylua.cron.Rule    since the last
local Zone = {}
Zone.__index = Zone

local zone = {}

zone.UTC = setmetatable({ name = "UTC", times = {}, offsets = { [0] = 0 } }, Zone)

-- Reading ---------------------------------------------------------------------------------------

--- Names have no dots, so none leads out of the folder.
local function is_name(name)
  if #name > NAME_BYTES_MAX then return false end
  for part in (name .. "/"):gmatch "([^/]*)/" do
    if not part:find "^%a[%w_+-]*$" then return false end
  end
  return true
end

--- Every name of the time zone data, from its own list.
local function known_names(folder)
  local names = {}
  for line in (fs.read(folder .. "/tzdata.zi") or ""):gmatch "[^\n]+" do
    names[#names + 1] = line:match "^Z (%S+)" or line:match "^L %S+ (%S+)"
  end
  return names
end

local function unknown(name, folder)
  if not fs.is_folder(folder) then
    return nil, ("names a time zone, but there is no time zone data in %s"):format(folder),
      "install the package tzdata, or use UTC"
  end
  return nil, ('names a time zone that is not known here: "%s"'):format(name),
    hint.did_you_mean(name, known_names(folder))
end

local function read_file(path)
  local file = io.open(path, "rb")
  local bytes = file and file:read(FILE_BYTES_MAX + 1) or ""
  if file then file:close() end
  if #bytes > FILE_BYTES_MAX then return nil, "it is too large" end
  return bytes
end

local function read(name, path)
  local bytes, why = read_file(path)
  if not bytes then return nil, why end
  local times, offsets, footer = tzif.read(bytes)
  if not times then return nil, offsets end
  local self = setmetatable({ name = name, times = times, offsets = offsets }, Zone)
  if footer ~= "" then
    self.rule = rule.read(footer)
    if not self.rule then return nil, "its last line is no rule" end
  end
  return self
end

--- The zone of a name. Otherwise nil, what is wrong with the field that has the name, and perhaps
--- a hint.
---@param name string
---@param folder? string    of the time zone data
---@return partylua.cron.Zone?
---@return string? message
---@return string? hint
function zone.load(name, folder)
  folder = folder or FOLDER
  if name == "UTC" then return zone.UTC end
  if not is_name(name) then
    return nil, "must be the name of a time zone, such as UTC or Europe/Berlin"
  end
  local path = folder .. "/" .. name
  if not fs.is_file(path) then return unknown(name, folder) end
  local self, why = read(name, path)
  if self then return self end
  return nil, ("names a time zone that cannot be read: %s: %s"):format(path, why)
end

-- Asking ----------------------------------------------------------------------------------------

--- How many of the changes have come by `at`.
local function count_until(times, at)
  local low, high = 0, #times
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if times[middle] <= at then low = middle else high = middle - 1 end
  end
  return low
end

--- The stretch of time around a moment in which clocks are left alone.
---@param at number    seconds since 1970
---@return integer offset    seconds east of UTC
---@return number from
---@return number stop    the moment of the next change
function Zone:stretch(at)
  local count = count_until(self.times, at)
  local from, stop = self.times[count] or -math.huge, self.times[count + 1]
  if stop or not self.rule then return self.offsets[count], from, stop or math.huge end
  local offset, rule_from, rule_stop = self.rule:stretch(at)
  return offset, math.max(from, rule_from), rule_stop
end

--- The moment at which clocks show a time: the first one where it comes twice, and where it is
--- skipped the first one after the gap.
---@param shown number    seconds since 1970 as if there were no zones
---@return number at
function Zone:moment(shown)
  local at = shown - OFFSET_SECONDS_MAX
  while true do
    local offset, from, stop = self:stretch(at)
    if shown - offset < stop then return math.max(shown - offset, from) end
    at = stop
  end
end

return zone
