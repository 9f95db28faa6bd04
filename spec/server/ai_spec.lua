--- The OpenAI side and the REST form of Workers AI answer the same calls with the same results.

local Inference = require "spec.support.inference"
local admin = require "spec.support.admin"
local http = require "spec.support.http"
local party = require "spec.support.party"
local prometheus = require "spec.support.prometheus"

local inference
setup(function() inference = Inference.start() end)
teardown(function() inference:stop() end)

local function last_request()
  local requests = inference:stats().requests
  return requests[#requests]
end

--- A server that asks the provider, and what runs code in its rooms.
local function open(provider, more)
  local server = inference:serve(inference:config(provider, more), nil,
    { "--fetch-allow", "127.0.0.1:" .. inference.port })
  local run, fail = inference:runner(server)
  return server, run, fail
end

for _, provider in ipairs { "openai", "workers-ai" } do
  describe("context.ai at " .. provider, function()
    local is_openai = provider == "openai"
    local server, run
    setup(function() server, run = open(provider) end)
    teardown(function() server:stop() end)

    -- Whole answers -----------------------------------------------------------------------------

    it("answers a prompt and a chat", function()
      local answers = run [[
        local chat = { { role = "system", content = "be kind" }, { role = "user", content = "hi" } }
        return { ai:run("echo", { prompt = "hello you" }).response,
          ai:run("echo", { messages = chat, temperature = 0.5 }).response, ai.lastRequestId }
      ]]
      local said = is_openai and "user: hello you" or "hello you"
      assert.same({ said, "system: be kind / user: hi", "req-7" }, answers)
      local request = last_request()
      assert.equal(0.5, request.body.temperature)
      assert.equal("Bearer spec-key", request.headers.authorization)
    end)

    it("gives embeddings in the order of their texts, and their shape", function()
      local model = is_openai and "nomic-embed-text" or "@cf/spec/embed"
      local both = run(([[
        return { ai:run(%q, { text = { "a", "bcd" } }), ai:run(%q, { text = "ab" }) }
      ]]):format(model, model))
      assert.same({ shape = { 2, 3 }, data = { { 1, 0.5, -1 }, { 3, 0.5, -1 } } }, both[1])
      assert.same({ shape = { 1, 3 }, data = { { 2, 0.5, -1 } } }, both[2])
    end)

    it("takes other headers along, but not in place of its own", function()
      run [[ai:run("echo", { prompt = "x" }, { extraHeaders = { ["X-Trace"] = "7",
        Authorization = "Bearer other" } })]]
      local headers = last_request().headers
      assert.same({ "7", "Bearer spec-key" }, { headers["x-trace"], headers.authorization })
    end)

    it("counts its runs for metrics", function()
      local data = party.make_folder() .. "/data"
      local other = inference:serve(inference:config(provider), nil,
        { "--fetch-allow", "127.0.0.1:" .. inference.port, "--data", data })
      finally(function() other:stop() end)
      local run_there, fail_there = inference:runner(other)
      run_there [[ai:run("echo", { prompt = "one" }) ai:run("echo", { prompt = "two" })]]
      fail_there [[ai:run("busy", { prompt = "x" })]]
      local families = prometheus.read(admin.request(data, "GET", "/metrics").body)
      local name = "partylua_ai_requests_total"
      assert.equal(2, prometheus.value(families, name, { model = "echo", outcome = "ok" }))
      assert.equal(1, prometheus.value(families, name, { model = "busy", outcome = "error" }))
    end)

    it("is there in static hooks as in rooms", function()
      local app = [[
        local party = require "partylua"
        local App = {}
        local function said(lobby)
          return lobby.ai:run("echo", { prompt = "from outside" }).response
        end
        function App:onFetch(_, lobby) return party.Response(said(lobby)) end
        function App:onBeforeRequest(_, lobby) return party.Response(said(lobby)) end
        return App
      ]]
      local other = inference:serve(inference:config(provider), app)
      finally(function() other:stop() end)
      assert.matches("from outside$", other:get("/").body)
      assert.matches("from outside$", other:get("/parties/main/a").body)
    end)

    it("remembers the last request of each room and lobby by itself", function()
      run('ai:run("echo", { prompt = "x" })', "one")
      assert.same({ "req-7" }, run("return { ai.lastRequestId }", "one"))
      assert.same({}, run("return { ai.lastRequestId }", "two"))
    end)

    -- Streams -----------------------------------------------------------------------------------

    it("streams as texts, as events, and as one text", function()
      local prompt = is_openai and 'messages = { { role = "r", content = "it slowly" } }'
        or 'prompt = "r: it slowly"'
      local found = run(([[
        local function stream() return ai:run("echo", { %s, stream = true }) end
        local texts, events, chunks = {}, {}, {}
        for text in stream():texts() do texts[#texts + 1] = text end
        for event in stream():events() do events[#events + 1] = event.response end
        for event in stream() do chunks[#chunks + 1] = event.response end
        return { texts, events, stream():text(), stream().requestId, chunks }
      ]]):format(prompt))
      assert.same({ "r: ", "it ", "slowly" }, found[1])
      assert.same({ "r: ", "it ", "slowly" }, { found[2][1], found[2][2], found[2][3] })
      assert.same({ "r: it slowly", "req-7" }, { found[3], found[4] })
      assert.same(found[2], found[5])
    end)

    it("streams as the body of a response, in the form of Workers AI", function()
      local body = [[return party.Response(room.context.ai:run("wait-body",
        { prompt = "x", stream = true }))]]
      local socket = server:tcp()
      socket:send(http.format("POST", "/parties/main/body", { body = body }))
      local head = socket:take_until '"response":"first "'
      assert.matches("content%-type: text/event%-stream\r\n", head)
      assert.is_true(inference:go "body")
      local rest = socket:take_until "data: [DONE]\n\n"
      assert.matches('data: {[^\n]*"response":"second"[^\n]*}\n\n', rest)
    end)

    it("reads events that come byte by byte", function()
      assert.equal("grüße", run 'return ai:run("split", { prompt = "x", stream = true }):text()')
    end)

    it("gives what a stream says before it has ended", function()
      assert.same({ "first ", true, "second" }, run(([[
        local texts = ai:run("wait-words", { prompt = "x", stream = true }):texts()
        local first = texts()
        local went = party.fetch("http://127.0.0.1:%d/go/words"):json().went
        return { first, went, texts() }
      ]]):format(inference.port)))
    end)
  end)
end

describe("context.ai at openai", function()
  local server, run, fail
  setup(function()
    server, run, fail = open("openai", { models = {
      chat = "echo", tools = "tools", emb = "nomic-embed-text",
      ["@cf/paint"] = { model = "painter", task = "text-to-image" },
      eyes = { model = "echo", task = "image-to-text" }, ears = "whisper",
    } })
  end)
  teardown(function() server:stop() end)

  it("runs a model by the name of the configuration, or the provider's", function()
    run 'ai:run("chat", { prompt = "x" })'
    assert.equal("echo", last_request().body.model)
    run 'ai:run("echo", { prompt = "x" })'
    assert.equal("echo", last_request().body.model)
    assert.equal('ai: openai, model "gpt": it is not configured; there are @cf/paint, chat, ears, '
      .. "emb, eyes, tools", fail 'ai:run("gpt", { prompt = "x" })')
  end)

  it("leaves a raw prompt as it is", function()
    assert.equal("[INST] hi, raw",
      run 'return ai:run("chat", { prompt = "[INST] hi", raw = true }).response')
    local request = last_request()
    assert.same({ "/v1/completions", nil }, { request.path, request.body.raw })
  end)

  it("gives calls of tools with their arguments decoded, at once and in a stream", function()
    local code = [[ai:run("tools", { prompt = "weather?", %s tools = {
      { name = "weather", description = "d", parameters = { type = "object" } } } })]]
    local whole = run("return " .. code:format "")
    local calls = { { id = "call_1", name = "weather", arguments = { place = "Oslo" } } }
    assert.same({ "", calls }, { whole.response, whole.tool_calls })
    assert.same({ type = "function", ["function"] = { name = "weather", description = "d",
      parameters = { type = "object" } } }, last_request().body.tools[1])
    assert.same({ { response = "", tool_calls = calls } }, run([[
      local events = {}
      for event in ]] .. code:format "stream = true," .. [[:events() do
        events[#events + 1] = event
      end
      return events]]))
  end)

  it("ends a stream without [DONE] where a reason to finish was given", function()
    local other, run_other = open "openai"
    finally(function() other:stop() end)
    assert.equal("all", run_other 'return ai:run("undone", { prompt = "x", stream = true }):text()')
  end)

  it("makes images, describes them, and hears speech", function()
    assert.same({ true, 137, 80, 78, 71, 0 }, run [[
      local image = ai:run("@cf/paint", { prompt = "a cat", size = "256x256" })
      return { party.binary.is(image), image.bytes:byte(1, -1) }
    ]])
    assert.equal("256x256", last_request().body.size)
    local seen = run 'return ai:run("eyes", { image = party.binary "\137PNG\1", prompt = "what?" })'
    assert.is_string(seen.description)
    local parts = last_request().body.messages[1].content
    assert.same({ "what?", "data:image/png;base64,iVBORwE=" },
      { parts[1].text, parts[2].image_url.url })
    local heard = run [[return ai:run("ears", { audio = { 79, 103, 103, 83 }, language = "en" })]]
    assert.same({ text = "hello", words = { { word = "hello", start = 0, ["end"] = 0.5 } } }, heard)
    local form = last_request().body
    for _, part in ipairs { 'name="model"\r\n\r\nwhisper\r\n', 'name="language"\r\n\r\nen\r\n',
      'filename="file.ogg"', "audio/ogg\r\n\r\nOggS\r\n" } do
      assert.matches(part, form, 1, true)
    end
  end)

  it("refuses what the protocol has no task for, and gateways", function()
    local message = fail 'ai:run("chat", { text = "hi", target_lang = "fr" })'
    assert.equal('ai: openai, model "echo": this provider has no task for inputs of target_lang, '
      .. "text; it has automatic-speech-recognition, image-to-text, text-embeddings, "
      .. "text-generation, text-to-image", message)
    assert.equal('ai: openai, model "echo": this provider has no gateways',
      fail 'ai:run("chat", { prompt = "hi" }, { gateway = { id = "g" } })')
  end)

  it("lists what the provider has, with the names of the configuration", function()
    local models = run "return ai:models()"
    assert.same({ "echo", "tools", "nomic-embed-text" },
      { models[1].id, models[2].id, models[3].id })
    assert.same({ { "chat", "eyes" }, { "emb" } }, { models[1].aliases, models[3].aliases })
    assert.equal(1, #run 'return ai:models { search = "EMBED" }')
    assert.equal("tools", run "return ai:models { page = 2, per_page = 1 }"[1].id)
    assert.equal("ai: openai: this provider does not say what its models are for",
      fail 'ai:models { task = "Text Generation" }')
  end)
end)

describe("context.ai at workers-ai", function()
  local server, run, fail
  setup(function() server, run, fail = open "workers-ai" end)
  teardown(function() server:stop() end)

  it("asks for a model by its path, with inputs as they are", function()
    run 'ai:run("@cf/spec/echo", { prompt = "x", lora = "y", raw = true })'
    local request = last_request()
    assert.equal("/client/v4/accounts/spec-account/ai/run/@cf/spec/echo", request.path)
    assert.same({ prompt = "x", lora = "y", raw = true }, request.body)
    assert.matches("No such model a%?b", fail 'ai:run("a?b", { prompt = "x" })')
  end)

  it("sends bytes as a list, and gives the result of any task as it is", function()
    assert.same({ { label = "of 3 bytes", score = 0.9 } },
      run 'return ai:run("@cf/spec/classify", { image = party.binary "abc" })')
    assert.same({ 97, 98, 99 }, last_request().body.image)
  end)

  it("gives images as binary data", function()
    assert.same({ true, 137, 80, 78, 71, 0 }, run [[
      local image = ai:run("image", { prompt = "a cat" })
      return { party.binary.is(image), image.bytes:byte(1, -1) }
    ]])
  end)

  it("lists models as the service does", function()
    assert.same({ { id = "2", name = "@cf/baai/bge-small-en-v1.5", description = "embeds",
      task = "Text Embeddings", tags = {}, aliases = {} } },
      run 'return ai:models { search = "bge-small", page = 1 }')
    assert.matches("search%?search=bge%-small&page=1$", last_request().path)
  end)
end)
