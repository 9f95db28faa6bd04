--- moment: points in time as specs write them: "2026-03-29 01:30", in UTC.

local calendar = require "partylua.cron.calendar"

local moment = {}

--- Milliseconds since 1970.
---@param text string    "2026-03-29 01:30" or "2026-03-29 01:30:15"
function moment.ms(text)
  local year, month, day, hour, minute, second = text:match "^(%d+)-(%d+)-(%d+) (%d+):(%d+):?(%d*)$"
  local days = calendar.day_of(tonumber(year), tonumber(month), tonumber(day))
  return ((days * 24 + hour) * 60 + minute) * 60000 + (tonumber(second) or 0) * 1000
end

--- The other way; seconds are shown when there are any.
---@param ms number?
function moment.text(ms)
  if not ms then return nil end
  local format = ms % 60000 == 0 and "!%Y-%m-%d %H:%M" or "!%Y-%m-%d %H:%M:%S"
  return os.date(format, math.floor(ms / 1000))
end

return moment
