--- streams: ReadableStream and its like, as far as bodies need them.
---
--- Slot 1 holds the chunks that wait, 2 the readers that wait for one, 3 whether it has ended, 4
--- the error it ended with, 5 what asks its source for more, 6 what tells it
--- that nobody wants more.

local binary = require "ts2lua.runtime.binary"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local errors = require "ts2lua.runtime.errors"
local iterate = require "ts2lua.runtime.iterate"
local microtasks = require "ts2lua.runtime.microtasks"
local promises = require "ts2lua.runtime.promises"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local symbol = require "ts2lua.runtime.symbol"
local tasks = require "ts2lua.runtime.tasks"
local world = require "ts2lua.runtime.world"

local streams = {}

local function settle_readers(self)
  local chunks, readers = self[1], self[2]
  while #readers > 0 and (#chunks > 0 or self[3]) do
    local reader = table.remove(readers, 1)
    if #chunks > 0 then
      promises.resolve(reader, iterate.result(table.remove(chunks, 1), false))
    elseif self[4] ~= nil then
      promises.settle(reader, promises.REJECTED, self[4])
    else
      promises.resolve(reader, iterate.result(nil, true))
    end
  end
end

local function controller_of(self)
  local controller = shape.object()
  rawset(controller, "desiredSize", 1)
  rawset(controller, "enqueue", function(_, chunk)
    if self[3] then raise.type_error "Invalid state: Controller is already closed" end
    table.insert(self[1], chunk)
    settle_readers(self)
  end)
  rawset(controller, "close", function()
    rawset(self, 3, true)
    settle_readers(self)
  end)
  rawset(controller, "error", function(_, reason)
    rawset(self, 3, true)
    rawset(self, 4, reason)
    settle_readers(self)
  end)
  return controller
end

local ReadableStream = class.builtin("ReadableStream", nil, function(self, source)
  rawset(self, 1, {})
  rawset(self, 2, {})
  rawset(self, 3, false)
  rawset(self, "locked", false)
  local controller = controller_of(self)
  source = type(source) == "table" and source or shape.object()
  if type(source.start) == "function" then source:start(controller) end
  if type(source.pull) == "function" then
    rawset(self, 5, function() source:pull(controller) end)
  end
  if type(source.cancel) == "function" then
    rawset(self, 6, function(reason) return source:cancel(reason) end)
  end
end, { is_stream = true, tag = "ReadableStream" })
streams.ReadableStream = ReadableStream

local function read(self)
  local promise = promises.new()
  table.insert(self[2], promise)
  settle_readers(self)
  if promise[1] == 0 and self[5] and not self[3] then self[5]() end
  return promise
end

function ReadableStream.prototype.getReader(self)
  if self.locked then raise.type_error "Invalid state: ReadableStream is locked" end
  rawset(self, "locked", true)
  local reader = shape.object()
  rawset(reader, "read", function() return read(self) end)
  rawset(reader, "releaseLock", function() rawset(self, "locked", false) end)
  rawset(reader, "cancel", function(_, reason) return self:cancel(reason) end)
  return reader
end

function ReadableStream.prototype.cancel(self, reason)
  if self[3] then return promises.of(nil) end
  rawset(self, 3, true)
  rawset(self, 1, {})
  settle_readers(self)
  local on_cancel = self[6]
  return tasks.run(function() return on_cancel and on_cancel(reason) end, false)
end

--- Two streams that give what this one gives.
function ReadableStream.prototype.tee(self)
  if self.locked then raise.type_error "Invalid state: ReadableStream is locked" end
  rawset(self, "locked", true)
  local branches = { [0] = class.new(ReadableStream), class.new(ReadableStream), length = 2 }
  local function each(name, value)
    for i = 0, 1 do
      if not branches[i][3] then controller_of(branches[i])[name](nil, value) end
    end
  end
  local function pull()
    local answer = read(self)
    answer["then"](answer, function(_, result)
      if result.done then each "close" else each("enqueue", result.value) end
    end, function(_, reason) each("error", reason) end)
  end
  rawset(branches[0], 5, pull)
  rawset(branches[1], 5, pull)
  return iterate.array(branches)
end

ReadableStream.prototype[symbol.async_iterator] = function(self)
  local iterator = shape.object()
  rawset(iterator, "next", function() return read(self) end)
  rawset(iterator, "return", function() return self:cancel() end)
  return iterator
end

-- WritableStream: slot 1 holds the sink, an object with write, close and abort.

local WritableStream = class.builtin("WritableStream", nil, function(self, sink)
  rawset(self, 1, type(sink) == "table" and sink or shape.object())
  rawset(self, "locked", false)
  if type(self[1].start) == "function" then self[1]:start(shape.object()) end
end, { is_writable = true, tag = "WritableStream" })
streams.WritableStream = WritableStream

--- Calls a method of the sink; a promise for its end.
local function tell(self, name, ...)
  local sink, count, arguments = self[1], select("#", ...), { ... }
  return tasks.run(function()
    local method = sink[name]
    if type(method) == "function" then return method(sink, unpack(arguments, 1, count)) end
  end, false)
end

function WritableStream.prototype.getWriter(self)
  if self.locked then raise.type_error "Invalid state: WritableStream is locked" end
  rawset(self, "locked", true)
  local writer = shape.object()
  rawset(writer, "ready", promises.of(nil))
  rawset(writer, "write", function(_, chunk) return tell(self, "write", chunk, shape.object()) end)
  rawset(writer, "close", function() return tell(self, "close") end)
  rawset(writer, "abort", function(_, reason) return tell(self, "abort", reason) end)
  rawset(writer, "releaseLock", function() rawset(self, "locked", false) end)
  return writer
end

function WritableStream.prototype.close(self) return tell(self, "close") end
function WritableStream.prototype.abort(self, reason) return tell(self, "abort", reason) end

-- TransformStream: what is written to one end can be read at the other.

local function transform_sink(readable, transformer)
  local controller = controller_of(readable)
  rawset(controller, "terminate", controller.close)
  local sink = shape.object()
  rawset(sink, "write", function(_, chunk)
    if type(transformer.transform) == "function" then
      return transformer:transform(chunk, controller)
    end
    controller:enqueue(chunk)
  end)
  rawset(sink, "close", function()
    local flushed = type(transformer.flush) == "function" and transformer:flush(controller) or nil
    return promises.of(flushed)["then"](promises.of(flushed), function() controller:close() end)
  end)
  rawset(sink, "abort", function(_, reason) controller:error(reason) end)
  return sink
end

streams.TransformStream = class.builtin("TransformStream", nil, function(self, transformer)
  local readable = class.new(ReadableStream)
  transformer = type(transformer) == "table" and transformer or shape.object()
  rawset(self, "readable", readable)
  rawset(self, "writable", class.new(WritableStream, transform_sink(readable, transformer)))
end, { tag = "TransformStream" })

--- Hands every chunk to a writer, one after the other; a promise for the end.
local function pump(self, writer)
  local answer = read(self)
  return answer["then"](answer, function(_, result)
    if result.done then return writer:close() end
    local written = writer:write(result.value)
    return written["then"](written, function() return pump(self, writer) end)
  end)
end

function ReadableStream.prototype.pipeTo(self, writable)
  rawset(self, "locked", true)
  return pump(self, writable:getWriter())
end

function ReadableStream.prototype.pipeThrough(self, pair)
  self:pipeTo(pair.writable):catch(function() end)
  return pair.readable
end

--- A stream of an iterator over byte strings, which may wait.
---@param open fun(): fun(): string?
---@param on_cancel? fun(reason: any)    nobody wants more of them
function streams.of_chunks(open, on_cancel)
  local stream, next_chunk = class.new(ReadableStream), nil
  local controller = controller_of(stream)
  rawset(stream, 6, on_cancel)
  local is_pulling = false
  local function pull()
    next_chunk = next_chunk or open()
    repeat
      local chunk = next_chunk()
      if stream[3] then return end
      if chunk then controller:enqueue(binary.uint8(chunk)) else controller:close() end
    until #stream[2] == 0
  end
  rawset(stream, 5, function()
    if is_pulling then return end
    is_pulling = true
    tasks.spawn(function()
      local ok, problem = pcall(pull)
      is_pulling = false
      if not ok then controller:error(errors.caught(problem)) end
      microtasks.drain()
    end)
  end)
  return stream
end

local function chunk_bytes(chunk)
  return binary.is(chunk) and binary.to_string(chunk) or convert.to_text(chunk)
end

--- Where there is no host nothing can be waited for.
local function wait_for_nothing(promise)
  microtasks.drain()
  if promise[1] == promises.FULFILLED then return promise[2] end
  error(promise[2] or "the stream waits for something that does not come", 0)
end

--- An iterator over a stream's chunks as bytes, which waits for each.
---@return fun(): string?
function streams.chunks(stream)
  return function()
    local answer = (world.wait or wait_for_nothing)(read(stream))
    if answer.done then return nil end
    return chunk_bytes(answer.value)
  end
end

return streams
