--- fetch: requests to other servers, as in the Fetch standard.
---
--- The caller waits for the head of the answer; the body comes while it is read. What may be
--- reached, and for how long, is decided below (net/fetch.c); here is what it means in HTTP.

local AbortController = require "partylua.abort"
local Answer = require "partylua.fetch.answer"
local Body = require "partylua.body"
local Headers = require "partylua.headers"
local Hop = require "partylua.fetch.hop"
local Request = require "partylua.request"
local Response = require "partylua.response"
local bounds = require "partylua.bounds"
local url = require "partylua.url"

local REDIRECTS = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }
local MODES = { follow = true, manual = true, error = true }
-- Between two neighbours alone; or no longer true when the body was decompressed.
local DROPPED = {
  ["connection"] = true, ["keep-alive"] = true, ["proxy-connection"] = true,
  ["transfer-encoding"] = true, ["upgrade"] = true,
}
local CODED = { ["content-encoding"] = true, ["content-length"] = true }

---@class partylua.FetchInit : partylua.RequestInit
---@field redirect? "follow"|"manual"|"error"    "follow" if left out
---@field timeout? number    seconds for all of it, below --fetch-timeout
---@field signal? partylua.AbortSignal    gives it up when it is aborted

local fetch = {}

--- What answers in place of other servers, in tests; nil: they do.
---@type nil|fun(request: partylua.Request): partylua.Response
local stand_in

--- Lets a function answer every fetch from now on; nil ends that.
---@param answer nil|fun(request: partylua.Request): partylua.Response
function fetch.replace(answer)
  stand_in = answer
end

-- Arguments -------------------------------------------------------------------------------------

local function check_init(init, level)
  if type(init) ~= "table" then
    error('fetch takes a table such as { method = "POST" }, got ' .. type(init), level + 1)
  end
  local mode, timeout, signal = init.redirect, init.timeout, init.signal
  if mode ~= nil and not MODES[mode] then
    error('a fetch\'s redirect must be "follow", "manual" or "error"', level + 1)
  end
  if timeout ~= nil and not (type(timeout) == "number" and timeout > 0 and timeout < 1e9) then
    error("a fetch's timeout must be a number of seconds above 0", level + 1)
  end
  if signal ~= nil and not AbortController.is_signal(signal) then
    error("a fetch's signal must be that of a party.AbortController", level + 1)
  end
end

local function first_hop(input, init, level)
  local ok, request = pcall(Request, input, init)
  if not ok then error(Body.bare_message(request), level + 1) end
  local target = url.URL(request.url)
  local refusal = Hop.refusal(target)
  if refusal then error(refusal, level + 1) end
  return Hop.new(request.method, target, request:flat_headers(), request:take_body())
end

-- One hop ---------------------------------------------------------------------------------------

local function nothing() end

--- Lets the signal end a transfer; gives what to call when there is nothing left to end.
local function obey(signal, transfer)
  if not signal then return nothing end
  local function on_abort() transfer:cancel(tostring(signal.reason)) end
  if signal.aborted then
    on_abort()
    return nothing
  end
  signal:addEventListener("abort", on_abort)
  return function() signal:removeEventListener("abort", on_abort) end
end

---@class partylua.fetch.Head
---@field transfer partylua.native.Transfer
---@field status integer
---@field reason string
---@field headers string[]
---@field may_decode boolean
---@field on_over fun()    to be called when the transfer is of no more interest

--- Sends it and waits for the head of the answer.
---@return partylua.fetch.Head
local function send(hop, options, timeout_ms, level)
  local transfer, may_decode = hop:start(timeout_ms)
  local on_over = obey(options.signal, transfer)
  while not transfer:has_head() do transfer:wait "party.fetch" end
  local status, reason, headers = transfer:head()
  if not status then
    on_over()
    error(("%s failed: %s"):format(hop.what, transfer:why()), level + 1)
  end
  return {
    transfer = transfer, status = status, reason = reason, headers = headers,
    may_decode = may_decode, on_over = on_over,
  }
end

local function find(headers, name)
  for i = 1, #headers, 2 do
    if headers[i] == name then return headers[i + 1] end
  end
end

local function without(headers, names, more)
  local kept = {}
  for i = 1, #headers, 2 do
    local name = headers[i]
    if not names[name] and not (more and more[name]) then
      kept[#kept + 1], kept[#kept + 2] = name, headers[i + 1]
    end
  end
  return kept
end

local function make_response(hop, head)
  local transfer, headers = head.transfer, head.headers
  local has_body = Answer.is_possible(hop.method, head.status)
  local coding = head.may_decode and has_body and find(headers, "content-encoding")
  local is_decoded = coding and transfer:decode(coding)
  local source
  if has_body then
    source = Answer.new(transfer, hop.what, bounds.fetch_body_bytes, head.on_over)
  else
    head.on_over()
  end
  local kept = without(headers, DROPPED, is_decoded and CODED)
  local response = Response.adopt(head.status, head.reason, kept, source)
  response.url = hop.url:match "^[^#]*"
  return response
end

-- All of them -----------------------------------------------------------------------------------

local function run(hop, options, level)
  local left_ms = hop.is_service and math.huge or bounds.fetch_timeout_ms
  if options.timeout then left_ms = math.min(left_ms, math.ceil(options.timeout * 1000)) end
  for count = 0, bounds.fetch_redirects do
    local head = send(hop, options, left_ms, level + 1)
    local location = REDIRECTS[head.status] and find(head.headers, "location")
    if not location or options.redirect == "manual" then
      local response = make_response(hop, head)
      response.redirected = count > 0
      return response
    end
    left_ms = head.transfer:left_ms()
    head.transfer:cancel "it is redirected"
    head.on_over()
    if options.redirect == "error" then
      error(("%s failed: it is redirected"):format(hop.what), level + 1)
    end
    local next_hop, why = hop:follow(head.status, location)
    if not next_hop then error(("%s failed: %s"):format(hop.what, why), level + 1) end
    hop = next_hop
  end
  return error(("%s failed: it is redirected more than %d times")
    :format(hop.what, bounds.fetch_redirects), level + 1)
end

--- The request that a stand-in is given.
local function request_of(hop)
  local headers = Headers.adopt(hop.headers)
  local body = hop.content
  if hop.kind == "none" then body = nil end
  return Request(hop.url, { method = hop.method, headers = headers, body = body })
end

--- Sends a request to another server and waits for the head of its answer. Raises when there is
--- none: no such host, an address that is not open, no answer in time.
---@param input partylua.RequestInput
---@param init? partylua.FetchInit|partylua.Request
---@return partylua.Response
function fetch.fetch(input, init)
  local options = init == nil and {} or init
  if not Request.is(options) then check_init(options, 2) end
  local hop = first_hop(input, init, 2)
  if Request.is(options) then options = {} end
  local response
  if stand_in then response = stand_in(request_of(hop)) else response = run(hop, options, 2) end
  return response
end

--- Asks a server that the configuration names (native.ServeOptions.services), wherever it is. The
--- URL must not come from elsewhere, and redirects are not to be followed.
---@param target string
---@param init partylua.FetchInit    its timeout alone bounds the time
---@return partylua.Response
function fetch.ask_service(target, init)
  local hop = first_hop(target, init, 2)
  hop.is_service = true
  local response = run(hop, init, 2)
  return response
end

return fetch
