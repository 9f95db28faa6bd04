--- failure: the error of a run that came to nothing: who was asked for what, and what it said.

local json = require "partylua.json"

local TEXT_BYTES_MAX = 500 -- of what the provider said: a page of HTML helps nobody

---@class partylua.AiError
---@field name "InferenceUpstreamError"    as Workers AI calls it
---@field message string    provider, model, status and what was said, in one line
---@field provider string
---@field model? string    as the provider knows it; nil when the list of models was asked for
---@field status? integer    of the answer; nil when there was none
---@field reason string    what was said
---@field retryAfter? number    seconds after which the provider wants to be asked again
local AiError = {}
AiError.__index = AiError

function AiError:__tostring()
  return self.message
end

local failure = {}

---@param parts { provider: string, model?: string, status?: integer, reason: string,
---               retryAfter?: number }
---@return partylua.AiError
function failure.new(parts)
  local words = { "ai: " .. parts.provider }
  if parts.model then words[#words + 1] = ('model "%s"'):format(parts.model) end
  if parts.status then words[#words + 1] = ("status %d"):format(parts.status) end
  return setmetatable({
    name = "InferenceUpstreamError",
    message = table.concat(words, ", ") .. ": " .. parts.reason,
    provider = parts.provider, model = parts.model, status = parts.status,
    reason = parts.reason, retryAfter = parts.retryAfter,
  }, AiError)
end

---@param value any
---@return boolean
function failure.is(value)
  return getmetatable(value) == AiError
end

-- What a provider says --------------------------------------------------------------------------

--- One line, of a bounded length, that ends where a character does.
---@param text string
---@return string
function failure.one_line(text)
  local line = text:gsub("[%c\127]+", " "):gsub("^ +", ""):gsub(" +$", "")
  if #line <= TEXT_BYTES_MAX then return line end
  return (line:sub(1, TEXT_BYTES_MAX):gsub("[\192-\255][\128-\191]*$", "")) .. " …"
end

--- `5007: No such model`, of an object with a code and a message; nil for anything else.
local function described(value)
  if type(value) == "string" then return value end
  if type(value) ~= "table" then return nil end
  local message, code = value.message, value.code
  if type(message) ~= "string" then return nil end
  if type(code) ~= "string" and type(code) ~= "number" then return message end
  return ("%s: %s"):format(tostring(code), message)
end

--- What a decoded answer says went wrong; nil when it says nothing of the kind. OpenAI has
--- `{ error: { message, code } }`, others `{ error: text }`, Workers AI `{ errors: [ … ] }`.
---@param value any
---@return string?
function failure.said(value)
  if type(value) ~= "table" then return nil end
  local list = value.errors
  return described(value.error) or type(list) == "table" and described(list[1]) or nil
end

--- The same of a text that may be JSON; else its beginning.
---@param text string
---@return string
function failure.read(text)
  local ok, value = pcall(json.decode, text)
  if ok then
    local said = failure.said(value) or described(value)
      or type(value) == "table" and described(value.detail)
    if said then return said end
  end
  return text:find "%S" and text or "it said nothing"
end

return failure
