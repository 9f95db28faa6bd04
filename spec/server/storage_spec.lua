local json = require "partylua.json"
local party = require "spec.support.party"

local APP = "spec/server/apps/run.lua"

--- Runs code in a room and gives what it returned; fails when it raised.
local function make_run(get_server)
  local run = {}

  function run.answer(room, code, headers)
    local response = get_server():request("POST", "/parties/main/" .. room,
      { body = code, headers = headers })
    return json.decode(response.body), response.status
  end

  function run.error(room, code)
    local answer = run.answer(room, code)
    assert(answer.error, "the code raised nothing")
    return answer.error
  end

  return setmetatable(run, {
    __call = function(_, room, code, headers)
      local answer, status = run.answer(room, code, headers)
      assert(status == 200 and not answer.error, answer.error)
      if answer.result == json.null then return nil end
      return answer.result
    end,
  })
end

describe("room.storage", function()
  local server, room, rooms = nil, nil, 0
  local run = make_run(function() return server end)
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)
  before_each(function()
    rooms = rooms + 1
    room = "room-" .. rooms
  end)

  it("gives what was put, and nil for what was not", function()
    run(room, 'storage:put("a", { n = 1 })')
    assert.same({ n = 1 }, run(room, 'return storage:get "a"'))
    assert.is_nil(run(room, 'return storage:get "b"'))
  end)

  it("keeps rooms and parties apart", function()
    run(room, 'storage:put("a", 1)')
    assert.is_nil(run(room .. "-other", 'return storage:get "a"'))
  end)

  it("keeps every kind of value as it was", function()
    assert.is_true(run(room, [[
      storage:put {
        nan = 0 / 0, inf = math.huge, minus = -math.huge, zero = -0.0, big = 2 ^ 53, tiny = 5e-324,
        int = 9007199254740993LL, uint = 18446744073709551615ULL, null = json.null,
        bytes = "\0\255\128", empty = "", yes = true, no = false,
        list = json.array {}, map = {}, deep = { { { 1 } } }, mixed = { 1, 2, x = 3, [true] = 4 },
        binary = party.binary "\1\2",
      }
      storage:sync()
      local s = function(key) return storage:get(key) end
      assert(s "nan" ~= s "nan" and s "inf" == math.huge and s "minus" == -math.huge)
      assert(1 / s "zero" == -math.huge and s "big" == 2 ^ 53 and s "tiny" == 5e-324)
      assert(s "int" == 9007199254740993LL and s "uint" == 18446744073709551615ULL)
      assert(s "null" == json.null and s "bytes" == "\0\255\128" and s "empty" == "")
      assert(s "yes" == true and s "no" == false)
      assert(json.encode(s "list") == "[]" and json.encode(s "map") == "{}")
      assert(s "deep"[1][1][1] == 1 and s "mixed".x == 3 and s "mixed"[true] == 4)
      assert(party.binary.is(s "binary") and s "binary".bytes == "\1\2")
      return true
    ]]))
  end)

  it("takes a copy and gives a copy", function()
    assert.same({ 1, 1, 1 }, run(room, [[
      local value = { n = 1 }
      storage:put("a", value)
      value.n = 2
      local first = storage:get "a"
      local seen = first.n
      first.n = 3
      return { seen, storage:get "a".n, storage:get { "a" }.a.n }
    ]]))
  end)

  it("turns shared tables into copies, and measures them before it takes memory", function()
    assert.is_true(run(room, [[
      local leaf = { 1 }
      storage:put("a", { leaf, leaf })
      local got = storage:get "a"
      return got[1] ~= got[2] and got[2][1] == 1
    ]]))
    assert.matches("^Values cannot be larger than 131072 bytes", run.error(room, [[
      local tree = {}
      for _ = 1, 60 do tree = { tree, tree } end -- 2^60 leaves
      storage:put("a", tree)
    ]]))
  end)

  it("refuses what cannot be kept, and says where it is", function()
    for value, message in pairs {
      ["{ users = { {}, {}, { cb = print } } }"] = "value.users[3].cb is a function",
      ["{ [print] = 1 }"] = "value is a table whose key is a function",
      ["coroutine.create(print)"] = "value is a thread",
      ["{ ['a b'] = io.stdout }"] = 'value["a b"] is a userdata',
      ["(function() local t = {} t.me = { t } return t end)()"] =
        "value.me[1] is a table that contains itself",
    } do
      assert.equal(message .. ", which cannot be stored",
        run.error(room, ('storage:put("a", %s)'):format(value)))
    end
    assert.equal('value["b"].x is a function, which cannot be stored',
      run.error(room, 'storage:put { a = 1, b = { x = print } }'))
    assert.is_nil(run(room, 'return storage:get "a"'))
  end)

  it("bounds keys, values and their number, before anything is written", function()
    local fits, over = '("k"):rep(2048)', '("k"):rep(2049)'
    local too_long = "Keys cannot be larger than 2048 bytes. A key of size 2049 was provided."
    run(room, ("storage:put(%s, 1)"):format(fits))
    for _, call in ipairs {
      "storage:put(%s, 1)", "storage:put { a = 1, [%s] = 2 }", "storage:get(%s)",
      'storage:get { "a", %s }', "storage:delete(%s)", 'storage:delete { "a", %s }',
    } do
      assert.equal(too_long, run.error(room, call:format(over)))
    end
    assert.equal("Maximum number of key value pairs is 128. 129 pairs were provided.",
      run.error(room, [[
        local entries = {}
        for i = 1, 129 do entries["n" .. i] = i end
        storage:put(entries)
      ]]))
    for _, call in ipairs { "get", "delete" } do
      assert.equal("Maximum number of key value pairs is 128. 129 pairs were provided.",
        run.error(room, ([[
          local keys = {}
          for i = 1, 129 do keys[i] = "n" .. i end
          storage:%s(keys)
        ]]):format(call)))
    end
    run(room, 'storage:put("v", ("x"):rep(131072))')
    assert.equal("Values cannot be larger than 131072 bytes. A value of size 131201 was provided.",
      run.error(room, 'storage:put("w", ("x"):rep(131200))'))
    assert.matches("^Values cannot be larger than 131072 bytes.",
      run.error(room, 'storage:put { a = 1, w = { ("x"):rep(131200) } }'))
    assert.equal("put() called with undefined value.", run.error(room, 'storage:put("a", nil)'))
    assert.equal("a key must be a string, got number", run.error(room, "storage:get(1)"))
    assert.same({ ("k"):rep(2048), "v" }, run(room, [[
      local keys = {}
      for key in storage:list() do keys[#keys + 1] = key end
      return keys
    ]]))
  end)

  it("blames the line of the room that called it wrongly", function()
    local app = [[
      local Room = {}
      function Room:onRequest()
        local storage = self.room.storage
        storage:put("a", print) -- line 4
      end
      return Room
    ]]
    local other = party.serve(app)
    other:get "/party/x"
    other:expect_log "at=%S*app.lua:4 .*value is a function.*source=\"storage:put"
    other:stop()
  end)

  it("deletes one key or several, and tells what was there", function()
    assert.same({ true, false, 2 }, run(room, [[
      storage:put { a = 1, b = 2, c = 3 }
      return { storage:delete "a", storage:delete "a", storage:delete { "a", "b", "c" } }
    ]]))
  end)

  it("deletes everything but the alarm", function()
    assert.same({ 0, true, 1 }, run(room, [[
      storage:put { a = 1, b = 2 }
      storage:setAlarm(party.now() + 1e6)
      storage:sync()
      storage:put("c", 3)
      storage:deleteAll()
      local n = 0
      for _ in storage:list() do n = n + 1 end
      local alarm = storage:getAlarm() ~= nil
      storage:put("d", 4)
      local m = 0
      for key in storage:list() do m = m + 1 end
      storage:deleteAlarm()
      return { n, alarm, m }
    ]]))
    assert.same({ d = 4 }, run(room, 'return storage:get { "a", "b", "c", "d" }'))
  end)

  describe("list", function()
    local function keys(options, prepare)
      return run(room, ([[
        %s
        local keys = json.array {}
        for key in storage:list { %s } do keys[#keys + 1] = key end
        return keys
      ]]):format(prepare or "", options))
    end

    before_each(function()
      run(room, 'storage:put { a1 = 1, a2 = 2, b1 = 3, ["b\195\191"] = 4, c = 5 }')
    end)

    it("goes through keys in the order of their bytes", function()
      assert.same({ "a1", "a2", "b1", "b\195\191", "c" }, keys "")
      assert.same({ "a1", "a2", "b1" }, keys "limit = 3")
      assert.same({ "c" }, keys "reverse = true, limit = 1")
    end)

    it("knows prefix, start, startAfter, end and endBefore", function()
      assert.same({ "a1", "a2" }, keys 'prefix = "a"')
      assert.same({ "a2", "b1" }, keys 'start = "a2", ["end"] = "b2"')
      assert.same({ "b1" }, keys 'startAfter = "a2", endBefore = "b2"')
      assert.same({ "a2" }, keys 'prefix = "a", startAfter = "a1"')
      assert.same({ "a2", "a1" }, keys 'prefix = "a", reverse = true')
      assert.same({}, keys 'prefix = "a", start = "b"')
      assert.same({}, keys 'start = "c", ["end"] = "a"')
      assert.same({ "b\195\191" }, keys 'prefix = "b\\195"')
    end)

    it("shows writes that are not on disk yet over those that are", function()
      assert.same({ "a0", "a2", "b2" }, keys('endBefore = "b3"', [[
        storage:delete { "a1", "b1" }
        storage:put { a0 = 1, b2 = 2 }
      ]]))
    end)

    it("is a snapshot", function()
      assert.same({ "a1", "a2", "b1" }, run(room, [[
        local seen = {}
        for key in storage:list { endBefore = "b2" } do
          seen[#seen + 1] = key
          storage:delete { "a2", "b1" }
          storage:put("a3", 1)
          storage:sync()
        end
        return seen
      ]]))
    end)

    it("takes keys and prefixes of any bytes", function()
      assert.equal(3, run(room, [[
        storage:put { ["\255"] = 1, ["\255\255"] = 2, ["\255\0"] = 3, ["\0"] = 4, [""] = 5 }
        local n, last = 0, ""
        for key in storage:list { prefix = "\255" } do
          assert(key > last)
          n, last = n + 1, key
        end
        assert(storage:get "" == 5 and storage:list()() == "")
        return n
      ]]))
    end)

    it("gives values with the keys", function()
      assert.same({ a1 = 1, a2 = 2 }, run(room, [[
        local found = {}
        for key, value in storage:list { prefix = "a" } do found[key] = value end
        return found
      ]]))
    end)

    it("refuses options that make no sense", function()
      for options, message in pairs {
        ['start = "a", startAfter = "b"'] =
          "list() cannot be called with both start and startAfter values.",
        ["limit = 0"] = "List limit must be positive.",
        ["limit = -1"] = "List limit must be positive.",
        ['limit = "x"'] = "list: limit must be a number, got x",
        ["start = 1"] = "list: start must be a string, got number",
        ['prefx = "a"'] = 'list has no option "prefx"',
      } do
        assert.equal(message, run.error(room, ("storage:list { %s }"):format(options)))
      end
    end)
  end)

  describe("transaction", function()
    it("keeps all changes when its function returns, and gives what that returned", function()
      assert.same({ "done", 2, 1 }, run(room, [[
        storage:put("old", 1)
        local result = storage:transaction(function(txn)
          txn:put { a = 1, b = 2 }
          txn:delete "old"
          assert(txn:get "a" == 1 and txn:get "old" == nil and storage:get "a" == nil)
          return "done"
        end)
        local n = 0
        for _ in storage:list() do n = n + 1 end
        return { result, n, storage:get "a" }
      ]]))
    end)

    it("keeps nothing when its function raises, and raises the same", function()
      assert.same({ false, "no", 0 }, run(room, [[
        local ok, err = pcall(storage.transaction, storage, function(txn)
          txn:put("a", 1)
          error("no", 0)
        end)
        local n = 0
        for _ in storage:list() do n = n + 1 end
        return { ok, err, n }
      ]]))
    end)

    it("keeps nothing after rollback, and takes no further calls", function()
      assert.same({ "ok", "Cannot put on rolled back transaction", false }, run(room, [[
        local message
        local result = storage:transaction(function(txn)
          txn:put("a", 1)
          txn:rollback()
          txn:rollback()
          local ok, err = pcall(txn.put, txn, "b", 2)
          message = err:gsub("^.-:%d+: ", "")
          return "ok"
        end)
        return { result, message, storage:get "a" ~= nil }
      ]]))
    end)

    it("is over when it is over", function()
      assert.equal("Cannot get: the transaction has already been committed", run.error(room, [[
        local kept
        storage:transaction(function(txn) kept = txn end)
        kept:get "a"
      ]]))
      assert.equal("a transaction cannot hold another one", run.error(room, [[
        storage:transaction(function() storage:transaction(function() end) end)
      ]]))
      assert.equal("Cannot call deleteAll() within a transaction", run.error(room, [[
        storage:transaction(function(txn) txn:deleteAll() end)
      ]]))
    end)

    it("lists its own changes over the storage's", function()
      assert.same({ "a", "b", "d" }, run(room, [[
        storage:put { a = 1, c = 3, d = 4 }
        return storage:transaction(function(txn)
          txn:put("b", 2)
          txn:put("e", 5)
          txn:delete "c"
          local keys = {}
          for key in txn:list { limit = 3 } do keys[#keys + 1] = key end
          return keys
        end)
      ]]))
      assert.same({ "e", "d", "b" }, run(room, [[
        return storage:transaction(function(txn)
          local keys = {}
          for key in txn:list { reverse = true, limit = 3 } do keys[#keys + 1] = key end
          return keys
        end)
      ]]))
    end)

    it("lets no other event of the room in, also when it waits", function()
      local slow = server:connect("/parties/main/" .. room)
      local quick = server:connect("/parties/main/" .. room)
      slow:send [[
        storage:transaction(function(txn)
          conn:send "in"
          party.sleep(0.05)
          txn:put("order", "transaction")
        end)
        conn:send "out"
      ]]
      assert.equal("in", slow:receive())
      quick:send 'conn:send(tostring(storage:get "order"))'
      assert.equal("transaction", quick:receive())
      assert.equal("out", slow:receive())
    end)

    it("goes on with what it has spawned itself", function()
      assert.same({ 1, 2 }, run(room, [[
        return storage:transaction(function(txn)
          local results = party.all {
            function() party.sleep(0.01) return 1 end,
            function() party.sleep(0.005) return 2 end,
          }
          return results
        end)
      ]]))
    end)
  end)

  it("is atomic over what a hook does without waiting, whoever comes", function()
    local sockets = {}
    for i = 1, 5 do sockets[i] = server:connect("/parties/main/" .. room) end
    for _ = 1, 20 do
      for _, socket in ipairs(sockets) do
        socket:send [[
          local n = (storage:get "n" or 0) + 1
          storage:put("n", n)
          return n
        ]]
      end
    end
    local seen = {}
    for _, socket in ipairs(sockets) do
      for _ = 1, 20 do
        local number = socket:receive()
        seen[tonumber(number)] = true
      end
    end
    assert.equal(100, #seen)
  end)

  it("stores for rooms with ids as long as a URL takes, and says where that ends", function()
    assert.equal(1, run(("x"):rep(15000), 'storage:put("a", 1) return storage:get "a"'))
    local other = party.serve(APP, { "--url-bytes", "64KiB", "--head-bytes", "128KiB" })
    local answer = other:request("POST", "/parties/main/" .. ("x"):rep(25000), { body = "" })
    assert.same({ 500, "the room's storage cannot be read: File name too long" },
      { answer.status, answer.body }) -- onStart asks for it
    other:stop()
  end)
end)

describe("what a room has stored", function()
  local server
  local run = make_run(function() return server end)

  it("is there after the room has left memory, and after a restart", function()
    local data = party.make_folder() .. "/data"
    server = party.serve(APP, { "--data", data, "--room-idle", "0s", "--log-level", "debug" })
    run("x", 'storage:put("a", 1)')
    server:expect_log "room: unload party=main id=x"
    assert.equal(1, run("x", 'storage:put("b", 2) return storage:get "a"'))
    server:stop()
    server = party.serve(APP, { "--data", data })
    assert.same({ a = 1, b = 2 }, run("x", 'return storage:get { "a", "b" }'))
    server.process:kill()
    server = party.serve(APP, { "--data", data })
    assert.same({ a = 1, b = 2 }, run("x", 'return storage:get { "a", "b" }'))
    server:stop()
  end)

  it("is gone with the server when the configuration says so", function()
    local _, folder = party.write_file("partylua.json", '{ "persist": false }')
    party.write_file("app.lua", assert(io.open(APP)):read "*a", folder)
    server = party.serve(folder .. "/app.lua", { own_data = true }, folder)
    run("x", 'storage:put("a", 1)')
    server:stop()
    server = party.serve(folder .. "/app.lua", { own_data = true }, folder)
    assert.is_nil(run("x", 'return storage:get "a"'))
    server:stop()
    assert.is_nil(io.open(folder .. "/.partylua/state/data.mdb"))
  end)
end)
