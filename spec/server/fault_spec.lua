local disk = require "spec.support.disk"
local http = require "spec.support.http"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

local APP = "spec/crash/fault_app.lua"
local REASON = "The room could not save its data"

local store, server

local function serve(arguments)
  store = disk.new()
  server = store:serve(APP, arguments)
end

after_each(function()
  if server then
    store:work()
    server:stop()
  end
  server = nil
end)

--- A request whose answer is not waited for yet.
local function begin(path)
  local tcp = server:tcp()
  tcp:send(http.format("GET", "/parties/main/" .. path))
  return tcp
end

local function get(path)
  local answer = server:get("/parties/main/" .. path)
  return answer.body, answer.status
end

local function connect(path)
  return server:connect("/parties/main/" .. path)
end

--- The server has seen whatever was sent before this.
local function settle()
  assert.equal("nil", (get "quiet/get"))
end

--- Waits until the answer to a request is this.
local function eventually(path, wanted)
  party.eventually(path .. " answers " .. wanted, function() return get(path) == wanted end)
end

-- Each way for a commit to fail, with what makes it fail and what mends it.
local failures = {
  ["a full disk"] = { orders = "write=ENOSPC" },
  ["a disk that cannot write"] = { orders = "write=EIO" },
  ["a disk that cannot sync"] = { orders = "sync=EIO" },
  ["a disk that writes half"] = { orders = "short=1" },
}

for name, failure in pairs(failures) do
  describe("with " .. name .. ",", function()
    before_each(function()
      serve()
      assert.equal("stored old", (get "room/put?value=old"))
      store:set(failure.orders)
    end)

    it("a request that wrote is answered with 503", function()
      local body, status = get "room/put?value=new"
      assert.equal(503, status)
      assert.equal(REASON, body)
    end)

    it("a socket hears nothing that depended on the write, and is closed with 1011", function()
      local ann = connect "room"
      local bob = connect "room"
      ann:send "around new"
      assert.equal("before new", ann:receive())
      assert.is_nil(ann:receive())
      assert.same({ code = 1011, reason = REASON }, ann.closed)
      assert.same({ 1011, REASON }, { bob:wait_closed() })
    end)

    it("a broadcast and a close that depended on it never happen", function()
      local ann, bob = connect "room", connect "room"
      ann:send "tell new"
      assert.same({ 1011, REASON }, { bob:wait_closed() })
      local eve = connect "room"
      eve:send "leave new"
      assert.same({ 1011, REASON }, { eve:wait_closed() })
    end)

    it("a socket whose onConnect wrote opens to be closed with 1011", function()
      local ann = connect "room?store=new"
      assert.equal(101, ann.answer.status)
      assert.same({ 1011, REASON }, { ann:wait_closed() })
    end)

    it("a socket that is still connecting is closed with 1011", function()
      local ann = require("spec.support.websocket").begin(server.port, "/parties/main/room?wait=1")
      eventually("room/waiting", "true")
      assert.equal(503, select(2, get "room/put?value=new"))
      assert.equal(101, ann:finish_handshake().status)
      assert.same({ 1011, REASON }, { ann:wait_closed() })
      ann:drop()
    end)

    it("an answer that has begun is cut off", function()
      local tcp = begin "room/stream?value=new"
      tcp:take_until "begun,"
      assert.is_nil(tcp:take_until "stored")
      assert.is_nil(tcp.buffer:find("\r\n0\r\n", 1, true))
    end)

    it("a room that asked it is told 503", function()
      local body, status = get "other/ask?room=room&value=new"
      assert.equal(200, status)
      assert.equal("503 " .. REASON, body)
    end)

    it("sync() never returns", function()
      local ann = connect "room"
      ann:send "sync new"
      assert.same({ 1011, REASON }, { ann:wait_closed() })
    end)

    it("the next event finds the state before it, and the room begins anew", function()
      assert.equal("nil, visit 1", (get "room/started"))
      assert.equal("nil, visit 2", (get "room/started"))
      assert.equal(503, select(2, get "room/put?value=new"))
      assert.equal("old, visit 1", (get "room/started"))
      assert.equal("old", (get "room/get"))
    end)

    it("rooms that do not write go on", function()
      local eve = connect "quiet"
      eve:send "echo one"
      assert.equal("one", eve:receive())
      assert.equal(503, select(2, get "room/put?value=new"))
      eve:send "echo two"
      assert.equal("two", eve:receive())
    end)

    it("all is well again once the disk is", function()
      assert.equal(503, select(2, get "room/put?value=new"))
      store:work()
      assert.equal("stored newer", (get "room/put?value=newer"))
      assert.equal("newer", (get "room/get"))
      server:stop()
      server = store:serve(APP)
      assert.equal("newer", (get "room/get"))
    end)

    it("an alarm whose handler could not be saved runs again", function()
      store:work()
      assert.equal("set", (get "room/alarm?ms=400"))
      store:set(failure.orders)
      server:expect_log "commit failed"
      assert.equal("0", (get "room/runs"))
      store:work()
      eventually("room/runs", "1")
    end)
  end)
end

describe("when two batches of a room are under way and the first fails,", function()
  it("the second fails as well: it builds on what is not there", function()
    serve()
    store:set "sync=hold"
    local held = begin "other/put?value=1"
    settle()
    local first = begin "room/put?value=1"
    settle()
    local second = begin "room/put?value=2"
    settle()
    store:set "sync=EIO"
    assert.equal(503, http.read(held).status)
    assert.equal(503, http.read(first).status)
    assert.equal(503, http.read(second).status)
    store:work()
    assert.equal("nil", (get "room/get"))
  end)
end)

describe("with a full map,", function()
  --- Fills the map of 1 MiB until nothing more fits.
  local function fill()
    for part = 1, 100 do
      local _, status = get(("filler/fill?bytes=20000&part=%d"):format(part))
      if status == 503 then return part - 1 end
      assert.equal(200, status)
    end
    error "the map is never full"
  end

  before_each(function()
    serve { "--map-bytes", "1MiB" }
    assert.equal("stored old", (get "room/put?value=old"))
  end)

  it("a write that does not fit is answered with 503, and the rest stays", function()
    assert.is_true(fill() > 10)
    assert.equal(503, select(2, get "filler/fill?bytes=20000&part=1000"))
    assert.equal("old", (get "room/get"))
  end)

  it("a socket is closed with 1011", function()
    fill()
    local ann = connect "room"
    ann:send("put " .. ("x"):rep(100000))
    assert.same({ 1011, REASON }, { ann:wait_closed() })
    assert.equal("old", (get "room/get"))
  end)

  it("batches that fit are saved beside one that does not", function()
    store:set "sync=hold"
    local first = begin "first/put?value=1"
    local requests = { begin "large/flood?parts=20" }
    for i = 1, 5 do requests[#requests + 1] = begin(("small%d/put?value=1"):format(i)) end
    settle()
    store:work()
    assert.equal(200, http.read(first).status)
    assert.equal(503, http.read(requests[1]).status)
    for i = 2, #requests do assert.equal(200, http.read(requests[i]).status) end
  end)

  it("there is room again after a deleteAll", function()
    fill()
    assert.equal("cleared", (get "filler/clear"))
    assert.equal("filled", (get "filler/fill?bytes=20000&part=1"))
  end)
end)

describe("with a slow disk,", function()
  before_each(function()
    serve()
    store:set "sync=hold"
  end)

  it("what was sent before a write leaves at once, what was sent after it waits", function()
    local ann = connect "room"
    ann:send "around new"
    assert.equal("before new", ann:receive())
    ann:send "echo behind it"
    settle()
    assert.equal("", sys.read_now(ann.tcp.fd))
    store:work()
    assert.equal("after new", ann:receive())
    assert.equal("behind it", ann:receive())
  end)

  it("messages of other rooms are not delayed", function()
    local ann, eve = connect "room", connect "quiet"
    ann:send "put new"
    for i = 1, 100 do
      eve:send("echo " .. i)
      assert.equal(tostring(i), eve:receive())
    end
    assert.equal("", sys.read_now(ann.tcp.fd))
    store:work()
    assert.equal("stored new", ann:receive())
  end)

  it("a read sees what is not saved yet, and its answer waits for it", function()
    local ann, bob = connect "room", connect "room"
    ann:send "put new"
    settle()
    bob:send "get"
    local asked = begin "room/get"
    settle()
    assert.equal("", sys.read_now(bob.tcp.fd))
    assert.equal("", sys.read_now(asked.fd))
    store:work()
    assert.equal("value new", bob:receive())
    assert.equal("new", http.read(asked).body)
  end)

  it("a socket opens when what its onConnect wrote is saved", function()
    local ann = require("spec.support.websocket").begin(server.port, "/parties/main/room?store=new")
    settle()
    assert.equal("", sys.read_now(ann.tcp.fd))
    store:work()
    assert.equal(101, ann:finish_handshake().status)
    ann:drop()
  end)

  it("allowUnconfirmed does not wait", function()
    local ann = connect "room"
    ann:send "silent new"
    assert.equal("unconfirmed new", ann:receive())
    ann:send "get"
    assert.equal("value new", ann:receive())
  end)

  it("sync() waits", function()
    local ann = connect "room"
    ann:send "sync new"
    ann:send "echo meanwhile"
    assert.equal("meanwhile", ann:receive())
    settle()
    assert.equal("", sys.read_now(ann.tcp.fd))
    store:work()
    assert.equal("synced new", ann:receive())
  end)

  it("a request to another room waits until what was written before it is saved", function()
    local asked = begin "other/ask?room=room&value=new"
    settle()
    assert.equal("", sys.read_now(asked.fd))
    store:work()
    assert.equal("200 stored new", http.read(asked).body)
  end)

  it("a stop waits for what is under way", function()
    local asked = begin "room/put?value=new"
    settle()
    server.process:signal(sys.SIGTERM)
    server:expect_log "(draining)"
    store:work()
    assert.equal(200, http.read(asked).status)
    assert.equal(0, server.process:wait())
    server = store:serve(APP)
    assert.equal("new", (get "room/get"))
  end)
end)

describe("when the power goes while a store is made,", function()
  it("the next start makes it", function()
    store = disk.new()
    store:set "sync=hold"
    local first = store:start(APP, "data.mdb.new")
    local path = store.folder .. "/state/data.mdb.new"
    party.eventually("the file is written", function()
      local file = io.open(path)
      local size = file and file:seek "end" or 0
      if file then file:close() end
      return size > 0
    end)
    first:kill()
    local file = assert(io.open(path, "w"))
    file:write(("\0"):rep(8192)) -- as a file system may leave what was never synced
    file:close()
    store:work()
    server = store:serve(APP)
    assert.equal("stored new", (get "room/put?value=new"))
  end)
end)

describe("when LMDB gives up on its file for good,", function()
  it("the server says so and ends with code 1", function()
    serve()
    assert.equal("stored old", (get "room/put?value=old"))
    store:set "meta=EIO"
    local ann = connect "room"
    ann:send "put new"
    assert.same({ 1011, REASON }, { ann:wait_closed() })
    ann:drop()
    assert.equal(1, server.process:wait())
    assert.truthy(server:log():find("start it again", 1, true))
    store:work()
    server = store:serve(APP)
    assert.truthy(({ old = true, new = true })[get "room/get"])
    assert.equal("stored newer", (get "room/put?value=newer"))
  end)

  it("the server says so, too, when it was about to end", function()
    serve { "--drain-timeout", "10ms" }
    assert.equal("stored old", (get "room/put?value=old"))
    store:set "sync=hold"
    begin "room/put?value=new"
    settle()
    server.process:signal(sys.SIGTERM)
    server:expect_log "(drain timed out)"
    store:set "meta=EIO"
    assert.equal(1, server.process:wait())
    assert.truthy(server:log():find("start it again", 1, true))
  end)
end)
