--- docs: the Lua of README and docs runs, and does what the pages say.
---
--- A block that begins with `-- app.lua` is a whole app: it is served, and talked to. Every other
--- one stands in a hook of a room: it is run in one, and `expression --> value` is compared.

local Inference = require "spec.support.inference"
local file = require "pl.file"
local markdown = require "spec.support.markdown"
local party = require "spec.support.party"

local ROOM = "/parties/main/docs"

--- Fails for what the log has of errors and warnings, but for those that an example is about.
local function check_log(server)
  for line in server:log():gmatch "[^\n]+" do
    local is_known = line:find " deprecated: use " or line:find "writeDataPoint does nothing here"
    assert.is_nil(not is_known and (line:match " error .*" or line:match " warn .*") or nil)
  end
end

--- Those of docs/testing.md are specs, which spec/docs_testing_spec.lua runs; the steps of the
--- tutorial are walked by spec/docs_tutorial_spec.lua; docs/guides/cursors.md quotes an example.
local function lua_blocks()
  local blocks = {}
  for _, block in ipairs(markdown.all "lua") do
    local is_elsewhere = block.page == "docs/testing.md" or block.page:find "^docs/tutorial/"
      or block.page == "docs/guides/cursors.md"
    if not is_elsewhere then blocks[#blocks + 1] = block end
  end
  return blocks
end

-- Whole apps ------------------------------------------------------------------------------------

--- The next message of a socket, which must come.
local function heard(socket)
  local message = socket:receive()
  assert.truthy(message, socket.closed and "the socket was closed: " .. socket.closed.reason)
  return message
end

--- What each app does, by its page, heading and place below it. An app that nobody has written
--- down here fails.
local TALKS = {
  ["README.md partylua 1"] = function(server)
    local page = file.read "README.md"
    local path = page:match "new WebSocket%(\"ws://127%.0%.0%.1:1999(/%S-)\"%)"
    local ann, bob = server:connect(path), server:connect(path)
    assert.equal("welcome to lobby", heard(ann))
    assert.equal("welcome to lobby", heard(bob))
    ann:send "from ann"
    bob:send "from bob"
    assert.equal("from ann", heard(bob))
    assert.equal("from bob", heard(ann)) -- and so not her own
  end,

  ["docs/lua-api.md A party 1"] = function(server)
    local ann, bob = server:connect(ROOM), server:connect(ROOM .. "?role=editor")
    ann:send "hello"
    assert.equal("hello", heard(bob))
    ann:send_binary "\0\255"
    assert.same({ "\0\255", true }, { bob:receive() })
    assert.match('"visits":2', server:get(ROOM).body)
    ann:close(1000)
    assert.equal("number 1 left", heard(bob))
    local broken = server:connect(ROOM)
    broken:send "\255"
    assert.equal(1007, (broken:wait_closed()))
    server:expect_log "(connection failed)"
  end,

  ["docs/lua-api.md Outside of rooms 1"] = function(server)
    assert.equal("hello, guest", heard(server:connect(ROOM)))
    assert.equal("hello, admin", heard(server:connect(ROOM .. "?role=admin")))
    local long = "/parties/main/" .. ("x"):rep(41)
    assert.equal(404, server:connect(long).answer.status)
    assert.equal("a room", server:get(ROOM).body)
    assert.equal("a room", server:get("/count").body)
    assert.equal(404, server:get("/elsewhere").status)
    assert.equal(404, server:get("/about").status)
    local socket = server:connect "/no-room"
    socket:send "back, please"
    assert.equal("back, please", heard(socket))
  end,

  ["docs/lua-api.md Outside of rooms 2"] = function(server)
    local socket = server:connect "/parties/main/lobby"
    assert.equal(200, server:get("/__scheduled__?cron=noon").status)
    assert.equal("time for noon", heard(socket))
  end,

  ["docs/crons.md Crons 1"] = function(server)
    local socket = server:connect "/parties/main/lobby"
    local ran = server:get "/__scheduled__?cron=every-hour"
    assert.same({ 200, "ran cron every-hour: * * * * *" }, { ran.status, ran.body })
    assert.equal("pruned", heard(socket))
  end,

  ["docs/lua-api.md Storage and alarms 1"] = function(server)
    local socket = server:connect(ROOM)
    socket:send "tea"
    assert.equal("tea (attempt 1)", heard(socket))
  end,

  ["docs/lua-api.md Several parties 1"] = function(server)
    local socket = server:connect "/parties/echo/docs"
    socket:send "back, please"
    assert.equal("back, please", heard(socket))
    assert.equal(101, server:connect(ROOM).answer.status)
  end,

  ["docs/lua-api.md Several parties 2"] = function(server)
    local ann, bob = server:connect(ROOM), server:connect(ROOM)
    assert.equal("welcome to docs", heard(ann))
    assert.equal("welcome to docs", heard(bob))
    ann:send "hello"
    assert.equal("hello", heard(bob))
  end,

  ["docs/lua-api.md Requests and responses 1"] = function(server)
    local made = server:request("POST", ROOM, { body = "[1]" })
    assert.same({ 201, '{"got":[1]}' }, { made.status, made.body })
    local refused = server:request("POST", ROOM, { body = "[1" })
    assert.same({ 400, "JSON, please" }, { refused.status, refused.body })
    local put = server:request("PUT", ROOM, { body = ("x"):rep(5000) })
    assert.equal("5000 bytes", put.body)
    assert.equal("1\n2\n3\n", server:get(ROOM .. "?format=lines").body)
    local plain = server:get(ROOM)
    assert.same({ "plain text", "no-store" }, { plain.body, plain.headers["cache-control"] })
  end,

  ["docs/lua-api.md One at a time 1"] = function(server)
    local ann, bob = server:connect(ROOM), server:connect(ROOM)
    ann:send "1"
    bob:send "2"
    ann:send "3"
    for _ = 1, 2 do heard(ann) end
    assert.equal("6", heard(ann)) -- nothing is lost
  end,

  ["docs/lua-api.md Hibernation 1"] = function(server)
    local ann, bob = server:connect(ROOM .. "?name=Ann"), server:connect(ROOM)
    ann:send "hello"
    assert.equal("Ann: hello", heard(bob))
    bob:send "hello"
    assert.equal("Ann: hello", heard(ann))
    assert.equal("somebody: hello", heard(ann))
  end,

  ["docs/coming-from-partykit.md From TypeScript to Lua 1"] = function(server)
    assert.equal(403, server:connect(ROOM).answer.status)
    local ann, bob = server:connect(ROOM .. "?token=1"), server:connect(ROOM .. "?token=2")
    assert.matches('"count":1', heard(ann))
    assert.matches('"count":2', heard(bob))
    ann:send "hello"
    assert.equal("hello", heard(bob))
  end,

  ["docs/coming-from-partykit.md Kept for code of PartyKit 1"] = function(server)
    assert.equal("no file", server:get("/any").body)
    server:expect_log "writeDataPoint does nothing here"
  end,

  ["docs/lua-api.md Other servers 1"] = function(server)
    local socket = server:connect(ROOM)
    socket:send "Oslo"
    assert.equal("tomorrow: rain in Oslo", heard(socket))
    socket:send "Nowhere"
    assert.equal("refused with 404", heard(socket))
    socket:send "Inside"
    assert.matches("^no forecast: GET 10.0.0.1 failed: ", heard(socket))
    assert.equal("a map", server:get(ROOM).body)
  end,

  ["docs/vectorize.md An example 1"] = function(server)
    local ann, bob = server:connect(ROOM), server:connect(ROOM)
    ann:send "Tea in the rain"
    assert.equal("kept, and found 0", heard(ann))
    bob:send "more tea, more tea"
    assert.equal("kept, and found 1", heard(bob))
    assert.equal("0.71 Tea in the rain", heard(bob))
    bob:send "the moon"
    assert.equal("kept, and found 1", heard(bob))
    assert.equal("0.00 Tea in the rain", heard(bob))
    ann:send "moon"
    assert.equal("kept, and found 2", heard(ann))
    assert.equal("1.00 the moon", heard(ann))
    assert.equal("0.00 more tea, more tea", heard(ann))
  end,

  ["docs/lua-api.md WebSockets to other servers 1"] = function(server)
    local socket = server:connect(ROOM)
    assert.equal("price after subscribe", heard(socket))
    socket:send "stop"
    assert.equal("closed with 1000", heard(socket))
  end,

  ["docs/guides/jwt.md Who is it? JSON Web Tokens 1"] = function(server)
    local token = server:get("/login?name=Ann").body
    assert.equal("hello, Ann", heard(server:connect(ROOM .. "?token=" .. token)))
    local refused = server:connect(ROOM .. "?token=" .. token:gsub("%.%w", ".A", 2))
    assert.equal(401, refused.answer.status)
    assert.equal(401, server:connect(ROOM).answer.status)
  end,

  ["docs/guides/presence.md Who is here? Presence 1"] = function(server)
    local ann = server:connect(ROOM .. "?name=Ann")
    assert.matches('"people":%[{[^]]*"name":"Ann"', heard(ann))
    local bob = server:connect(ROOM)
    assert.matches('"entered":{[^]]*"name":"Guest"', heard(ann))
    bob:send '{"name":"Bob","typing":true}'
    assert.matches('"changed":{[^]]*"name":"Bob"', heard(ann))
    bob:close(1000)
    assert.matches('"left":"', heard(ann))
  end,

  ["docs/guides/history.md What was said? History 1"] = function(server)
    local ann = server:connect(ROOM)
    assert.equal('"items":[]', heard(ann):match '"items":%[%]')
    ann:send "one"
    ann:send "two"
    assert.matches('"number":1', heard(ann))
    assert.matches('"number":2', heard(ann))
    local bob = heard(server:connect(ROOM .. "?after=1"))
    assert.is_truthy(bob:find '"two"' and not bob:find '"one"')
  end,

  ["docs/guides/rate-limits.md How often? Rate limits 1"] = function(server)
    local ann = server:connect(ROOM)
    for i = 1, 4 do ann:send(tostring(i)) end
    assert.same({ "1", "2", "3", "not so fast" },
      { heard(ann), heard(ann), heard(ann), heard(ann) })
    for _ = 2, 5 do assert.equal(101, server:connect(ROOM).answer.status) end
    local refused = server:connect(ROOM).answer
    assert.equal(429, refused.status)
    assert.matches("^%d+$", refused.headers["retry-after"])
  end,

  ["docs/guides/input.md What did they send? Input 1"] = function(server)
    local ann, bob = server:connect(ROOM), server:connect(ROOM)
    local function refused(text, why)
      ann:send(text)
      assert.same({ type = "error", message = why }, ann:receive_json())
    end
    for _, text in ipairs { "hello", "[]", "7", "null", '{"type":"onStart"}', '{"type":{}}' } do
      refused(text, "there is no such type of message")
    end
    local text = "text is missing, or not as it should be"
    refused('{"type":"say"}', text)
    refused('{"type":"say","text":["a"]}', text)
    refused('{"type":"say","text":"  "}', text)
    refused(('{"type":"say","text":"%s"}'):format(("x"):rep(501)), text)
    refused('{"type":"move","x":1.5,"y":0}', "x is missing, or not as it should be")
    refused('{"type":"move","x":0,"y":8}', "y is missing, or not as it should be")
    local names = "names is missing, or not as it should be"
    refused('{"type":"invite","names":{"a":"b"}}', names)
    refused('{"type":"invite","names":["Ann",null]}', names)
    refused('{"type":"invite","names":[' .. ('"a",'):rep(10) .. '"a"]}', names)
    ann:send '{"type":"invite","names":["Bob","Cid"]}'
    assert.same({ type = "invited", count = 2 }, ann:receive_json())
    ann:send '{"type":"say","text":" hello ","__index":1}'
    assert.same({ type = "say", text = "hello" }, bob:receive_json()) -- the first that he hears
  end,

  ["docs/guides/input.md Besides messages 1"] = function(server)
    assert.equal(404, server:connect("/parties/main/a%20b").answer.status)
    for _, level in ipairs { "0", "10", "x", "1.5", "nan", "" } do
      assert.equal(400, server:connect(ROOM .. "?level=" .. level).answer.status)
    end
    assert.equal(101, server:connect(ROOM .. "?level=9").answer.status)
    assert.equal(405, server:get(ROOM).status)
    assert.equal(400, server:request("POST", ROOM, { body = "{" }).status)
    assert.equal(400, server:request("POST", ROOM, { body = "[1]" }).status)
    local answer = server:request("POST", ROOM, { body = '{"text":"tea"}' })
    assert.equal("3 bytes of text", answer.body)
  end,

  ["docs/ai.md Text 1"] = function(server)
    local ann, bob = server:connect(ROOM), server:connect(ROOM)
    ann:send "two words"
    for _, each in ipairs { ann, bob } do
      assert.equal("user: ", heard(each))
      assert.equal("two ", heard(each))
      assert.equal("words", heard(each))
    end
    local answer = server:get(ROOM .. "?prompt=hi")
    assert.equal("text/event-stream", answer.headers["content-type"])
    assert.equal('data: {"response":"user: "}\n\ndata: {"response":"hi"}\n\ndata: [DONE]\n\n',
      answer.body)
  end,

  ["docs/lua-api.md Other rooms 1"] = function(server)
    local socket = server:connect(ROOM)
    socket:send "hello"
    assert.equal("200, counted 5", heard(socket))
    assert.equal("heard: hello", heard(socket))
  end,
}

--- The configuration that a page shows for indexes of vectors, as a file.
local function vectorize_config(page)
  for _, block in ipairs(markdown.blocks(page)) do
    if block.language == "json" and block.text:find '"vectorize"' then
      return (party.write_file("partylua.json", block.text))
    end
  end
  error(page .. " shows no configuration")
end

-- What the app that fetches finds at its origin.
local ORIGIN = [[
local party = require "partylua"
local Origin = {}
function Origin:onMessage(message, sender) sender:send("price after " .. message) end
function Origin:onFetch(request)
  if request.path == "/map" then return party.Response "a map" end
  local place = request:json().place
  if place == "Nowhere" then return party.Response("no such place", { status = 404 }) end
  if place == "Inside" then
    return party.Response.redirect "http://10.0.0.1/"
  end
  return party.Response.json { tomorrow = "rain in " .. place }
end
return Origin
]]

-- What the models of the docs are at the provider of the specs.
local MODELS = {
  ["@cf/meta/llama-3.1-8b-instruct"] = "echo", ["@cf/baai/bge-small-en-v1.5"] = "nomic-embed-text",
}

--- Serves an app that asks them.
local function serve_with_models(inference, app, arguments, more)
  return inference:serve(inference:config("openai", { models = MODELS }), app, arguments, more)
end

describe("an app of the docs", function()
  local counts, told = {}, {}
  for _, block in ipairs(lua_blocks()) do
    if block.file_name then
      local under = ("%s %s"):format(block.page, block.heading)
      counts[under] = (counts[under] or 0) + 1
      local key = ("%s %d"):format(under, counts[under])
      told[key] = true
      it("does what is said of it: " .. key .. ", " .. block.place, function()
        local talk = assert(TALKS[key], "spec/docs_spec.lua does not know what this app should do")
        local origin = block.text:find "ORIGIN" and party.serve(ORIGIN)
        local arguments = { "--dev-endpoints", "--var", "JWT_SECRET=" .. ("s"):rep(32) }
        if origin then
          local host = "127.0.0.1:" .. origin.port
          for _, word in ipairs { "--var", "ORIGIN=http://" .. host, "--fetch-allow", host } do
            arguments[#arguments + 1] = word
          end
        end
        if block.text:find "context%.vectorize" then
          arguments[#arguments + 1] = "--config"
          arguments[#arguments + 1] = vectorize_config(block.page)
        end
        local inference = block.page == "docs/ai.md" and Inference.start()
        local server = inference and serve_with_models(inference, block.text, arguments)
          or party.serve(block.text, arguments)
        finally(function()
          server:stop()
          if origin then origin:stop() end
          if inference then inference:stop() end
        end)
        talk(server)
        server:stop() -- which waits for hooks that are running
        if not block.text:find "log%.warn" then check_log(server) end
      end)
    end
  end

  it("is there for each that this spec knows", function()
    for key in pairs(TALKS) do assert.is_true(told[key], "there is no app at " .. key) end
  end)
end)

-- Examples that stand in a hook -----------------------------------------------------------------

local PRELUDE = "-- the beginning of every example\n"

--- One function of the fragment: each line `expression --> value` becomes a check.
local function compile(block, prelude)
  local lines, checks = {}, 0
  for line in block.text:gmatch "([^\n]*)\n" do
    local expression, expected = line:match "^(.-)%s+%-%->%s*(.-)%s*$"
    if expression then
      checks = checks + 1
      line = ("check(%q, %q, (%s))"):format(expression, expected, expression)
    end
    lines[#lines + 1] = line
  end
  local source = ("function(self, conn, check)\n%s\n%s\nend")
    :format(prelude, table.concat(lines, "\n"))
  assert(loadstring("return " .. source, "=" .. block.place))
  return source, checks
end

-- A room that runs fragment n when it is sent n, and shows over HTTP what came of it.
local APP = [[
local fragments = { %s }
local Docs = {}
function Docs:onStart() self.results = {} end
function Docs:onMessage(message, conn)
  local wrong = {}
  local function check(expression, expected, value)
    if tostring(value) ~= expected then
      wrong[#wrong + 1] = expression .. " gives " .. tostring(value) .. ", not " .. expected
    end
  end
  local ok, why = pcall(fragments[tonumber(message)], self, conn, check)
  if not ok then wrong[#wrong + 1] = tostring(why) end
  self.results[message] = "done: " .. table.concat(wrong, "; ")
end
function Docs:onRequest(request)
  return require("partylua").Response(self.results[request.query.n] or "not yet")
end
return Docs
]]

-- The indexes that examples search.
local INDEXES = {
  vectorize = { points = { index_name = "points", dimensions = 3, metric = "euclidean" } },
}

describe("an example of the docs", function()
  local fragments, sources, prelude, total = {}, {}, "", 0
  for _, block in ipairs(lua_blocks()) do
    if block.text:sub(1, #PRELUDE) == PRELUDE then
      prelude = block.text
    elseif not block.file_name then
      fragments[#fragments + 1] = block
    end
  end
  for i, block in ipairs(fragments) do
    local checks
    sources[i], checks = compile(block, prelude)
    total = total + checks
  end

  local server, inference
  setup(function()
    local app = APP:format(table.concat(sources, ",\n"))
    inference = Inference.start()
    server = serve_with_models(inference, app, { "--var", "GREETING=hello" }, INDEXES)
  end)
  teardown(function()
    server:stop()
    inference:stop()
    check_log(server)
  end)

  for i, block in ipairs(fragments) do
    it("runs, and gives what it shows: " .. block.heading .. ", " .. block.place, function()
      local socket = server:connect(ROOM)
      socket:send(tostring(i))
      local result
      party.eventually("the example ends", function()
        result = server:get(ROOM .. "?n=" .. i).body
        return result ~= "not yet"
      end)
      socket:close(1000)
      socket:wait_closed()
      assert.equal("done: ", result)
    end)
  end

  it("shows what comes of it", function()
    assert.is_true(#fragments >= 10, #fragments .. " examples")
    assert.is_true(total >= 60, total .. " values compared")
  end)
end)
