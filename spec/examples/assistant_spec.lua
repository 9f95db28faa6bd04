local Inference = require "spec.support.inference"
local json = require "partylua.json"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

describe("examples/assistant", function()
  local inference, server, rooms = nil, nil, 0

  --- Serves it with a model of the spec's own.
  local function serve(model)
    local file = party.write_file("partylua.json", json.encode {
      ai = inference:config("openai", { models = { assistant = model } }),
    })
    server = party.serve(sys.folder() .. "/examples/assistant/app.lua",
      { "--config", file, "--var", "SPEC_KEY=spec-key", "--room-idle", "1ms" })
  end

  setup(function() inference = Inference.start() end)
  teardown(function() inference:stop() end)
  before_each(function() rooms = rooms + 1 end)
  after_each(function()
    if server then server:stop() end
    server = nil
  end)

  --- Somebody in the room, with a name if one is given.
  local function enter(name)
    local socket = server:connect("/parties/main/room-" .. rooms)
    socket.welcome = socket:receive_type "welcome"
    if name then
      socket:send_json { type = "join", name = name }
      socket:receive_type "joined"
    end
    return socket
  end

  local function say(socket, text)
    socket:send_json { type = "say", text = text }
    return socket:receive_type "message"
  end

  local function last_request()
    local requests = inference:stats().requests
    return requests[#requests].body
  end

  it("lets people talk, and asks the model only when it is addressed", function()
    serve "echo"
    local ann, bob = enter "Ann", enter "Bob"
    local before = #inference:stats().requests
    assert.same({ "hello", "Ann" }, { say(ann, "hello").text, bob:receive_type "message".name })
    assert.equal(before, #inference:stats().requests)
  end)

  it("shows everybody the answer while it is written, and keeps it", function()
    serve "wait-answer"
    local ann, bob = enter "Ann", enter "Bob"
    say(ann, "hi")
    say(ann, "and what does @Assistant say?")
    for _, each in ipairs { ann, bob } do
      assert.equal("Assistant", each:receive_type "answer".name)
      assert.equal("first ", each:receive_type "piece".text)
    end
    assert.equal("first ", enter().welcome.answer.text)
    assert.equal("one answer at a time: wait, or stop it", (function()
      say(bob, "@assistant me, too")
      return bob:receive_type "error".message
    end)())
    assert.is_true(inference:go "answer")
    for _, each in ipairs { ann, bob } do
      assert.equal("second", each:receive_type "piece".text)
      each:receive_type "end"
    end
    local history = enter().welcome.messages
    assert.equal("first second", history[#history].text)
  end)

  it("tells the model who has said what", function()
    serve "echo"
    local ann = enter "Ann"
    say(ann, "the code is 7")
    say(ann, "@assistant what is it?")
    ann:receive_type "end"
    say(ann, "@assistant again?")
    ann:receive_type "end"
    local messages = last_request().messages
    assert.equal("system", messages[1].role)
    assert.same({ "Ann: the code is 7", "Ann: @assistant what is it?" },
      { messages[2].content, messages[3].content })
    assert.same({ "assistant", "Ann: @assistant again?" },
      { messages[4].role, messages[5].content })
  end)

  it("stops the answer when somebody says so; what there is stays", function()
    serve "wait-stopped"
    local ann, bob = enter "Ann", enter "Bob"
    say(ann, "@assistant go on")
    bob:receive_type "piece"
    bob:send_json { type = "stop" }
    ann:receive_type "end"
    local history = enter().welcome.messages
    assert.equal("first ", history[#history].text)
    party.eventually("the model hears of it", function()
      local gone = inference:stats().gone
      return gone[#gone] == "wait-stopped"
    end)
  end)

  it("gives the answer up when everybody has left", function()
    serve "wait-alone"
    local ann = enter "Ann"
    say(ann, "@assistant are you there?")
    ann:receive_type "piece"
    ann:close(1000)
    party.eventually("the model hears of it", function()
      local gone = inference:stats().gone
      return gone[#gone] == "wait-alone"
    end)
  end)

  it("says that there is no answer, and why in the log alone", function()
    serve "busy"
    local ann = enter "Ann"
    say(ann, "@assistant hello?")
    assert.equal("the assistant cannot answer now", ann:receive_type "error".message)
    ann:receive_type "end"
    server:expect_log "no answer [^\n]*status 429: rate_limited: slow down"
    assert.equal("still here", say(ann, "still here").text)
  end)

  it("refuses what is no message of its own", function()
    serve "echo"
    local ann = enter()
    for sent, why in pairs {
      ["{"] = "a message must be a JSON object", ['{"type":"dance"}'] = "there is no such type",
      ['{"type":"say","text":"hi"}'] = "join first, with a name",
      ['{"type":"join","name":""}'] = "the name is no line of text, or too long",
      ['{"type":"say","text":"a\\nb"}'] = "the text is no line of text",
      [json.encode { type = "say", text = ("x"):rep(1001) }] = "too long",
    } do
      ann:send(sent)
      assert.matches(why, ann:receive_type "error".message, 1, true)
    end
  end)

  it("comes with a page and a configuration for a model server on this machine", function()
    server = party.serve "examples/assistant/app.lua"
    assert.matches("<title>Assistant</title>", server:get("/").body)
    local ann = enter "Ann"
    say(ann, "@assistant hello?")
    -- whether a model server runs here or not
    local kind = json.decode(ann:receive()).type
    assert.equal("answer", kind)
  end)
end)
