--- conditions: whether a client has a file already, and which part of it it wants (RFC 9110,
--- 13 and 14).
---
--- A file is described by its entity tag, which is a strong one, and the time of its last change
--- in seconds. Headers are asked for with a function from name to value.

local date = require "partylua.assets.date"

local conditions = {}

--- Whether a list of entity tags holds this one; `*` holds each.
local function holds(list, tag, is_weak_enough)
  if list:match "^%s*%*%s*$" then return true end
  for weak, each in list:gmatch '(W?/?)("[^"]*")' do
    if each == tag and (weak == "" or is_weak_enough) then return true end
  end
  return false
end

--- Whether a header has a date, and the file has changed since.
local function changed_since(text, modified)
  local seconds = text and date.parse(text)
  if not seconds then return nil end
  return modified > seconds
end

--- The status of an answer without the file: 304 or 412; nil when it is to be sent (RFC 9110
--- 13.2.2, in its order).
---@param header fun(name: string): string?
---@param tag string    with its quotes
---@param modified integer
---@return 304|412|nil
function conditions.check(header, tag, modified)
  local match, none_match = header "if-match", header "if-none-match"
  if match then
    if not holds(match, tag, false) then return 412 end
  elseif changed_since(header "if-unmodified-since", modified) then
    return 412
  end
  if none_match then return holds(none_match, tag, true) and 304 or nil end
  if changed_since(header "if-modified-since", modified) == false then return 304 end
end

--- Whether the part that a client has is of this file (RFC 9110 13.1.5).
local function is_same_file(if_range, tag, modified)
  if not if_range then return true end
  if if_range:find '"' then return if_range == tag end
  return date.parse(if_range) == modified
end

--- The part that is asked for. Nil for all of the file: without a range, with several, and with
--- one that makes no sense.
---@param header fun(name: string): string?
---@param size integer
---@param tag string
---@param modified integer
---@return integer|"unsatisfiable"|nil from
---@return integer? count
function conditions.range(header, size, tag, modified)
  local range = header "range"
  if not range or not is_same_file(header "if-range", tag, modified) then return nil end
  local first, last = range:lower():match "^bytes=%s*(%d*)%-(%d*)%s*$"
  if not first or first == "" and last == "" then return nil end
  if first == "" then
    local count = math.min(tonumber(last), size)
    if count == 0 then return "unsatisfiable" end
    return size - count, count
  end
  local from, to = tonumber(first), tonumber(last) or size - 1
  if last ~= "" and to < from then return nil end
  if from >= size then return "unsatisfiable" end
  return from, math.min(to, size - 1) - from + 1
end

--- How much a client likes a content coding, by its Accept-Encoding: 0 for not at all.
---@param accepted string?
---@param coding string
---@return number
function conditions.quality(accepted, coding)
  local otherwise = 0
  for item in (accepted or ""):lower():gmatch "[^,]+" do
    local name, rest = item:match "^%s*([^%s;]+)%s*(.*)$"
    local quality = name and tonumber(rest:match "^;%s*q=([%d.]+)") or 1
    if name == coding then return quality end
    if name == "*" then otherwise = quality end
  end
  return otherwise
end

return conditions
