--- stream: what a model says while it says it.
---
--- Events are tables as Workers AI has them: `{ response = "some text" }`, and perhaps `tool_calls`
--- or `usage`. A stream is an iterator over them. As the body of a response it gives server-sent
--- events that end with `data: [DONE]`, whatever the provider's own form is.

local Body = require "partylua.body"
local Events = require "partylua.ai.events"
local failure = require "partylua.ai.failure"
local json = require "partylua.json"

local EVENT_BYTES_MAX = 1024 ^ 2
local DONE = "data: [DONE]\n\n"

--- How a provider's events become ours.
---@class partylua.ai.Reader
---@field read fun(self: partylua.ai.Reader, value: table): table?    nil for what says nothing
---@field is_complete fun(self: partylua.ai.Reader): boolean    without [DONE], at the end of all

---@class partylua.AiStream
---@field contentType string    "text/event-stream", for a response with this body
---@field requestId? string    what the provider calls the request
---@field private call partylua.ai.Call
---@field private reader partylua.ai.Reader
---@field private source table    of chunks; it can be given up
---@field private next_chunk fun(): string?
---@field private parser partylua.ai.Events
---@field private waiting string[]    data of events that have come
---@field private at integer    of the last one that was read
---@field private is_over boolean    nothing more will be read
local Stream = {}
Stream.__index = Stream

---@param call partylua.ai.Call
---@param response partylua.Response
---@param reader partylua.ai.Reader
---@return partylua.AiStream
function Stream.from(call, response, reader)
  local kind, chunks, source = response:take_body()
  if kind ~= "chunks" then call:fail "it answered nothing where a stream was asked for" end
  return setmetatable({
    contentType = "text/event-stream", requestId = call.request_id,
    call = call, reader = reader, source = source, next_chunk = chunks,
    parser = Events.new(EVENT_BYTES_MAX), waiting = {}, at = 0, is_over = false,
  }, Stream)
end

--- Raises, and gives up what has not come.
local function fail(self, reason)
  self:cancel "it is broken"
  self.call:fail(reason)
end

--- The data of the next event; nil when there are no more bytes.
local function next_data(self)
  while self.at == #self.waiting do
    local ok, bytes = pcall(self.next_chunk)
    if self.is_over then return nil end -- somebody has given it up meanwhile
    if not ok then fail(self, self.call.bare_reason(bytes)) end
    if not bytes then return nil end
    local all, why = self.parser:feed(bytes)
    if not all then fail(self, why) end
    self.waiting, self.at = all, 0
  end
  self.at = self.at + 1
  return self.waiting[self.at]
end

--- The value of an event's data.
local function decode(self, data)
  local ok, value = pcall(json.decode, data)
  if not ok then fail(self, "an event of its stream is no JSON: " .. Body.bare_message(value)) end
  if type(value) ~= "table" then fail(self, "an event of its stream is no object") end
  local said = failure.said(value)
  if said then fail(self, said) end
  return value
end

--- The next event; nil at the end.
local function next_event(self)
  while not self.is_over do
    local data = next_data(self)
    if self.is_over then return nil end
    if data == nil and not self.reader:is_complete() then
      fail(self, "the stream broke off before its end")
    end
    if data == nil or data == "[DONE]" then
      -- The answer ends by itself now, and then its connection is used again.
      self.is_over = true
      self.source:leave()
      return nil
    end
    local ok, event = pcall(self.reader.read, self.reader, decode(self, data))
    if not ok then
      if failure.is(event) then error(event, 0) end
      fail(self, "an event of its stream has an unknown form: " .. Body.bare_message(event))
    end
    if event then return event end
  end
end

--- The next event: `for event in stream do`.
---@return table?
function Stream:__call()
  return next_event(self)
end

--- What is sent of a stream: called, it gives the next server-sent event.
---@class partylua.ai.Sent
---@field private stream partylua.AiStream
---@field private has_said_done boolean
local Sent = {}
Sent.__index = Sent

function Sent:__call()
  local event = next_event(self.stream)
  if event then return "data: " .. json.encode(event) .. "\n\n" end
  if self.has_said_done then return nil end
  self.has_said_done = true
  return DONE
end

function Sent:cancel(reason)
  self.has_said_done = true
  self.stream:cancel(reason)
end

--- An iterator over server-sent events as bytes, to their end `data: [DONE]`.
---@return fun(): string?
function Stream:chunks()
  return setmetatable({ stream = self, has_said_done = self.is_over }, Sent)
end

--- The same as a function.
---@return fun(): table?
function Stream:events()
  return function() return next_event(self) end
end

--- Iterates over what is said, piece by piece: `for text in stream:texts() do`.
---@return fun(): string?
function Stream:texts()
  return function()
    for event in self:events() do
      if event.response ~= "" and type(event.response) == "string" then return event.response end
    end
  end
end

--- All that is still to be said, as one text.
---@return string
function Stream:text()
  local pieces, count, bytes_max = {}, 0, self.call.service.answer_bytes
  for piece in self:texts() do
    count = count + #piece
    if count > bytes_max then fail(self, "the text is too large (see ai.answerBytes)") end
    pieces[#pieces + 1] = piece
  end
  return table.concat(pieces)
end

--- Gives up what has not been said yet: the provider hears of it, and whoever reads finds the
--- end. Harmless when it is over.
---@param reason? string
function Stream:cancel(reason)
  if self.is_over then return end
  self.is_over = true
  self.source:cancel(reason or "it was given up")
end

return Stream
