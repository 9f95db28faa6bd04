--- call: one request to the provider, and its answer read within bounds.
---
--- Whatever goes wrong is raised as a partylua.AiError. The key stands in the Authorization header
--- and nowhere else: a provider that repeats it in an error has it taken out.

local Body = require "partylua.body"
local failure = require "partylua.ai.failure"
local fetch = require "partylua.fetch"
local json = require "partylua.json"
local units = require "partylua.config.units"

local ERROR_BYTES_MAX = 65536 -- of an answer that is no success

local show_bytes = units.kinds.bytes.show

---@class partylua.ai.Service
---@field provider string    its name
---@field base string    URL, without a slash at its end
---@field authorize fun(headers: table<string, string>)    adds the key
---@field conceal fun(text: string): string    takes the key out
---@field timeout_ms integer
---@field request_bytes integer
---@field answer_bytes integer
---@field has_gateways boolean    whether options.gateway means something

---@class partylua.ai.Call
---@field service partylua.ai.Service
---@field model? string    as the provider knows it
---@field options partylua.AiOptions
---@field status? integer    of the answer, once there is one
---@field request_id? string
---@field private response? partylua.Response    whose body may not have been read
local Call = {}
Call.__index = Call

---@param service partylua.ai.Service
---@param model? string
---@param options partylua.AiOptions
---@return partylua.ai.Call
function Call.new(service, model, options)
  return setmetatable({ service = service, model = model, options = options }, Call)
end

--- What was answered and will not be read would take up a run until it is collected.
local function give_up_body(response)
  if not response or response.bodyUsed then return end
  local _, _, source = response:take_body()
  if source then source:cancel "nobody wants it" end
end

--- Raises what went wrong.
---@param reason string
---@param retry_after? number
function Call:fail(reason, retry_after)
  give_up_body(self.response)
  error(failure.new {
    provider = self.service.provider, model = self.model, status = self.status,
    reason = failure.one_line(self.service.conceal(reason)), retryAfter = retry_after,
  }, 0)
end

-- Asking ----------------------------------------------------------------------------------------

local function headers_of(call, more)
  local headers = {}
  for name, value in pairs(call.options.extraHeaders or {}) do headers[name:lower()] = value end
  for name, value in pairs(more) do headers[name] = value end
  call.service.authorize(headers)
  return headers
end

local function timeout_of(call)
  local seconds = call.service.timeout_ms / 1000
  return math.min(call.options.timeout or seconds, seconds)
end

--- What fetch raises begins with method and host, which the error of a run has no need of.
---@param raised any
---@return string
function Call.bare_reason(raised)
  return (Body.bare_message(raised):gsub("^%u+ %S+ failed: ", ""))
end

--- The whole of an answer's body, which is given up when it grows beyond `bytes_max`: nil then.
local function read_all(response, bytes_max)
  local kind, content, source = response:take_body()
  if kind == "none" then return "" end
  local chunks, count = {}, 0
  for chunk in content do
    count = count + #chunk
    if count > bytes_max then
      source:cancel "it is too large"
      return nil
    end
    chunks[#chunks + 1] = chunk
  end
  return table.concat(chunks)
end

--- Raises what an answer says that is no success.
local function refuse(call, response)
  local ok, text = pcall(read_all, response, ERROR_BYTES_MAX)
  local reason = ok and text and failure.read(text)
    or "it said nothing that could be read"
  call:fail(reason, tonumber(response.headers:get "retry-after"))
end

--- Sends a request and waits for the head of its answer, which is a success.
---@param method "GET"|"POST"
---@param path string    after the base URL, or a whole URL
---@param headers table<string, string>    names in lower case
---@param body? partylua.BodyInit
---@return partylua.Response
function Call:send(method, path, headers, body)
  local service = self.service
  local target = path:find "^https?://" and path or service.base .. path
  local ok, response = pcall(fetch.ask_service, target, {
    method = method, headers = headers_of(self, headers), body = body,
    redirect = "manual", signal = self.options.signal, timeout = timeout_of(self),
  })
  if not ok then self:fail(Call.bare_reason(response)) end
  self.response, self.status = response, response.status
  self.request_id = response.headers:get "x-request-id" or response.headers:get "cf-ai-req-id"
  if not response.ok then refuse(self, response) end
  return response
end

--- Sends a value as JSON.
---@param path string
---@param value table
---@param headers? table<string, string>    more of them, names in lower case
---@return partylua.Response
function Call:post(path, value, headers)
  local ok, text = pcall(json.encode, value)
  if not ok then self:fail("its inputs cannot be sent: " .. Body.bare_message(text)) end
  if #text > self.service.request_bytes then
    self:fail(("its inputs are larger than %s (see ai.requestBytes)")
      :format(show_bytes(self.service.request_bytes)))
  end
  local all = { ["content-type"] = "application/json" }
  for name, header in pairs(headers or {}) do all[name] = header end
  return self:send("POST", path, all, text)
end

-- What is answered ------------------------------------------------------------------------------

--- The type of an answer's content, without parameters.
---@param response partylua.Response
---@return string
function Call.type_of(_, response)
  local given = response.headers:get "content-type" or ""
  return (given:match "^%s*([^;%s]*)" or ""):lower()
end

--- The body as bytes.
---@param response partylua.Response
---@return string
function Call:bytes(response)
  local bytes_max = self.service.answer_bytes
  local ok, text = pcall(read_all, response, bytes_max)
  if not ok then self:fail(Call.bare_reason(text)) end
  if not text then
    self:fail(("the answer is larger than %s (see ai.answerBytes)"):format(show_bytes(bytes_max)))
  end
  return text
end

--- The body as a value; it must be JSON, and an object.
---@param response partylua.Response
---@return table
function Call:value(response)
  local kind = self:type_of(response)
  if kind ~= "application/json" and not kind:find "%+json$" then
    self:fail(("it answered %s, not application/json"):format(kind == "" and "no type" or kind))
  end
  local ok, value = pcall(json.decode, self:bytes(response))
  if not ok then self:fail("it answered what is no JSON: " .. Body.bare_message(value)) end
  if type(value) ~= "table" then self:fail "it answered JSON that is no object" end
  return value
end

--- Raises unless the answer is a stream of events.
---@param response partylua.Response
function Call:check_stream(response)
  local kind = self:type_of(response)
  if kind == "text/event-stream" then return end
  self:fail(("it answered %s where a stream was asked for")
    :format(kind == "" and "no type" or kind))
end

return Call
