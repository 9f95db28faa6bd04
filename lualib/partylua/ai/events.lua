--- events: server-sent events out of bytes that come in pieces (HTML standard: event stream
--- interpretation), as far as models use them: the data of each event, and nothing else of it.
---
--- What is not complete yet is kept in pieces and joined once, so that a long event that comes
--- byte by byte costs what its bytes cost, and its size is bounded before it is joined.

local BYTE_ORDER_MARK = "\239\187\191"

---@class partylua.ai.Events
---@field private bytes_max integer    of one event
---@field private pieces string[]    of the line that has not ended
---@field private held_bytes integer    in pieces and data
---@field private data string[]    lines of the event that has not ended
---@field private was_return boolean    the last byte was a CR: an LF after it is no line
---@field private is_first boolean    no line has ended yet
local Events = {}
Events.__index = Events

---@param bytes_max integer
---@return partylua.ai.Events
function Events.new(bytes_max)
  return setmetatable({
    bytes_max = bytes_max, pieces = {}, held_bytes = 0, data = {}, was_return = false,
    is_first = true,
  }, Events)
end

--- Counts what is held before more is. False when it is too much.
function Events:hold(count)
  self.held_bytes = self.held_bytes + count
  return self.held_bytes <= self.bytes_max
end

--- A line without its end; adds the data of a complete event to `out`.
function Events:take_line(line, out)
  if self.is_first then
    self.is_first = false
    if line:sub(1, 3) == BYTE_ORDER_MARK then line = line:sub(4) end
  end
  if line == "" then
    if #self.data > 0 then out[#out + 1] = table.concat(self.data, "\n") end
    self.data, self.held_bytes = {}, 0
    return
  end
  local value = line:match "^data:(.*)$" or line == "data" and "" or nil
  if value then
    self.data[#self.data + 1] = value:sub(1, 1) == " " and value:sub(2) or value
  else
    self.held_bytes = self.held_bytes - #line
  end
end

--- Takes the next bytes. Gives the data of the events that they complete; nil and why when one
--- of them is too large, or too large already.
---@param bytes string
---@return string[]? data
---@return string? why
function Events:feed(bytes)
  local out, at = {}, 1
  if self.was_return and bytes:byte(1) == 10 then at = 2 end
  if bytes ~= "" then self.was_return = false end
  while at <= #bytes do
    local stop = bytes:find("[\r\n]", at)
    local piece = bytes:sub(at, (stop or #bytes + 1) - 1)
    if not self:hold(#piece) then return nil, "an event of its stream is too large" end
    self.pieces[#self.pieces + 1] = piece
    if not stop then return out end
    local line = table.concat(self.pieces)
    self.pieces = {}
    self:take_line(line, out)
    at = stop + 1
    if bytes:byte(stop) == 13 then
      self.was_return = at > #bytes
      if bytes:byte(at) == 10 then at = at + 1 end
    end
  end
  return out
end

return Events
