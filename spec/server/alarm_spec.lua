local json = require "partylua.json"
local party = require "spec.support.party"

local APP = "spec/server/apps/run.lua"

describe("an alarm", function()
  local server, room, rooms = nil, nil, 0
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)
  before_each(function()
    rooms = rooms + 1
    room = "room-" .. rooms
  end)

  local function run(code, on_alarm, on)
    local response = (on or server):request("POST", "/parties/main/" .. room,
      { body = code, headers = on_alarm and { "X-onAlarm: " .. on_alarm:gsub("%s+", " ") } })
    local answer = json.decode(response.body)
    assert(not answer.error, answer.error)
    return answer.result ~= json.null and answer.result or nil
  end

  local function eventually(what, code, on)
    return party.eventually(what, function() return run(code, nil, on) end)
  end

  it("runs onAlarm when it is due, once, and is gone then", function()
    run("storage:setAlarm(party.now() + 50)", [[storage:put("ran", (storage:get "ran" or 0) + 1)]])
    assert.equal(1, eventually("the alarm ran", 'return storage:get "ran"'))
    assert.is_nil(run "return storage:getAlarm()")
  end)

  it("takes a date in UTC, and a time that is past", function()
    run([[
      local due = math.floor(party.now() / 1000) + 1000
      storage:setAlarm(os.date("!*t", due))
      assert(storage:getAlarm() == due * 1000)
      storage:setAlarm(os.date("!*t", due - 2000))
    ]], [[storage:put("ran", true)]])
    assert.is_true(eventually("the alarm ran", 'return storage:get "ran"'))
  end)

  it("is one: a later one takes the place of an earlier one", function()
    run([[
      storage:setAlarm(party.now() + 10)
      storage:setAlarm(party.now() + 60000)
    ]], [[storage:put("ran", true)]])
    assert.is_true(run "return storage:getAlarm() > party.now() + 50000")
    run "storage:setAlarm(party.now() + 1)"
    assert.is_true(eventually("the alarm ran", 'return storage:get "ran"'))
    run "storage:setAlarm(party.now() + 60000)"
    run "storage:deleteAlarm()"
    assert.is_nil(run "return storage:getAlarm()")
  end)

  it("refuses what is no time", function()
    for time, message in pairs {
      ["0"] = "<= 0", ["-1"] = "<= 0", ["0/0"] = "milliseconds since 1970",
      ["math.huge"] = "milliseconds since 1970", ['"x"'] = "milliseconds since 1970",
      ["{ year = 1 }"] = "milliseconds since 1970",
    } do
      local ok, err = pcall(run, ("storage:setAlarm(%s)"):format(time))
      assert.is_false(ok)
      assert.matches(message, err, 1, true)
    end
  end)

  it("is not set any more while its handler runs, which may set another", function()
    run("storage:setAlarm(party.now() + 1)", [[
      local runs = (storage:get "runs" or 0) + 1
      storage:put("seen" .. runs, storage:getAlarm() or false)
      storage:put("runs", runs)
      if runs == 1 then storage:setAlarm(party.now() + 5) end
    ]])
    eventually("it ran twice", 'return storage:get "runs" == 2')
    assert.same({ seen1 = false, seen2 = false }, run 'return storage:get { "seen1", "seen2" }')
  end)

  it("that fails is tried again, told so, with what it wrote before kept", function()
    run("storage:setAlarm(party.now() + 1)", [[
      local tries = storage:get "tries" or json.array {}
      tries[#tries + 1] = { info.retryCount, info.isRetry }
      storage:put("tries", tries)
      if #tries == 1 then error "not yet" end
    ]])
    eventually("it ran", 'return storage:get "tries"')
    assert.is_true(run "return storage:getAlarm() <= party.now()") -- when it was due
    local tries = eventually("it ran again",
      'local tries = storage:get "tries" return #tries == 2 and tries')
    assert.same({ { 0, false }, { 1, true } }, tries)
    server:expect_log("room=" .. room:gsub("%-", "%%-") .. " hook=onAlarm .*err=\"not yet\"")
  end)

  it("that was replaced by its failing handler is not tried again", function()
    run("storage:setAlarm(party.now() + 1)", [[
      local runs = (storage:get "runs" or 0) + 1
      storage:put("runs", runs)
      storage:put("retries" .. runs, info.retryCount)
      if runs == 1 then storage:setAlarm(party.now() + 10) error "no" end
    ]])
    eventually("it ran twice", 'return storage:get "runs" == 2')
    assert.same({ retries1 = 0, retries2 = 0 }, run 'return storage:get { "retries1", "retries2" }')
  end)

  it("does not know its room, and what runs beside it does", function()
    run("storage:setAlarm(party.now() + 1)", [[
      local ok, err = pcall(function() return room.id end)
      local ok2, err2 = pcall(function() return room.context.parties end)
      storage:put("seen", { ok, err, ok2, err2, room.name })
      party.sleep(1)
      storage:put("done", true)
    ]])
    local seen = eventually("it ran", 'return storage:get "seen"')
    assert.is_false(seen[1])
    assert.matches("You can not access `Party.id` in the `onAlarm` handler.", seen[2], 1, true)
    assert.is_false(seen[3])
    assert.matches("`Party.context.parties` in the `onAlarm` handler.", seen[4], 1, true)
    assert.equal("main", seen[5])
    assert.equal(room, run 'assert(not storage:get "done") return room.id')
  end)

  it("wakes a room that has left memory, and survives a restart", function()
    local data = party.make_folder() .. "/data"
    local arguments = { "--data", data, "--room-idle", "0s", "--log-level", "debug" }
    local other = party.serve(APP, arguments)
    run("storage:setAlarm(party.now() + 1500)", [[storage:put("ran", true)]], other)
    other:expect_log "room: unload"
    other.process:kill()
    other = party.serve(APP, arguments)
    other:expect_log "room: start [^\n]*\n.*room: unload" -- by the alarm alone
    assert.is_true(run('return storage:get "ran"', nil, other))
    other:stop()
  end)

  it("may know its room where the configuration says so", function()
    local _, folder = party.write_file("partylua.json", '{ "strictAlarms": false }')
    party.write_file("app.lua", assert(io.open(APP)):read "*a", folder)
    local other = party.serve(folder .. "/app.lua")
    run("storage:setAlarm(party.now() + 1)", [[
      storage:put("seen", { room.id, room.context.parties.main ~= nil })
    ]], other)
    assert.same({ room, true }, eventually("it ran", 'return storage:get "seen"', other))
    other:stop()
  end)

  it("counts as handled without onAlarm", function()
    local other = party.serve [[
      local party = require "partylua"
      local Room = {}
      function Room:onRequest(request)
        if request.method == "POST" then self.room.storage:setAlarm(party.now()) end
        return party.Response(tostring(self.room.storage:getAlarm()))
      end
      return Room
    ]]
    other:request("POST", "/party/x")
    party.eventually("it is gone", function() return other:get("/party/x").body == "nil" end)
    other:stop()
  end)
end)

describe("ten thousand alarms that are due", function()
  it("all run, few of their rooms in memory at a time", function()
    local path, folder = party.write_file("app.lua", [[
      local party = require "partylua"
      local Room, ran = {}, 0
      function Room:onRequest(request)
        if request.path == "/party/count" then return party.Response(tostring(ran)) end
        self.room.storage:setAlarm(party.now() + 1000)
        return party.Response ""
      end
      function Room:onAlarm() ran = ran + 1 end
      return Room
    ]])
    party.write_file("partylua.json", '{ "persist": false }', folder) -- no disk to wait for
    local server = party.serve(path, { "--room-idle", "0s", own_data = true })
    local tcp, count = server:tcp(), 10000
    local requests = {}
    for i = 1, count do
      requests[i] = ("GET /party/%d HTTP/1.1\r\nHost: x\r\n\r\n"):format(i)
    end
    for i = 1, count, 500 do
      tcp:send(table.concat(requests, "", i, i + 499))
      for _ = 1, 500 do assert.truthy(tcp:take_until "\r\n\r\n") end
    end
    party.eventually("all have run", function()
      return server:get("/party/count").body == tostring(count)
    end)
    server:stop()
  end)
end)
