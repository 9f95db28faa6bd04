---@meta partylua.ai

-- Models of a provider that the configuration names. Inputs and results are those of Workers AI,
-- whoever the provider is: see docs/ai.md.

---@class partylua.AiOptions
---@field timeout? number    seconds for all of it, below the configured ones
---@field signal? partylua.AbortSignal    gives it up when it is aborted
---@field extraHeaders? table<string, string>    for the provider
---@field gateway? { id?: string, cacheTtl?: integer, skipCache?: boolean, metadata?: table }

---@class partylua.AiModelParams
---@field search? string    part of a name
---@field task? string
---@field page? integer    from 1
---@field per_page? integer

---@class partylua.AiModel
---@field id string
---@field name string    to be run by
---@field description string
---@field task? string
---@field tags string[]
---@field aliases? string[]    what the configuration calls it besides

--- What a run raises when it came to nothing. `tostring` gives its message.
---@class partylua.AiError
---@field name "InferenceUpstreamError"    as Workers AI calls it
---@field message string    provider, model, status and what was said, in one line
---@field provider string
---@field model? string    as the provider knows it; nil when the list of models was asked for
---@field status? integer    of the answer; nil when there was none
---@field reason string    what was said
---@field retryAfter? number    seconds after which the provider wants to be asked again

--- `context.ai` of rooms and lobbies.
---@class partylua.Ai
---@field lastRequestId? string    what the provider called the last request of this object
---@overload fun(binding: partylua.Ai): partylua.Ai
local Ai = {}

--- Runs a model and waits for its result, whose form depends on the inputs as in Workers AI. With
--- `stream = true` in the inputs of a text it gives a partylua.AiStream when the model begins.
--- Raises a partylua.AiError when the provider fails.
---@param model string
---@param inputs table
---@param options? partylua.AiOptions
---@return any
function Ai:run(model, inputs, options) end

--- The models that the provider has, not only those of the configuration.
---@param params? partylua.AiModelParams
---@return partylua.AiModel[]
function Ai:models(params) end

--- What a model says while it says it: an iterator over events, `for event in stream do`. As the
--- body of a response it gives server-sent events that end with `data: [DONE]`.
---@class partylua.AiStream
---@field contentType string    "text/event-stream", for a response with this body
---@field requestId? string    what the provider calls the request
---@overload fun(): table?
local AiStream = {}

--- Iterates over the events: each has the text `response`, and perhaps `tool_calls` or `usage`.
---@return fun(): table?
function AiStream:events() end

--- Iterates over what is said, piece by piece: `for text in stream:texts() do`.
---@return fun(): string?
function AiStream:texts() end

--- Iterates over server-sent events in the form of Workers AI, to their end `data: [DONE]`.
---@return fun(): string?
function AiStream:chunks() end

--- All that is still to be said, as one text.
---@return string
function AiStream:text() end

--- Gives up what has not been said yet: the provider hears of it, and whoever reads finds the
--- end. Harmless when it is over.
---@param reason? string
function AiStream:cancel(reason) end

return Ai
