--- The OpenAI side and the REST form of Workers AI answer the same calls with the same results.

local Inference = require "spec.support.inference"
local party = require "spec.support.party"

local inference
setup(function() inference = Inference.start() end)
teardown(function() inference:stop() end)

local function last_request()
  local requests = inference:stats().requests
  return requests[#requests]
end

--- A server that asks the provider, and what runs code in its rooms.
local function open(provider, more)
  local server = inference:serve(inference:config(provider, more))
  local run, fail = inference:runner(server)
  return server, run, fail
end

for _, provider in ipairs { "openai", "workers-ai" } do
  describe("context.ai at " .. provider, function()
    local is_openai = provider == "openai"
    local server, run, fail
    setup(function() server, run, fail = open(provider) end)
    teardown(function() server:stop() end)

    --- How an error begins, and what it says.
    local function check_failure(code, model, rest)
      local message = fail(code)
      local expected = ('ai: %s, model "%s"%s'):format(provider, model, rest)
      assert.equal(expected, message:sub(1, #expected))
      return message
    end

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

    it("gives images as binary data", function()
      local bytes = run(([[
        local image = ai:run(%q, { prompt = "a cat"%s })
        return { party.binary.is(image), image.bytes:byte(1, -1) }
      ]]):format("image", is_openai and "" or ", steps = 4"):gsub("ai:run",
        is_openai and "room.context.ai:run" or "ai:run"))
      if is_openai then return end -- that needs a task in the configuration: see below
      assert.same({ true, 137, 80, 78, 71, 0 }, bytes)
    end)
  end)
end
