--- run: `partylua ai run`: one run of a model, printed as it comes.

local binary = require "partylua.binary"
local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local json = require "partylua.json"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local provider = require "partylua.cli.ai.provider"

local run = { summary = "run a model, and print its answer" }

local function build_parser()
  local made = parser.new("ai run", "Run a model, and print its answer while it comes.")
  made:usage "Usage: partylua ai run MODEL [options] [PROMPT]"
  made:epilog "Without PROMPT and --inputs, the prompt is read from standard input."
  made:argument("model", "as code would name it"):argname "MODEL"
  made:argument("prompt", "what it is asked"):argname("PROMPT"):args "?"
  made:option("--inputs", "inputs of any task as JSON, instead of a prompt"):argname "JSON"
  made:option("--system", "what a chat begins with"):argname "TEXT"
  made:option("--output", "file for the answer, such as an image"):argname "FILE"
  made:flag("--json", "the whole result as JSON")
  return provider.add_sources(made)
end

function run.help()
  return build_parser():get_help()
end

local function read_prompt()
  if fs.is_terminal(0) then
    failure.raise("ai run: a prompt is missing", "write it behind the model, or use --inputs")
  end
  local text = io.stdin:read "*a"
  if text == "" then failure.raise "ai run: the prompt on standard input is empty" end
  return text
end

local function inputs_of(result)
  if result.inputs then
    if result.prompt or result.system then
      failure.raise "ai run: --inputs says everything, so there is no PROMPT and no --system"
    end
    local inputs, why = json.tryDecode(result.inputs)
    if why then failure.raise("ai run: --inputs: " .. why) end
    if type(inputs) ~= "table" then failure.raise "ai run: --inputs must be a JSON object" end
    return inputs
  end
  local messages = json.array {}
  if result.system then messages[1] = { role = "system", content = result.system } end
  messages[#messages + 1] = { role = "user", content = result.prompt or read_prompt() }
  return { messages = messages, stream = not result.json and not result.output }
end

local function save(path, bytes)
  local file, why = io.open(path, "wb")
  local ok = file and file:write(bytes) and file:close()
  if not ok then failure.raise("cannot write " .. (why or path .. ": the disk is full")) end
end

--- The result as bytes: of an image as they are, of a text alone, of anything else as JSON.
local function bytes_of(found, is_json)
  if binary.is(found) then return found.bytes end
  if not is_json and type(found) == "table" and type(found.response) == "string" then
    return found.response .. "\n"
  end
  return ordered.encode(found, true) .. "\n"
end

local function is_stream(value)
  return type(value) == "table" and type(value.texts) == "function"
end

local function print_answer(ai, result)
  local found = ai:run(result.model, inputs_of(result))
  if is_stream(found) then
    for text in found:texts() do
      output.write(text)
      output.finish() -- shown as it comes
    end
    output.write "\n"
  elseif result.output then
    save(result.output, bytes_of(found, result.json))
  elseif binary.is(found) and fs.is_terminal(1) then
    failure.raise("the answer is binary data", "name a file with --output")
  else
    output.write(bytes_of(found, result.json))
  end
  output.finish()
end

---@param args string[]
function run.run(args)
  local result = parser.parse(build_parser(), "ai run", args)
  if not result then return end
  provider.run(result, function(ai) print_answer(ai, result) end)
end

return run
