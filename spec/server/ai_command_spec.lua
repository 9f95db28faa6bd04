--- `partylua ai`, and what a configuration with models does to the start of a server.

local Inference = require "spec.support.inference"
local Process = require "spec.support.process"
local json = require "partylua.json"
local party = require "spec.support.party"

local inference, folder

--- The exit code and all output of a command in a folder with this configuration.
local function command(...)
  return Process.run({ "env", "SPEC_KEY=spec-key", party.program, "ai", ... }, folder)
end

local function configure(provider, more)
  local _, made = party.write_file("partylua.json",
    json.encode { ai = inference:config(provider, more) })
  folder = made
end

setup(function() inference = Inference.start() end)
teardown(function() inference:stop() end)

describe("partylua ai", function()
  before_each(function()
    configure("openai", { models = { small = "echo", ["@cf/paint"] = { model = "painter",
      task = "text-to-image" } } })
  end)

  it("lists models, with the names that code has for them", function()
    local code, output = command "models"
    assert.same({ 0, "echo   (small)\ntools\nnomic-embed-text\n" }, { code, output })
    code, output = command("models", "--json", "--search", "EMB")
    assert.equal(0, code)
    assert.same({ { id = "nomic-embed-text", name = "nomic-embed-text", description = "of spec",
      tags = {}, aliases = {} } }, json.decode(output))
  end)

  it("runs a model with a prompt, its own or from standard input", function()
    assert.same({ 0, "user: hello you\n" }, { command("run", "small", "hello you") })
    local code, output = Process.run({ "sh", "-c",
      ('echo "from a pipe" | SPEC_KEY=spec-key %s ai run small --system kind')
        :format(party.program) }, folder)
    assert.same({ 0, "system: kind / user: from a pipe\n\n" }, { code, output })
  end)

  it("gives whole results as JSON, and bytes to a file", function()
    local _, output = command("run", "small", "hi", "--json")
    assert.equal("user: hi", json.decode(output).response)
    _, output = command("run", "@cf/paint", "--inputs", '{"prompt":"a cat"}')
    assert.equal("\137PNG\0", output)
    command("run", "@cf/paint", "--inputs", '{"prompt":"a cat"}', "--output", "cat.png")
    local file = assert(io.open(folder .. "/cat.png", "rb"))
    assert.equal("\137PNG\0", file:read "*a")
    file:close()
  end)

  it("lists models of Workers AI with what they are for", function()
    configure "workers-ai"
    local code, output = command("models", "--search", "llama")
    assert.same({ 0, "@cf/meta/llama-3.1-8b-instruct   Text Generation\n" }, { code, output })
  end)

  for arguments, expected in pairs {
    ["run nobody hi"] = 'partylua: ai: openai, model "nobody": it is not configured; there are',
    ["run small --inputs {"] = "partylua: ai run: --inputs: invalid JSON",
    ["run small hi --inputs {}"] = "partylua: ai run: --inputs says everything",
    ["paint"] = "partylua: ai: there is no 'paint'", [""] = "partylua: ai: what is to be done",
    ["models --serach x"] = "unknown option '--serach'",
  } do
    it("says in one message what is wrong: " .. arguments, function()
      local words = {}
      for word in arguments:gmatch "%S+" do words[#words + 1] = word end
      local code, output = command(unpack(words))
      assert.equal(1, code)
      assert.matches(expected, output, 1, true)
      assert.is_nil(output:find "traceback")
    end)
  end

  it("says what is missing: a provider, its key, its answer", function()
    folder = party.make_folder()
    local _, output = command "models"
    assert.matches('no model provider is configured\n  hint: partylua.json needs the key "ai"',
      output, 1, true)
    configure("openai", { apiKey = "$NOT_SET" })
    _, output = command "models"
    assert.matches("ai.apiKey names the variable NOT_SET, which is not set", output, 1, true)
    configure("openai", { apiKey = "wrong" })
    _, output = command("run", "echo", "hi")
    assert.matches("status 401: .*Bearer %[key%]", output)
  end)

  it("shows no key that stands in a line with a mistake", function()
    party.write_file("partylua.json", '{ "ai": { "apiToken": "very-secret", "timeout": "soon" } }',
      folder)
    local code, output = command "models"
    assert.equal(1, code)
    assert.matches("ai.timeout must be", output, 1, true)
    assert.matches('"apiToken": "***********"', output, 1, true)
  end)
end)

describe("partylua serve", function()
  it("does not start without the key that the configuration names", function()
    local path, made = party.write_file("app.lua", "return {}\n")
    party.write_file("partylua.json",
      json.encode { ai = inference:config("openai", { apiKey = "$NOT_SET" }) }, made)
    local code, output = Process.run({ party.program, "serve", path, "--port", "0" }, made)
    assert.equal(1, code)
    assert.matches("ai.apiKey names the variable NOT_SET, which is not set", output, 1, true)
  end)

  it("gives rooms no context.ai when none is configured", function()
    local server = party.serve "spec/server/apps/run.lua"
    finally(function() server:stop() end)
    local answer = server:request("POST", "/parties/main/a", { body = [[
      local ok, why = pcall(require "partylua.ai", room.context.ai)
      return { room.context.ai == nil, ok, why }]] })
    local found = json.decode(answer.body).result
    assert.same({ true, false }, { found[1], found[2] })
    assert.matches("You should pass room.context.ai as the first argument", found[3], 1, true)
  end)
end)
