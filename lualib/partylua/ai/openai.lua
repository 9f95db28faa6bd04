--- openai: any server with OpenAI's protocol, in the words of Workers AI: llama.cpp, Ollama, vLLM,
--- LocalAI, OpenAI itself.
---
--- What a model is asked for follows from its inputs, unless the configuration names its task.
--- A task that the protocol does not have is refused: nothing else is done in its place.

local FormData = require "partylua.formdata"
local Stream = require "partylua.ai.stream"
local base64 = require "partylua.base64"
local binary = require "partylua.binary"
local chat = require "partylua.ai.chat"
local json = require "partylua.json"
local media = require "partylua.ai.media"

local openai = {}

local function copy(inputs)
  local made = {}
  for name, value in pairs(inputs) do made[name] = value end
  return made
end

-- Text ------------------------------------------------------------------------------------------

local function generate(call, inputs)
  local path, body = chat.request(call.model, inputs)
  local response = call:post(path, body, inputs.stream and { accept = "text/event-stream" })
  if inputs.stream == true then
    call:check_stream(response)
    return Stream.from(call, response, chat.reader(call.service.answer_bytes))
  end
  local result = chat.result(call:value(response))
  return result or call:fail "its answer has no choices"
end

local function describe_image(call, inputs)
  local image = media.bytes(inputs.image)
  if not image then call:fail "inputs.image must be binary data or a list of bytes" end
  local body = copy(inputs)
  body.image, body.stream = nil, nil
  body.messages = json.array { { role = "user", content = json.array {
    { type = "text", text = inputs.prompt or "Describe this image." },
    { type = "image_url", image_url = { url = media.data_url(image) } },
  } } }
  local result = generate(call, body)
  return { description = result.response }
end

-- Embeddings ------------------------------------------------------------------------------------

--- The vectors of an answer in the order of the texts; nil when they are not what was asked for.
local function vectors_of(value, count)
  local list, vectors = value.data, json.array {}
  if type(list) ~= "table" or #list ~= count then return nil end
  for i, item in ipairs(list) do
    local at = type(item) == "table" and (item.index or i - 1) + 1
    if not at or type(item.embedding) ~= "table" or vectors[at] then return nil end
    vectors[at] = item.embedding
  end
  for i = 1, count do
    if not vectors[i] or #vectors[i] ~= #vectors[1] then return nil end
  end
  return vectors
end

local function embed(call, inputs)
  local body = copy(inputs)
  local texts = type(inputs.text) == "table" and inputs.text or { inputs.text }
  if #texts == 0 then call:fail "inputs.text is an empty list" end
  body.model, body.input, body.text = call.model, json.array(copy(texts)), nil
  local value = call:value(call:post("/embeddings", body))
  local vectors = vectors_of(value, #texts)
  if not vectors then call:fail(("it gave no %d vectors of one length"):format(#texts)) end
  return { shape = json.array { #texts, #vectors[1] }, data = vectors }
end

-- Images and speech -----------------------------------------------------------------------------

local function make_image(call, inputs)
  local body = copy(inputs)
  body.model = call.model
  if body.response_format == nil then body.response_format = "b64_json" end
  local value = call:value(call:post("/images/generations", body))
  local image = type(value.data) == "table" and value.data[1]
  local text = type(image) == "table" and image.b64_json
  local bytes = type(text) == "string" and base64.decode(text)
  return bytes and binary(bytes) or call:fail "its answer has no image in base64"
end

local function add_fields(form, fields)
  for name, value in pairs(fields) do
    if type(value) == "string" or type(value) == "number" or type(value) == "boolean" then
      form:append(name, tostring(value))
    end
  end
end

local function transcribe(call, inputs)
  local audio = media.bytes(inputs.audio)
  if not audio then call:fail "inputs.audio must be binary data or a list of bytes" end
  if #audio > call.service.request_bytes then
    call:fail "its inputs are too large (see ai.requestBytes)"
  end
  local form, fields = FormData(), copy(inputs)
  fields.audio, fields.model = nil, call.model
  fields.response_format = fields.response_format or "verbose_json"
  add_fields(form, fields)
  if fields.response_format == "verbose_json" then
    form:append("timestamp_granularities[]", "word")
  end
  form:append("file", FormData.File(audio, media.file_name(audio), media.type_of(audio)))
  local value = call:value(call:send("POST", "/audio/transcriptions", {}, form))
  if type(value.text) ~= "string" then call:fail "its answer has no text" end
  return { text = value.text, words = value.words, segments = value.segments }
end

-- Which of them ---------------------------------------------------------------------------------

openai.tasks = {
  ["text-generation"] = generate,
  ["text-embeddings"] = embed,
  ["image-to-text"] = describe_image,
  ["text-to-image"] = make_image,
  ["automatic-speech-recognition"] = transcribe,
}

--- The task that inputs of this shape are for.
local function task_of(inputs)
  if inputs.audio ~= nil then return "automatic-speech-recognition" end
  if inputs.image ~= nil and inputs.mask == nil then return "image-to-text" end
  if inputs.text ~= nil and inputs.target_lang == nil then return "text-embeddings" end
  if inputs.messages ~= nil or inputs.prompt ~= nil then return "text-generation" end
end

local function names_of(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = tostring(name) end
  table.sort(names)
  return table.concat(names, ", ")
end

--- Runs a model.
---@param call partylua.ai.Call
---@param inputs table
---@param task? string    that the configuration gives the model
---@return any
function openai.run(call, inputs, task)
  local known = task or task_of(inputs)
  local run = known and openai.tasks[known]
  if not run then
    call:fail(("this provider has no task for %s; it has %s"):format(
      task or next(inputs) and "inputs of " .. names_of(inputs) or "inputs without names",
      names_of(openai.tasks)))
  end
  return run(call, inputs)
end

local function fits(id, search)
  return search == nil or id:lower():find(tostring(search):lower(), 1, true) ~= nil
end

--- The protocol has one list of all: what is asked for is picked here.
local function pick(models, params)
  if not params.page and not params.per_page then return models end
  local size = params.per_page or 100
  local first = ((params.page or 1) - 1) * size
  local picked = {}
  for i = first + 1, math.min(first + size, #models) do picked[#picked + 1] = models[i] end
  return picked
end

--- What the provider has.
---@param call partylua.ai.Call
---@param params partylua.AiModelParams
---@return partylua.AiModel[]
function openai.models(call, params)
  if params.task then call:fail "this provider does not say what its models are for" end
  local value = call:value(call:send("GET", "/models", {}))
  if type(value.data) ~= "table" then call:fail "its answer has no list of models" end
  local models = {}
  for _, model in ipairs(value.data) do
    local has_id = type(model) == "table" and type(model.id) == "string"
    if has_id and fits(model.id, params.search) then
      local owner = type(model.owned_by) == "string" and "of " .. model.owned_by or ""
      models[#models + 1] = { id = model.id, name = model.id, description = owner,
        tags = json.array {} }
    end
  end
  return pick(models, params)
end

return openai
