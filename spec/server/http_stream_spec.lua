local http = require "spec.support.http"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local Response = party.Response
local App, actions = {}, {}

function actions.producer()
  return Response(function(write)
    write "one"
    write ""
    party.sleep(0.02)
    write(party.binary "two\0")
  end)
end
function actions.iterator()
  local left = 3
  return Response(function()
    left = left - 1
    if left >= 0 then
      party.sleep(0.01)
      return "chunk" .. left
    end
  end, { status = 201, headers = { ["content-type"] = "text/event-stream" } })
end
function actions.coroutine()
  return Response(coroutine.wrap(function()
    for i = 1, 3 do coroutine.yield(tostring(i)) end
  end))
end
function actions.deaf(request)
  return Response(function(write)
    while true do
      if write(("x"):rep(65536)) == false then party.log.info "told" end
    end
  end)
end
function actions.nothing() return Response(function(write) end) end
function actions.wait(request, self)
  return Response(function(write)
    write "before"
    while not self.released do party.sleep(0.005) end
    write "after"
  end)
end
function actions.release(request, self)
  self.released = true
  return Response "released"
end
function actions.fail()
  return Response(function(write)
    write "part"
    party.sleep(0.02)
    error "it broke"
  end)
end
function actions.wrong()
  return Response(function(write) write { "no string" } end)
end
function actions.huge(request, self)
  local piece = ("0123456789abcdef"):rep(4096)
  local pieces = tonumber(request.query.pieces)
  return Response(function(write)
    for i = 1, pieces do
      self.written = i
      if not write(piece) then
        party.log.info("stopped", { after = i })
        return
      end
    end
  end)
end
function actions.written(request, self) return Response(tostring(self.written)) end
function actions.large()
  local response = Response(("0123456789abcdef"):rep(1024 * 1024))
  return response
end
function actions.hello() return Response "hello" end
function actions.slow()
  party.sleep(0.05)
  return Response "slow"
end

function App:onRequest(request)
  return actions[request.path:match "[^/]*$"](request, self)
end

return App
]]

local PIECE = ("0123456789abcdef"):rep(4096)

local function path(name) return "/parties/main/room/" .. name end

local function get(name, options) return http.format("GET", path(name), options) end

describe("a streamed response", function()
  local server, tcp
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)
  before_each(function() tcp = server:tcp() end)

  it("comes in the chunks the function writes, empty ones left out", function()
    local answer = server:get(path "producer")
    assert.equal("onetwo\0", answer.body)
    assert.equal(2, answer.chunks)
  end)

  it("comes in the chunks an iterator gives, with the status and headers of the hook", function()
    local answer = server:get(path "iterator")
    assert.equal(201, answer.status)
    assert.equal("text/event-stream", answer.headers["content-type"])
    assert.equal("chunk2chunk1chunk0", answer.body)
    assert.equal(3, answer.chunks)
    assert.equal("123", server:get(path "coroutine").body)
  end)

  it("may be empty", function()
    assert.equal("", server:get(path "nothing").body)
  end)

  it("leaves piece by piece, not when it is complete", function()
    tcp:send(get "wait")
    tcp:take_until "\r\n\r\n"
    assert.equal("6\r\nbefore\r\n", tcp:take(11))
    assert.equal("released", server:get(path "release").body)
    assert.equal("5\r\nafter\r\n0\r\n\r\n", tcp:take(15))
  end)

  it("keeps the connection for the next request", function()
    tcp:send(get "producer" .. get "hello" .. get "iterator" .. get "hello")
    for _, body in ipairs { "onetwo\0", "hello", "chunk2chunk1chunk0", "hello" } do
      assert.equal(body, http.read(tcp).body)
    end
  end)

  it("ends with the connection for HTTP/1.0", function()
    tcp:send(get("producer", { version = "1.0", headers = { "Connection: keep-alive" } }))
    local answer = http.read(tcp)
    assert.is_nil(answer.headers["transfer-encoding"])
    assert.equal("close", answer.headers.connection)
    assert.equal("onetwo\0", answer.body)
  end)

  it("to HEAD is its head alone", function()
    tcp:send(http.format("HEAD", path "producer") .. get "hello")
    assert.equal("chunked", http.read(tcp, "HEAD").headers["transfer-encoding"])
    assert.equal("hello", http.read(tcp).body)
  end)

  it("that fails in the middle cuts the connection", function()
    tcp:send(get "fail" .. get "hello")
    assert.matches("\r\n\r\n4\r\npart\r\n$", tcp:take_all())
    server:expect_log 'hook=onRequest at=%S+app.lua:%d+ err="it broke"'
  end)

  it("of anything but text and bytes is an error", function()
    tcp:send(get "wrong")
    assert.not_matches("0\r\n\r\n", tcp:take_all(), 1, true)
    server:expect_log "hook=onRequest [^\n]*string"
  end)
end)

describe("a huge response", function()
  local server
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)

  it("waits for a slow reader and takes no memory meanwhile", function()
    assert.equal(64 * #PIECE, #server:get(path "huge?pieces=64").body)
    local before = server:memory()
    local tcp = server:tcp(4096)
    tcp:send(get "huge?pieces=1600") -- 100 MB
    tcp:take_until "\r\n\r\n"
    local written, last
    party.eventually("the hook waits", function()
      last, written = written, tonumber(server:get(path "written").body)
      return written == last
    end)
    assert.is_true(written < 400, written .. " pieces were written into nowhere")
    assert.is_true(server:memory() - before < 8 * 1024 * 1024)
  end)

  it("is complete for a reader that takes it", function()
    local tcp = server:tcp(4096)
    tcp:send(get "huge?pieces=320")
    tcp:take_until "\r\n\r\n"
    for i = 1, 320 do
      tcp:take_until "\r\n"
      if tcp:take(#PIECE) ~= PIECE then error("piece " .. i .. " is wrong") end
      tcp:take(2)
    end
    assert.equal("0\r\n\r\n", tcp:take(5))
  end)

  it("stops when its reader leaves", function()
    local tcp = server:tcp(4096)
    tcp:send(get "huge?pieces=1000000")
    tcp:take_until "\r\n\r\n"
    tcp:close()
    server:expect_log "stopped [^\n]*after=%d+"
  end)

  it("stops when its reader leaves, though its producer does not care", function()
    local tcp = server:tcp()
    tcp:send(get "deaf")
    assert(tcp:take(200000))
    tcp:close()
    server:expect_log "(told)"
    assert.equal("released", server:get("/parties/main/room/release").body)
  end)

  it("reaches a client that has ended its side", function()
    local tcp = server:tcp(4096)
    tcp:send(get "large")
    tcp:finish()
    assert.equal(16 * 1024 * 1024, #http.read(tcp).body)
  end)

  it("ends completely for a client that closes after it and is slow", function()
    local tcp = server:tcp(4096)
    tcp:send(get("large", { headers = { "Connection: close" } }))
    tcp:take_until "\r\n\r\n"
    local deadline = os.time() + 4 -- longer than the server waits for clients to end
    local taken = 0
    party.eventually("the client is done", function()
      taken = taken + #tcp:take(16 * 1024)
      return os.time() >= deadline
    end)
    assert.equal(16 * 1024 * 1024, taken + #tcp:take_all())
  end)
end)

describe("after an error", function()
  local server, tcp
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)
  before_each(function() tcp = server:tcp() end)

  it("no answer overtakes an earlier one", function()
    tcp:send(get "slow" .. "NONSENSE\r\n\r\n" .. get "hello")
    assert.equal("slow", http.read(tcp).body)
    assert.equal(400, http.read(tcp).status)
    assert.is_true(tcp:is_ended())
  end)

  it("a streamed answer is completed before the refusal", function()
    tcp:send(get "iterator" .. "GET / HTTP/1.1\r\n\r\n")
    assert.equal("chunk2chunk1chunk0", http.read(tcp).body)
    assert.equal(400, http.read(tcp).status)
    assert.is_true(tcp:is_ended())
  end)

  it("in a body whose request is answered, nothing more is said", function()
    tcp:send("POST " .. path "hello"
      .. " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert.equal("hello", http.read(tcp).body)
    tcp:send("nonsense\r\n" .. get "hello")
    assert.is_true(tcp:is_ended())
  end)
end)
