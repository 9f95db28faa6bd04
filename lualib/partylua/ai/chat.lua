--- chat: text generation of OpenAI's protocol, in the words of Workers AI both ways.

local json = require "partylua.json"

local chat = {}

-- Asking ----------------------------------------------------------------------------------------

--- Workers AI also takes a tool without the table around it.
local function tools_of(tools)
  if type(tools) ~= "table" then return tools end
  local all = {}
  for i, tool in ipairs(tools) do
    local is_bare = type(tool) == "table" and tool.name and not tool["function"]
    all[i] = is_bare and { type = "function", ["function"] = tool } or tool
  end
  return all
end

--- The path and the body that ask for text. What has the same name in both protocols, such as
--- `temperature`, goes as it is, and so does what only this provider knows.
---@param model string
---@param inputs table
---@return string path
---@return table body
function chat.request(model, inputs)
  local body = {}
  for name, value in pairs(inputs) do body[name] = value end
  body.model, body.raw = model, nil
  if inputs.raw then return "/completions", body end
  if inputs.messages == nil then
    body.messages = json.array { { role = "user", content = inputs.prompt } }
  end
  body.prompt = nil
  body.tools = tools_of(inputs.tools)
  return "/chat/completions", body
end

-- What is answered ------------------------------------------------------------------------------

--- A tool call: Workers AI has its arguments decoded. Those that are no JSON stay text.
local function tool_call(name, arguments)
  if type(arguments) == "string" then
    local ok, decoded = pcall(json.decode, arguments)
    if ok then arguments = decoded end
  end
  return { name = name, arguments = arguments }
end

local function tool_calls(list)
  if type(list) ~= "table" or #list == 0 then return nil end
  local calls = json.array {}
  for i, call in ipairs(list) do
    local fn = call["function"]
    calls[i] = tool_call(fn.name, fn.arguments)
    calls[i].id = call.id
  end
  return calls
end

local function given(value)
  return value ~= json.null and value or nil
end

--- The result of a whole answer; nil when it has no such form.
---@param value table
---@return table?
function chat.result(value)
  local choice = type(value.choices) == "table" and value.choices[1]
  if type(choice) ~= "table" then return nil end
  local message = given(choice.message)
  local text = message and given(message.content) or given(choice.text)
  local calls = message and tool_calls(given(message.tool_calls))
  if text == nil and not calls and not message then return nil end
  return { response = text or "", tool_calls = calls, usage = given(value.usage) }
end

-- Streams ---------------------------------------------------------------------------------------

--- Reads the chunks of a stream. Tool calls come in fragments, and are given when all are there.
---@class partylua.ai.ChatReader : partylua.ai.Reader
---@field private calls table[]
---@field private bytes_left integer    of tool calls
---@field private is_finished boolean
local Reader = {}
Reader.__index = Reader

---@param bytes_max integer    of all tool calls together
function chat.reader(bytes_max)
  return setmetatable({ calls = {}, bytes_left = bytes_max, is_finished = false }, Reader)
end

function Reader:keep_calls(fragments)
  for i, fragment in ipairs(fragments) do
    local index = type(fragment.index) == "number" and fragment.index + 1 or i
    local fn = given(fragment["function"]) or {}
    local call = self.calls[index] or { pieces = {} }
    local piece = given(fn.arguments) or ""
    self.bytes_left = self.bytes_left - #piece - 64
    if self.bytes_left < 0 then error("its tool calls are too large", 0) end
    call.id, call.name = call.id or given(fragment.id), call.name or given(fn.name)
    call.pieces[#call.pieces + 1] = piece
    self.calls[index] = call
  end
end

--- The tool calls, once, in the provider's order, which may leave numbers out.
function Reader:take_calls()
  local calls, indexes = json.array {}, {}
  for index in pairs(self.calls) do indexes[#indexes + 1] = index end
  table.sort(indexes)
  for _, index in ipairs(indexes) do
    local call = self.calls[index]
    local made = tool_call(call.name, table.concat(call.pieces))
    made.id = call.id
    calls[#calls + 1] = made
  end
  self.calls = {}
  return #calls > 0 and calls or nil
end

---@param value table
---@return table? event
function Reader:read(value)
  local event = { response = "", usage = given(value.usage) }
  local choice = type(value.choices) == "table" and value.choices[1]
  if choice then
    local delta = given(choice.delta) or {}
    event.response = given(delta.content) or given(choice.text) or ""
    if given(delta.tool_calls) then self:keep_calls(delta.tool_calls) end
    if given(choice.finish_reason) then
      self.is_finished = true
      event.tool_calls = self:take_calls()
    end
  end
  local says_something = event.response ~= "" or event.tool_calls or event.usage
  return says_something and event or nil
end

--- Some servers end without [DONE]; one that broke off has given no reason to finish.
function Reader:is_complete()
  return self.is_finished
end

return chat
