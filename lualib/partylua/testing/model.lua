--- model: what answers context.ai in a spec: a function, in the place of a provider.

local Ai = require "partylua.ai"
local Stream = require "partylua.ai.stream"
local json = require "partylua.json"
local native = require "partylua.native"

local model = {}

local NO_AI = "context.ai reaches no model in a test: "
  .. "give party.app { ai = function(model, inputs) return result end }"
local ANSWER_BYTES = 16 * 1024 ^ 2

local function itself(text) return text end

-- Streams ---------------------------------------------------------------------------------------

--- An iterator over texts, of whatever the spec's function has given for them.
local function texts_of(given)
  if type(given) == "function" then return given end
  if type(given) == "string" then given = { given } end
  local at = 0
  return function()
    at = at + 1
    return given[at]
  end
end

--- The events of a provider that streams: each text in one of its own, then the end.
local function events_of(given, signal)
  local next_text, is_over = texts_of(given), false
  local function next_event()
    if is_over then return nil end
    local text = next_text()
    if signal and signal.aborted then error(tostring(signal.reason), 0) end
    if text ~= nil then return ("data: %s\n\n"):format(json.encode { response = text }) end
    is_over = true
    return "data: [DONE]\n\n"
  end
  return next_event, function() is_over = true end
end

--- As of an answer whose body comes in chunks and can be given up.
local function stream_of(call, given)
  local next_event, give_up = events_of(given, call.options.signal)
  local source = { cancel = give_up, leave = function() end }
  local answer = { take_body = function() return "chunks", next_event, source end }
  local reader = { read = function(_, event) return event end, is_complete = function() end }
  return Stream.from(call, answer, reader)
end

local function is_streamed(given)
  return type(given) == "string" or type(given) == "function"
    or type(given) == "table" and type(given[1]) == "string"
end

-- Runs ------------------------------------------------------------------------------------------

--- What stands for a configured provider. A run begins when what the room has written before is
--- durable, like every effect.
---@param answer? fun(model: string, inputs: table, options: table): any    nil: a run says what
---                                                                        to do about it
---@return partylua.Ai
function model.stand_in(answer)
  local function run(call, inputs)
    native.lab_wait_for_gate()
    if not answer then call:fail(NO_AI) end
    local result = answer(call.model, inputs, call.options)
    if inputs.stream and is_streamed(result) then return stream_of(call, result) end
    return result
  end
  return Ai {
    service = {
      provider = "test", conceal = itself, has_gateways = true, answer_bytes = ANSWER_BYTES,
    },
    provider = { run = run, models = function() return {} end },
  }
end

return model
