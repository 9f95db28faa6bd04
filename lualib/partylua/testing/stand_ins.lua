--- stand_ins: functions of a spec that answer in place of other servers and models.

local Response = require "partylua.response"
local WebSocket = require "partylua.websocket"
local context = require "partylua.context"
local fetch = require "partylua.fetch"
local model = require "partylua.testing.model"
local native = require "partylua.native"

local stand_ins = {}

local NO_FETCH = "party.fetch reaches nobody in a test: "
  .. "give party.app { fetch = function(request) return Response end }"

local NO_SOCKET = "party.WebSocket reaches nobody in a test; over real sockets it does"

--- A fetch leaves when what the room has written before is durable, like every effect.
local function answer_with(answer)
  return function(request)
    native.lab_wait_for_gate()
    if not answer then error(NO_FETCH, 0) end
    local response = answer(request)
    if Response.is(response) then return response end
    error("the option 'fetch' of party.app must return a Response, got " .. type(response), 0)
  end
end

--- Puts them in the place of what was configured; over real sockets a fetch without one is sent.
---@param given partylua.testing.Options
---@param settings partylua.testing.Settings
function stand_ins.install(given, settings)
  if given.fetch or not settings.is_real then fetch.replace(answer_with(given.fetch)) end
  WebSocket.refuse_all(not settings.is_real and NO_SOCKET or nil)
  if given.ai or settings.has_ai then context.replace("ai", model.stand_in(given.ai)) end
  if given.vectorize then context.replace("vectorize", given.vectorize) end
end

function stand_ins.remove()
  fetch.replace(nil)
  WebSocket.refuse_all(nil)
  context.replace("ai", nil)
  context.replace("vectorize", nil)
end

return stand_ins
