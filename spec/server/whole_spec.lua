--- One room with the whole Party API (spec/server/apps/whole.lua), from its doors to its model.

local Inference = require "spec.support.inference"
local json = require "partylua.json"
local jwt = require "partylua.jwt"
local sys = require "spec.support.sys"

local AI_MODELS = {
  ["@cf/meta/llama-3.1-8b-instruct"] = "echo", ["@cf/baai/bge-small-en-v1.5"] = "nomic-embed-text",
}
local MORE = {
  vars = { JWT_SECRET = "a secret of some length, as it should be", API_KEY = "key" },
  crons = { prune = "0 0 1 1 *" },
  vectorize = { docs = { index_name = "docs", dimensions = 3, metric = "cosine" } },
}
local KEY = { headers = { "X-Api-Key: key" } }
local GB = { headers = { "X-Country-Code: GB" } }

describe("a room with all of it", function()
  local inference, server
  setup(function()
    inference = Inference.start()
    server = inference:serve(inference:config("openai", { models = AI_MODELS }),
      ("return dofile '%s/spec/server/apps/whole.lua'\n"):format(sys.folder()),
      { "--dev-endpoints", "--trusted-proxies", "127.0.0.1" }, MORE)
  end)
  teardown(function()
    server:stop()
    inference:stop()
  end)

  local function enter(room, user)
    local token = jwt.sign({ sub = user }, MORE.vars.JWT_SECRET)
    return server:connect(("/party/%s?token=%s&_pk=%s"):format(room, token, user), GB)
  end

  local function hear(socket) return json.decode(socket:receive()) end

  it("lets those in who have a token, and no others", function()
    assert.equal(401, server:connect("/party/a?token=x").answer.status)
    local ann = enter("a", "ann")
    assert.same({ type = "history", log = {} }, hear(ann))
    local bob = enter("a", "bob")
    assert.same({ type = "join", id = "bob" }, hear(ann))
    assert.equal("history", hear(bob).type)
    ann:send '{ "text": "hello" }'
    assert.same({ type = "chat", from = "ann", text = "hello" }, hear(bob))
    assert.equal("chat", hear(ann).type)
    ann:send_binary "\1\2"
    assert.equal("\1\2", bob:receive())
    ann:close()
    assert.same({ type = "leave", id = "ann" }, hear(bob))
    assert.same({ { from = "ann", text = "hello" } }, hear(enter("a", "eve")).log)
  end)

  it("answers requests that have a key, and no others", function()
    assert.equal(403, server:get("/party/b").status)
    local body = { headers = KEY.headers, body = '{ "topic": "x" }' }
    assert.equal('{"ok":true}', server:request("POST", "/party/b", body).body)
    assert.same({ room = "b", people = 0 },
      json.decode(server:request("GET", "/party/b", KEY).body))
  end)

  it("has static hooks beside its rooms", function()
    assert.same({ room = "lobby", people = 0 }, json.decode(server:get("/stats").body))
    assert.equal(404, server:get("/elsewhere").status)
    local socket = server:connect "/where"
    assert.equal("you asked for /where", socket:receive())
    assert.matches("^ran cron prune", server:get("/__scheduled__?cron=prune").body)
    server:expect_log "(cron at=%d+ name=prune)"
  end)

  it("answers questions by its index and its model", function()
    local ann = enter("c", "ann")
    hear(ann)
    ann:send '{ "text": "/ask why" }'
    assert.equal("chat", hear(ann).type)
    local said = {}
    repeat
      local token = hear(ann)
      assert.equal("token", token.type)
      said[#said + 1] = token.text
    until token.text:find "why"
    assert.matches("^system: Answer from: ", table.concat(said))
  end)
end)
