local binding = require "partylua.ai.binding"
local config_ai = require "partylua.config.ai"
local failure = require "partylua.config.failure"
local project = require "spec.support.project"

--- As application.serve does it.
local function read(settings, env)
  return config_ai.read(settings.ai, env or settings.env, settings.blame)
end

describe("the key ai of partylua.json", function()
  before_each(project.open)
  after_each(project.close)

  --- The failure of a configuration that loads, and lacks something when it is used.
  local function lacking(text, env)
    local settings = project.settings_of(text)
    local ok, why = pcall(read, settings, env or {})
    assert.is_false(ok)
    assert.is_true(failure.is(why), tostring(why))
    return why.message, why.hint
  end

  it("names a server with OpenAI's protocol", function()
    local settings = project.settings_of [[{ "ai": { "provider": "openai",
      "baseUrl": "http://127.0.0.1:11434/v1/", "timeout": "2min", "maxConcurrent": 4,
      "maxConcurrentPerRoom": 2, "requestBytes": "1MiB", "answerBytes": 4096,
      "models": { "small": "llama3.2:1b", "draw": { "model": "x", "task": "text-to-image" } } } }]]
    assert.same({
      provider = "openai", base = "http://127.0.0.1:11434/v1", rule = "127.0.0.1:11434",
      timeout_ms = 120000, active = 4, room_active = 2, request_bytes = 1024 ^ 2,
      answer_bytes = 4096, is_direct = false,
      models = { small = "llama3.2:1b", draw = { model = "x", task = "text-to-image" } },
    }, read(settings))
    assert.same({}, settings.warnings)
  end)

  it("takes what PartyKit takes, and means Workers AI then", function()
    local settings = project.settings_of
      '{ "ai": { "apiAccount": "abc", "apiToken": "$TOKEN", "apiGateway": "g" } }'
    local given = read(settings, { TOKEN = "secret" })
    assert.same({ "workers-ai", "https://api.cloudflare.com/client/v4", "api.cloudflare.com:443",
      "abc", "secret", "g" },
      { given.provider, given.base, given.rule, given.account, given.key, given.gateway })
    given = read(project.settings_of '{ "ai": true }',
      { CLOUDFLARE_ACCOUNT_ID = "def", CLOUDFLARE_API_TOKEN = "other" })
    assert.same({ "workers-ai", "def", "other" }, { given.provider, given.account, given.key })
  end)

  it("is nothing when it is false or left out", function()
    assert.is_nil(read(project.settings_of '{ "ai": false }'))
    assert.is_nil(read(project.settings_of "{}"))
  end)

  it("opens the server it names, by host and port, and no other", function()
    for url, rule in pairs {
      ["http://ollama:11434/v1"] = "ollama:11434", ["https://api.example.com/v1"] =
      "api.example.com:443", ["http://localhost/v1"] = "localhost:80",
      ["http://[::1]:8080/v1"] = "[::1]:8080",
    } do
      local settings = project.settings_of(
        ('{ "ai": { "provider": "openai", "baseUrl": %q } }'):format(url))
      local _, services = binding.make(settings.ai, {}, settings.blame)
      assert.same({ rule }, services.allow)
    end
  end)

  for text, expected in pairs {
    ['{ "provider": "opnai" }'] = { "ai.provider must be one of openai, workers-ai", "openai" },
    ['{ "baseUrl": "ftp://a/" }'] = { "ai.baseUrl must be a URL that begins with http" },
    ['{ "baseUrl": "http://u:p@a/" }'] = { "without user name" },
    ['{ "baseUrl": "http://a/?key=1" }'] = { "without user name, password, query" },
    ['{ "timeout": 0 }'] = { "ai.timeout must be a number of seconds" },
    ['{ "maxConcurrent": 0.5 }'] = { "ai.maxConcurrent must be a whole number" },
    ['{ "answerBytes": "1" }'] = { "ai.answerBytes must be a number of bytes" },
    ['{ "apiKey": "" }'] = { "ai.apiKey must be a text of one line" },
    ['{ "apikey": "x" }'] = { 'unknown key "apikey" in ai', "apiKey" },
    ['{ "models": { "a": { "task": "poetry" } } }'] = { 'ai.models.a.task must be one of' },
    ['"openai"'] = { "ai must be true or false or an object" },
  } do
    it("is refused where it is wrong: " .. text, function()
      local message, hint = project.refused_file('{ "ai": ' .. text .. " }")
      assert.matches(expected[1], message, 1, true)
      assert.matches("partylua.json:1:", message, 1, true)
      if expected[2] then assert.matches(expected[2], hint, 1, true) end
    end)
  end

  for text, expected in pairs {
    ['{ "provider": "openai" }'] = { 'ai has no "baseUrl"', "http://127.0.0.1:8080/v1" },
    ['{ "baseUrl": "http://a/v1" }'] = { 'ai has a "baseUrl" and no "provider"' },
    ['{ "provider": "openai", "baseUrl": "http://a/", "apiToken": "x" }'] =
      { 'ai.apiToken is for the provider "workers-ai"', "apiKey" },
    ['{ "provider": "openai", "baseUrl": "http://a/", "apiKey": "$NO_SUCH" }'] =
      { "ai.apiKey names the variable NO_SUCH, which is not set", ".env" },
    ['{ "apiAccount": "a", "apiToken": "b", "apiGateway": "c", "provider": "workers-ai", '
      .. '"baseUrl": "http://a/" }'] = { "ai.apiGateway goes with the hosted service" },
    ['{ "apiAccount": "a", "apiToken": "two words" }'] = { "no spaces" },
  } do
    it("is refused where something is lacking: " .. text, function()
      local message, hint = lacking('{ "ai": ' .. text .. " }")
      assert.matches(expected[1], message, 1, true)
      if expected[2] then assert.matches(expected[2], hint, 1, true) end
    end)
  end
end)

describe("context.ai", function()
  local Ai = require "partylua.ai"
  local json = require "partylua.json"

  local function blame(_, message) return failure.new(message) end
  local ai = binding.make({ provider = "openai", baseUrl = "http://127.0.0.1:9/v1",
    apiKey = "very-secret", models = { small = "llama" } }, {}, blame)

  --- Every text that can be reached from a value through its tables.
  local function texts_of(value, seen, texts)
    if type(value) == "string" then texts[#texts + 1] = value end
    if type(value) ~= "table" or seen[value] then return texts end
    seen[value] = true
    for key, each in pairs(value) do
      texts_of(key, seen, texts)
      texts_of(each, seen, texts)
    end
    return texts_of(getmetatable(value), seen, texts)
  end

  it("holds the key in no table", function()
    local texts = table.concat(texts_of(ai, {}, {}), " ")
    assert.matches("127.0.0.1:9", texts, 1, true) -- and so it was looked at
    assert.is_nil(texts:find("very-secret", 1, true))
    assert.is_false(pcall(json.encode, ai))
  end)

  it("may be wrapped, as PartyKit's code does, and nothing else may", function()
    assert.equal("function", type(Ai(ai).run))
    local ok, why = pcall(Ai, nil)
    assert.is_false(ok)
    assert.matches("You should pass room.context.ai as the first argument", why, 1, true)
  end)

  for code, expected in pairs {
    ['ai:run("", {})'] = "a model is named by a text", ["ai:run(1, {})"] = "a model is named by",
    ['ai:run("small", "hi")'] = "inputs must be a table", ['ai:run("small")'] = "got nil",
    ['ai:run("small", {}, 1)'] = "options must be a table",
    ['ai:run("small", {}, { prefix = "a" })'] = 'there is no option "prefix"',
    ['ai:run("small", {}, { timeout = 0 })'] = "timeout must be",
    ['ai:run("small", {}, { signal = {} })'] = "signal must be",
    ['ai:run("small", {}, { extraHeaders = { a = 1 } })'] = "extraHeaders must be texts",
    ['ai:run("small", {}, { gateway = "g" })'] = "gateway must be a table",
    ['ai:run("small", {}, { gateway = { id = 7 } })'] = "gateway has no id like this",
    ['ai:run("small", {}, { gateway = { ttl = 7 } })'] = "gateway has no ttl like this",
    ["ai:models(1)"] = "models takes a table",
  } do
    it("blames the caller for arguments that make no sense: " .. code, function()
      local chunk = setfenv(assert(loadstring("\n" .. code .. "\nreturn 1", "=code")), { ai = ai })
      local ok, why = pcall(chunk)
      assert.is_false(ok)
      assert.matches("^code:2: ai: ", tostring(why))
      assert.matches(expected, tostring(why), 1, true)
    end)
  end

  it("runs only what is configured, and says what that is", function()
    local ok, why = pcall(ai.run, ai, "gpt-9", { prompt = "x" })
    assert.is_false(ok)
    assert.equal('ai: openai, model "gpt-9": it is not configured; there are small', why.message)
  end)
end)
