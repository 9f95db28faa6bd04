--- partylua: the Party API, as `require "partylua"` gives it.

local Headers = require "partylua.headers"
local Request = require "partylua.request"
local Response = require "partylua.response"
local application = require "partylua.application"
local async = require "partylua.async"
local binary = require "partylua.binary"
local fetch = require "partylua.fetch"
local json = require "partylua.json"
local log = require "partylua.log"
local native = require "partylua.native"
local url = require "partylua.url"

---@class partylua
local party = {
  version = native.version,
  Headers = Headers,
  Request = Request,
  Response = Response,
  URL = url.URL,
  FormData = require "partylua.formdata",
  json = json,
  binary = binary,
  log = log,
  sleep = async.sleep,
  after = async.after,
  every = async.every,
  spawn = async.spawn,
  all = async.all,
  fetch = fetch.fetch,
  AbortController = require "partylua.abort",
  WebSocket = require "partylua.websocket",
  app = application.app,
  legacy = require "partylua.legacy",
}

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

--- What few apps need is loaded when it is asked for first.
local function load_later(_, name)
  if name ~= "jwt" then return nil end
  party.jwt = require "partylua.jwt"
  return party.jwt
end

return setmetatable(party, { __index = load_later })
