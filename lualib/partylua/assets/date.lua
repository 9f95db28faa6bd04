--- date: the dates of HTTP (RFC 9110 5.6.7), to and from seconds since 1970.

local calendar = require "partylua.cron.calendar"

local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10,
  Nov = 11, Dec = 12,
}

local date = {}

---@param seconds integer
---@return string    "Sun, 06 Nov 1994 08:49:37 GMT"
function date.format(seconds)
  return (os.date("!%a, %d %b %Y %H:%M:%S GMT", seconds))
end

--- Nil for what is no date, and for the two forms that nobody has sent since 1999.
---@param text string
---@return integer?
function date.parse(text)
  local day, name, year, hour, minute, second =
    text:match "^%a%a%a, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$"
  local month = name and MONTHS[name]
  if not month then return nil end
  local days_since = calendar.day_of(tonumber(year), month, tonumber(day))
  return days_since * 86400 + hour * 3600 + minute * 60 + second
end

return date
