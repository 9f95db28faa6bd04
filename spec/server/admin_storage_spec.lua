--- What is changed in a room's storage from outside while it runs: it is a batch like the room's
--- own, and the room sees it at once.

local admin = require "spec.support.admin"
local disk = require "spec.support.disk"
local json = require "partylua.json"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local App = {}
App.options = { hibernate = true }
function App:onMessage(message, conn)
  local storage = self.room.storage
  if message == "transaction" then
    storage:transaction(function(txn)
      local before = txn:get "x"
      party.log.info "in the transaction"
      party.sleep(0.3)
      conn:send(("%s then %s"):format(before, txn:get "x"))
    end)
  elseif message == "alarm" then
    storage:setAlarm(party.now() + 3600000)
    conn:send "set"
  else
    conn:send(tostring(storage:get(message)))
  end
end
function App:onAlarm() self.room:broadcast "alarm" end
return App
]]

local ROOM = "?party=main&room=a"

describe("storage changed at the admin socket", function()
  local server
  before_each(function() server = admin.serve(APP) end)
  after_each(function() server:stop() end)

  local function change(body)
    return admin.ask(server.data, "POST", "/api/storage" .. ROOM, body)
  end

  local function ask(socket, text)
    socket:send(text)
    return socket:receive()
  end

  local function list(query)
    local body = admin.request(server.data, "GET", "/api/storage" .. ROOM .. (query or "")).body
    local lines = {}
    for line in body:gmatch "[^\n]+" do lines[#lines + 1] = line end
    return lines
  end

  it("is seen by the room at once, and is on disk when it is answered", function()
    local socket = server:connect "/parties/main/a"
    assert.equal("nil", ask(socket, "x"))
    assert.same({ stored = 2, deleted = 0 },
      change { put = { { key = "x", value = 1 }, { key = "y", value = "two" } } })
    assert.equal("1", ask(socket, "x"))
    assert.equal("1\n", admin.output_of(server.data, "storage", "get", "main/a", "x"))
    assert.same({ stored = 0, deleted = 1 }, change { delete = { "x", "never there" } })
    assert.equal("nil", ask(socket, "x"))
    assert.equal("two", ask(socket, "y"))
  end)

  it("starts no room, and one that starts later finds it", function()
    change { put = { { key = "x", value = { deep = { 1, 2 } } } } }
    assert.same({}, admin.ask(server.data, "GET", "/api/rooms").rooms)
    assert.matches("table", (ask(server:connect "/parties/main/a", "x")))
  end)

  it("is seen by a room that has hibernated meanwhile", function()
    local socket = server:connect "/parties/main/a"
    assert.equal("nil", ask(socket, "x"))
    admin.output_of(server.data, "room", "hibernate", "main/a")
    assert.equal("hibernating", admin.ask(server.data, "GET", "/api/rooms").rooms[1].state)
    change { put = { { key = "x", value = 5 } } }
    assert.equal("hibernating", admin.ask(server.data, "GET", "/api/rooms").rooms[1].state)
    assert.equal("5", ask(socket, "x"))
  end)

  it("waits for a transaction of the room", function()
    local socket = server:connect "/parties/main/a"
    change { put = { { key = "x", value = "old" } } }
    socket:send "transaction"
    server:expect_log "(in the transaction)"
    change { put = { { key = "x", value = "new" } } } -- answered only behind it
    assert.equal("old then old", socket:receive())
    assert.equal("new", ask(socket, "x"))
  end)

  it("counts as a whole or not at all", function()
    change { put = { { key = "x", value = 1 } } }
    local answer = admin.request(server.data, "POST", "/api/storage" .. ROOM, '{"put":['
      .. '{"key":"x","value":2},{"key":"' .. ("k"):rep(2049) .. '","value":3}]}')
    assert.equal(400, answer.status)
    answer = admin.request(server.data, "POST", "/api/storage" .. ROOM,
      '{"clear":true,"put":[{"key":"x","value":"' .. ("v"):rep(140000) .. '"}]}')
    assert.equal(400, answer.status)
    assert.equal("1", ask(server:connect "/parties/main/a", "x"))
  end)

  it("is listed page by page, with what is not durable yet", function()
    local puts = {}
    for i = 1, 25 do puts[i] = { key = ("k%02d"):format(i), value = i } end
    change { put = puts }
    local page = list "&limit=10"
    assert.equal(11, #page)
    assert.equal('{"key":"k01","value":1}', page[1])
    assert.matches('"more":true', page[11], 1, true)
    page = list "&limit=10&after=%22k20%22"
    assert.equal(6, #page)
    assert.equal('{"key":"k21","value":21}', page[1])
    assert.matches('"more":false', page[6], 1, true)
    assert.equal(10, #list "&prefix=k0")
    assert.same({ stored = 1, deleted = 0 },
      change { clear = true, put = { { key = "z", value = 1 } } })
    assert.equal('{"key":"z","value":1}', list()[1])
    assert.equal(2, #list())
  end)

  it("has an alarm that can be fired and cancelled", function()
    local socket = server:connect "/parties/main/a"
    assert.equal("set", ask(socket, "alarm"))
    local function set(due)
      return admin.ask(server.data, "POST", "/api/alarm" .. ROOM, { due = due })
    end
    assert.is_true(admin.ask(server.data, "GET", "/api/room" .. ROOM).alarm > 1.7e12)
    assert.same({ alarm = json.null }, set(json.null))
    assert.is_nil(admin.ask(server.data, "GET", "/api/room" .. ROOM).alarm)
    assert.same({ alarm = 4102444800000 }, set(4102444800000))
    set(0)
    assert.equal("alarm", socket:receive())
    assert.is_nil(admin.ask(server.data, "GET", "/api/room" .. ROOM).alarm)
  end)

  it("comes in by import, under the rules that hold without a server", function()
    local lines = '{"export":1,"entries":2,"alarm":{"due":4102444800000}}\n'
      .. '{"key":"a","value":1}\n{"key":"b","value":{"$bytes":"/wA="}}\n'
    local path = party.write_file("lines.jsonl", lines)
    local socket = server:connect "/parties/main/a"
    assert.equal("nil", ask(socket, "a"))
    admin.output_of(server.data, "storage", "import", "main/a", path)
    assert.equal("1", ask(socket, "a"))
    assert.equal(4102444800000, admin.ask(server.data, "GET", "/api/room" .. ROOM).alarm)
    local code, output = admin.run(server.data, "storage", "import", "main/a", path)
    assert.equal(1, code)
    assert.matches("has stored something already", output, 1, true)
    local other = party.write_file("other.jsonl", '{"key":"c","value":3}\n')
    admin.output_of(server.data, "storage", "import", "main/a", other, "--merge")
    assert.equal("1", ask(socket, "a"))
    admin.output_of(server.data, "storage", "import", "main/a", other, "--replace")
    assert.equal("nil", ask(socket, "a"))
    assert.equal("3", ask(socket, "c"))
    local broken = party.write_file("broken.jsonl", '{"key":"c","value":4}\n{"key":\n')
    assert.equal(1, (admin.run(server.data, "storage", "import", "main/a", broken, "--merge")))
    assert.equal("3", ask(socket, "c"))
  end)

  it("is put and deleted by commands", function()
    local socket = server:connect "/parties/main/a"
    admin.output_of(server.data, "storage", "put", "main/a", "x", '"from outside"')
    assert.equal("from outside", ask(socket, "x"))
    assert.equal("deleted 1 entry of main/a\n",
      admin.output_of(server.data, "storage", "delete", "main/a", "x"))
    assert.equal("nil", ask(socket, "x"))
    admin.output_of(server.data, "storage", "put", "main/a", "x", "1")
    admin.output_of(server.data, "storage", "delete", "main/a", "--all")
    assert.equal("nil", ask(socket, "x"))
  end)
end)

describe("a disk that fails", function()
  it("fails the change, and resets the room", function()
    local store = disk.new()
    local server = store:serve((party.write_file("app.lua", APP)))
    finally(function()
      store:work()
      server:stop()
    end)
    local data = store.folder .. "/state"
    local socket = server:connect "/parties/main/a"
    socket:send "x"
    assert.equal("nil", socket:receive())
    store:set "write=EIO"
    local answer = admin.request(data, "POST", "/api/storage" .. ROOM,
      '{"put":[{"key":"x","value":1}]}')
    assert.equal(503, answer.status)
    assert.equal(1011, (socket:wait_closed()))
    store:work()
    socket = server:connect "/parties/main/a"
    socket:send "x"
    assert.equal("nil", socket:receive())
  end)
end)
