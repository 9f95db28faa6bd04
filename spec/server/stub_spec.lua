local json = require "partylua.json"
local party = require "spec.support.party"

local MAIN = [[
local party = require "partylua"
local Response = party.Response
local App, cases = {}, {}

local function describe(answer)
  return { status = answer.status, body = answer:text(), why = answer.headers:get "x-why" }
end

function cases.get(parties, query) return describe(parties[query.party]:get(query.id):fetch()) end
function cases.path(parties) return describe(parties.other:get("a"):fetch "/below?x=1") end
function cases.post(parties)
  return describe(parties.other:get("a"):fetch("/echo", { method = "POST", body = "the body",
    headers = { ["x-mark"] = "mine" } }))
end
function cases.large(parties)
  local body = ("0123456789abcdef"):rep(65536)
  local answer = parties.other:get("a"):fetch("/echo", { method = "POST", body = body })
  return { is_same = answer:text() == body }
end
function cases.stream(parties)
  local pieces = {}
  for piece in parties.other:get("a"):fetch("/stream"):chunks() do pieces[#pieces + 1] = piece end
  return { text = table.concat(pieces), several = #pieces > 1 }
end
function cases.cut(parties)
  local answer = parties.other:get("a"):fetch "/cut"
  return { text = answer:text() }
end
function cases.bad_path(parties) return describe(parties.other:get("a"):fetch "below") end
function cases.bad_ids(parties)
  local errors = {}
  for i, id in ipairs { "", 5, {} } do errors[i] = tostring(select(2, pcall(function()
    return parties.other:get(id)
  end))) end
  return errors
end
function cases.unknown(parties) return { is_nil = parties.nosuch == nil } end
function cases.at_once(parties)
  return party.all {
    function() return parties.other:get("a"):fetch("/slow"):text() end,
    function() return parties.other:get("b"):fetch("/slow"):text() end,
  }
end
function cases.depth(parties, query, room)
  local n = tonumber(query.n)
  return describe(parties.main:get(room.id .. "x"):fetch("/depth?n=" .. n + 1))
end
function cases.itself(parties, _, room)
  return describe(parties.main:get(room.id):fetch "/leaf")
end
function cases.leaf() return { leaf = true } end

--- Talks to a room over a socket, and gives what it heard.
local function talk(socket, messages, count)
  local heard = party.json.array {}
  local is_over = false
  socket:addEventListener("message", function(event)
    heard[#heard + 1] = (event.isBinary and "binary " or "") .. event.data
  end)
  socket:addEventListener("close", function(event)
    heard[#heard + 1] = ("closed %d %s"):format(event.code, event.reason)
    is_over = true
  end)
  for _, message in ipairs(messages) do socket:send(message) end
  while #heard < count and not is_over do party.sleep(0.005) end
  return heard
end

function cases.socket(parties)
  local socket = parties.other:get("s"):socket "/?_pk=stub"
  local heard = talk(socket, { "one", party.binary "two" }, 3)
  socket:close(4000, "done")
  heard[#heard + 1] = tostring(select(2, pcall(socket.send, socket, "late")))
  return heard
end
function cases.closed(parties)
  return talk(parties.other:get("s"):socket(), { "close" }, 5)
end
function cases.refused(parties)
  return talk(parties.other:get("s"):socket "/?fail=1", {}, 5)
end
function cases.no_socket(parties) return parties.plain:get("x"):socket() and {} end

function App:onRequest(request)
  local case = cases[request.path:match "^/[^/]*/[^/]*/[^/]*/(.*)$"]
  local ok, answer = pcall(case, self.room.context.parties, request.query, self.room)
  if not ok then answer = { error = (tostring(answer):gsub("^[^\n]-%.lua:%d+: ", "")) } end
  return Response.json(answer)
end

return App
]]

local OTHER = [[
local party = require "partylua"
local Response = party.Response
local Other = {}

function Other:onBeforeRequest() return Response("closed", { status = 403 }) end
function Other:onBeforeConnect() return Response("closed", { status = 403 }) end

function Other:onRequest(request)
  local path = request.path:match "^/[^/]*/[^/]*/[^/]*(.*)$"
  if path == "/echo" then
    return Response(request:text(), { status = 201,
      headers = { ["x-why"] = request.headers:get "x-mark" or "none" } })
  end
  if path == "/slow" then party.sleep(0.05) end
  if path == "/raise" then error { message = "not yours", code = 409 } end
  if path == "/stream" then
    return Response(function(write)
      for i = 1, 20 do write(("%02d"):format(i):rep(20000)) end
    end)
  end
  if path == "/cut" then
    return Response(function(write)
      write "part"
      error "broke"
    end)
  end
  return Response(self.room.id .. " " .. request.url)
end

function Other:onConnect(conn, ctx)
  if ctx.request.query.fail then error { message = "not you", code = 4003 } end
  conn:send("welcome " .. (conn.id == "stub" and conn.id or "someone"))
end

function Other:onMessage(message, conn, isBinary)
  if message == "close" then return conn:close(4001, "go") end
  conn:send(isBinary and party.binary(message) or "got " .. message)
end

function Other:onClose(conn, code, reason, wasClean)
  party.log.info("left", { id = conn.id, code = code, reason = reason, clean = wasClean })
end

return Other
]]

describe("a stub", function()
  local server
  setup(function()
    local path, folder = party.write_file("app.lua", MAIN)
    party.write_file("other.lua", OTHER, folder)
    party.write_file("plain.lua", "return {}", folder)
    party.write_file("partylua.json",
      '{ "parties": { "other": "other.lua", "plain": "plain.lua" } }', folder)
    server = party.serve(path, nil, folder)
  end)
  teardown(function() server:stop() end)

  local function ask(case)
    return json.decode(server:get("/parties/main/room/" .. case).body)
  end

  it("fetches from a room by its id, past the before-hooks", function()
    assert.equal(403, server:get("/parties/other/a").status)
    assert.same({ status = 200, body = "a http://test/parties/other/a" },
      ask "get?party=other&id=a")
  end)

  it("has URLs of the host by which its room was woken", function()
    local function ask_by(host, room)
      local target = ("http://%s/parties/main/%s/get?party=other&id=h"):format(host, room)
      return json.decode(server:get(target).body).body
    end
    assert.equal("h http://one.test:81/parties/other/h", ask_by("one.test:81", "by-one"))
    assert.equal("h http://two.test/parties/other/h", ask_by("two.test", "by-two"))
    assert.equal("h http://one.test:81/parties/other/h", ask_by("one.test:81", "by-one-too"))
    assert.equal("h http://one.test:81/parties/other/h", ask_by("two.test", "by-one"))
  end)

  it("fetches below the room's own path", function()
    assert.equal("a http://test/parties/other/a/below?x=1", ask("path").body)
    assert.equal("Path must start with /", ask("bad_path").error)
  end)

  it("sends a method, headers and a body, also a large one", function()
    assert.same({ status = 201, body = "the body", why = "mine" }, ask "post")
    assert.is_true(ask("large").is_same)
  end)

  it("reads an answer in pieces as it comes", function()
    local answer = ask "stream"
    assert.equal(20 * 40000, #answer.text)
    assert.matches("^0101.*2020$", answer.text)
    assert.is_true(answer.several)
  end)

  it("raises when an answer breaks off", function()
    assert.equal("the room's answer broke off", ask("cut").error)
  end)

  it("gets errors of the room as answers", function()
    assert.same({ status = 500, body = "Invalid onRequest handler" },
      ask "get?party=plain&id=x")
  end)

  for id, room in pairs {
    ["my room"] = "my%20room", ["my%20room"] = "my%20room", ["a/b"] = "a%2Fb",
    ["\195\164"] = "%C3%A4", ["a?b#c"] = "a%3Fb%23c", ["100%"] = "100%",
  } do
    it(("for %q meets the URL with %s"):format(id, room), function()
      local escaped = id:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end)
      local answer = ask("get?party=other&id=" .. escaped)
      assert.equal(("%s http://test/parties/other/%s"):format(room, room), answer.body)
    end)
  end

  it("is not made for what is no id, or no party", function()
    local errors = ask "bad_ids"
    assert.matches("an empty string", errors[1])
    assert.matches("number", errors[2])
    assert.matches("table", errors[3])
    assert.is_true(ask("unknown").is_nil)
  end)

  it("may be used for several rooms at once", function()
    local answers = ask "at_once"
    assert.equal(2, #answers)
    assert.matches("^a ", answers[1])
    assert.matches("^b ", answers[2])
  end)

  it("may reach its own room, since hooks do not exclude each other", function()
    assert.equal(200, ask("itself").status)
  end)

  it("goes sixteen rooms deep and no further", function()
    local answer, depth = ask "depth?n=1", 0
    while answer.body do
      depth = depth + 1
      answer = json.decode(answer.body)
    end
    assert.equal("rooms call each other more than 16 levels deep", answer.error)
    assert.equal(16, depth)
  end)

  it("opens a socket, past the before-hooks", function()
    assert.equal(403, server:connect("/parties/other/s").answer.status)
    assert.same({ "welcome stub", "got one", "binary two",
      "Can't call WebSocket send() after close()." }, ask "socket")
    server:expect_log "left [^\n]*clean=true code=4000 id=stub reason=done"
  end)

  it("hears of the end of a socket by the room", function()
    assert.same({ "welcome someone", "closed 4001 go" }, ask "closed")
    server:expect_log "left [^\n]*clean=true code=4001 [^\n]*reason=go"
  end)

  it("hears of a socket that onConnect refuses", function()
    assert.same({ "closed 4003 not you" }, ask "refused")
  end)

  it("opens a socket to a class without hooks", function()
    assert.same({}, ask "no_socket")
  end)
end)

describe("a listener of a stub's socket that removes itself", function()
  it("hears nothing more, not even what came with the first event", function()
    local app = party.write_file("app.lua", [[
      local party = require "partylua"
      local Main, Twice = {}, {}
      function Twice:onConnect(conn)
        conn:send "1"
        conn:send "2"
      end
      function Main:onMessage(_, sender)
        local socket = self.room.context.parties.twice:get("a"):socket()
        local function once(event)
          socket:removeEventListener("message", once)
          sender:send("once " .. event.data)
        end
        socket:addEventListener("message", once)
        socket:addEventListener("message", function(event) sender:send("each " .. event.data) end)
      end
      return party.app { main = Main, parties = { twice = Twice } }]])
    local server = party.serve(app)
    finally(function() server:stop() end)
    local client = server:connect "/parties/main/r"
    client:send "begin"
    local heard = {}
    for i = 1, 3 do heard[i] = client:receive() end
    assert.same({ "once 1", "each 1", "each 2" }, heard)
  end)
end)
