--- partylua: the Party API, as `require "partylua"` gives it.

local Headers = require "partylua.headers"
local Request = require "partylua.request"
local Response = require "partylua.response"
local application = require "partylua.application"
local async = require "partylua.async"
local binary = require "partylua.binary"
local json = require "partylua.json"
local log = require "partylua.log"
local native = require "partylua.native"

---@class partylua
local party = {
  version = native.version,
  Headers = Headers,
  Request = Request,
  Response = Response,
  json = json,
  binary = binary,
  log = log,
  sleep = async.sleep,
  after = async.after,
  every = async.every,
  spawn = async.spawn,
  all = async.all,
  app = application.app,
}

--- What many apps never ask for is loaded when it is.
local LATER = {
  URL = function() return require("partylua.url").URL end,
  FormData = function() return require "partylua.formdata" end,
  fetch = function() return require("partylua.fetch").fetch end,
  AbortController = function() return require "partylua.abort" end,
  WebSocket = function() return require "partylua.websocket" end,
  legacy = function() return require "partylua.legacy" end,
  jwt = function() return require "partylua.jwt" end,
}

setmetatable(party, {
  later = LATER,
  __index = function(self, key)
    local get = LATER[key]
    if not get then return nil end
    local value = get()
    rawset(self, key, value)
    return value
  end,
})

--- The time, in milliseconds since 1970, as `cron.scheduledTime` has it.
---@return number
function party.now()
  return native.now()
end

--- A random UUID, version 4.
---@return string
function party.uuid()
  return native.uuid()
end

return party
