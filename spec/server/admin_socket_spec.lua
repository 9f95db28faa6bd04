--- The admin socket: who may open it, and what is answered there.

local Process = require "spec.support.process"
local admin = require "spec.support.admin"
local json = require "partylua.json"
local native = require "partylua.native"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

local APP = [[
local party = require "partylua"
local App = {}
function App:onMessage(message, conn)
  if message == "wait" then party.log.info "waiting" party.sleep(3600) end
  if message == "slow" then party.log.info "waiting" party.sleep(0.3) end
  if message == "boom" then error "boom" end
  self.room:broadcast(message)
end
function App:onRequest(request)
  if request.query.endless then
    return party.Response(function(write)
      write "a"
      while write(("ä"):rep(5000)) do end
    end)
  end
  if request.query.nothing then return party.Response(nil, { status = 204 }) end
  return party.Response "here"
end
return App
]]

local function mode_of(path)
  local code, output = Process.run { "stat", "-c", "%a %F", path }
  assert.equal(0, code, output)
  return output:gsub("\n", "")
end

describe("the admin socket", function()
  local server
  before_each(function() server = admin.serve(APP) end)
  after_each(function() server:stop() end)

  it("is in the data folder, and its owner's alone", function()
    assert.equal("600 socket", mode_of(server.data .. "/admin.sock"))
  end)

  it("says what the server is", function()
    local info = admin.ask(server.data, "GET", "/api/info")
    assert.equal(native.version, info.version)
    assert.equal(server.process.pid, info.pid)
    assert.equal(server.data, info.data)
    assert.same({ "main" }, info.parties)
    assert.equal("http://127.0.0.1:" .. server.port, info.url)
    assert.is_false(info.draining)
  end)

  it("answers whether the server lives and takes part", function()
    assert.equal(200, admin.request(server.data, "GET", "/healthz").status)
    assert.equal(200, admin.request(server.data, "GET", "/readyz").status)
  end)

  it("says that the server is not ready any more while it drains", function()
    local socket = server:connect "/parties/main/a"
    socket:send "slow"
    server:expect_log "(waiting)"
    local drain = admin.start(server.data, "", "drain")
    party.eventually("it is not ready", function()
      return admin.request(server.data, "GET", "/readyz").status == 503
    end)
    assert.equal(200, admin.request(server.data, "GET", "/healthz").status)
    assert.equal(1012, (socket:wait_closed()))
    server:drop_all()
    assert.equal(0, drain:wait(), drain.output)
    assert.equal(0, server.process:wait())
    assert.is_nil(native.dial_local(server.data, "admin.sock"))
  end)

  it("refuses what it does not know, each in its own way", function()
    assert.equal(404, admin.request(server.data, "GET", "/api/nothing").status)
    assert.equal(405, admin.request(server.data, "GET", "/api/drain").status)
    assert.equal(405, admin.request(server.data, "DELETE", "/api/rooms").status)
    local upgrade = admin.request(server.data, "GET", "/api/tail", nil, {
      "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    })
    assert.equal(400, upgrade.status)
    assert.equal(200, admin.request(server.data, "GET", "/healthz").status)
  end)

  it("refuses arguments that are wrong, and says which", function()
    for path, message in pairs {
      ["GET /api/room"] = "parameters party and room are missing",
      ["GET /api/room?party=none&room=a"] = "no party 'none'",
      ["GET /api/tail?topics=weather"] = "no topic 'weather'",
      ["GET /api/storage?party=main&room=a&limit=0"] = "limit is a whole number",
      ["GET /api/storage?party=main&room=a&after=nokey"] = "bad key",
      ["POST /api/drain?timeout=-1"] = "timeout is a number",
      ["POST /api/room/hibernate?party=main&room=a"] = "not in memory",
      ["POST /api/room/close?party=main&room=a&conn=x"] = "no connection with this id",
      ["POST /api/storage?party=main&room=a {"] = "the body is no JSON",
      ["POST /api/storage?party=main&room=a []"] = "no JSON object",
      ['POST /api/storage?party=main&room=a {"put":{}}'] = "'put' is a list",
      ['POST /api/storage?party=main&room=a {"put":[{"key":1,"value":1}]}'] = "a key is a string",
      ['POST /api/alarm?party=main&room=a {"due":-1}'] = "due is a time",
      ['POST /api/room/broadcast?party=main&room=a {}'] = "a message is",
      ["POST /api/storage/apply?party=main&room=a x 1"] = "bad record",
      ["POST /api/storage/apply?party=main&room=a 5 5 abc"] = "ends within a record",
    } do
      local method, target, body = path:match "^(%u+) (%S+) ?(.*)$"
      if target:find "apply" then body = body:gsub("^(%S+ %S+) ?", "%1\n") end
      local answer = admin.request(server.data, method, target, method == "POST" and body or nil)
      assert.is_true(answer.status >= 400 and answer.status < 500, path .. " " .. answer.status)
      assert.matches(message, json.decode(answer.body).error, 1, true)
    end
  end)

  it("bounds what it takes", function()
    local head = admin.request(server.data, "GET", "/healthz", nil, { "X: " .. ("x"):rep(40000) })
    assert.equal(431, head.status)
    assert.equal(414, admin.request(server.data, "GET", "/" .. ("x"):rep(20000)).status)
    local body = ('{"put":["%s"]}'):format(("x"):rep(5 * 1024 * 1024))
    local answer = admin.request(server.data, "POST", "/api/storage?party=main&room=a", body)
    assert.equal(413, answer.status)
    local large = "1 999996\na" .. ("b"):rep(999996)
    for _, many in ipairs { ("1 1\nab"):rep(250001), large:rep(68) } do
      answer = admin.request(server.data, "POST", "/api/storage/apply?party=main&room=a", many)
      assert.equal(413, answer.status)
    end
    assert.equal(200, admin.request(server.data, "GET", "/healthz").status)
    assert.equal("here", server:get("/parties/main/a").body)
  end)

  it("has room for so many at a time, and clients have theirs", function()
    local lines = {}
    for i = 1, 64 do lines[i] = assert(native.dial_local(server.data, "admin.sock")) end
    party.eventually("one more is refused", function()
      return admin.request(server.data, "GET", "/healthz").status == 503
    end)
    assert.equal("here", server:get("/parties/main/a").body)
    for _, line in ipairs(lines) do line:close() end
    party.eventually("there is room again", function()
      return admin.request(server.data, "GET", "/healthz").status == 200
    end)
  end)

  it("asks a room, and takes the beginning of an answer that has no end", function()
    local path = "/api/room/fetch?party=main&room=a"
    assert.equal("here", admin.ask(server.data, "POST", path, { path = "/x" }).body)
    assert.same({ status = 204, headers = {}, body = "" },
      admin.ask(server.data, "POST", path, { path = "/x?nothing=1" }))
    local long = admin.ask(server.data, "POST", path, { path = "/x?endless=1" })
    assert.equal("a" .. ("ä"):rep(512 * 1024 - 1), long.body)
    assert.equal("here", server:get("/parties/main/a").body)
  end)

  it("keeps the last faults, with their source", function()
    local socket = server:connect "/parties/main/a"
    for _ = 1, 70 do socket:send "boom" end
    socket:send "done"
    assert.equal("done", socket:receive())
    local faults = admin.ask(server.data, "GET", "/api/faults").faults
    assert.equal(64, #faults)
    assert.equal("boom", faults[64].err)
    assert.equal("onMessage", faults[64].hook)
    assert.matches('error "boom"', faults[64].source, 1, true)
    assert.matches("app.lua:6", faults[64].at, 1, true)
  end)

  it("is not what keeps a server from ending", function()
    local tail = admin.tail(server.data)
    server.process:signal(sys.SIGTERM)
    assert.equal(0, server.process:wait())
    assert.not_matches("still waiting", server.process.output)
    tail:close()
  end)
end)

describe("the file of an admin socket", function()
  it("gives way when its server was killed", function()
    local server = admin.serve(APP)
    server.process:kill()
    assert.equal("600 socket", mode_of(server.data .. "/admin.sock"))
    local _, _, errno = native.dial_local(server.data, "admin.sock")
    assert.equal("ECONNREFUSED", errno)
    local next_server = party.serve(APP, { "--data", server.data })
    assert.equal(next_server.process.pid, admin.ask(server.data, "GET", "/api/info").pid)
    next_server:stop()
  end)

  it("takes the place of nothing else, and the server serves without it", function()
    local data = party.make_folder() .. "/data"
    assert.equal(0, os.execute(("mkdir -p %q && echo mine > %q/admin.sock"):format(data, data)))
    local server = party.serve(APP, { "--data", data })
    server:expect_log "(there is no admin socket)"
    assert.equal("here", server:get("/parties/main/a").body)
    server:stop()
    assert.equal("mine\n", assert(io.open(data .. "/admin.sock")):read "*a")
  end)

  it("does not keep a backup from being restored", function()
    local server = admin.serve(APP)
    local backup = server.data .. ".backup"
    admin.output_of(server.data, "backup", backup)
    server.process:kill()
    admin.output_of(server.data, "restore", backup, "--force")
  end)

  it("writes into the log what was done through it", function()
    local server = admin.serve(APP)
    local socket = server:connect "/parties/main/a?_pk=ann"
    admin.output_of(server.data, "room", "send", "main/a", "hello")
    assert.matches("party=main room=a", server:expect_log "message broadcast ([^\n]*)")
    admin.ask(server.data, "POST", "/api/room/close?party=main&room=a&conn=ann", {})
    assert.matches("conn=ann", server:expect_log "connection closed ([^\n]*)")
    assert.equal("hello", socket:receive())
    assert.equal(1000, (socket:wait_closed()))
    server:stop()
  end)

  it("goes with its server", function()
    local server = admin.serve(APP)
    server:stop()
    local _, _, errno = native.dial_local(server.data, "admin.sock")
    assert.equal("ENOENT", errno)
  end)

  it("is made for a server that keeps nothing, and its folder goes again", function()
    local folder = party.make_folder()
    party.write_file("app.lua", APP, folder)
    party.write_file("partylua.json", '{ "persist": false }', folder)
    local server = party.serve("app.lua", { own_data = true }, folder)
    local data = folder .. "/.partylua/state"
    local info = admin.ask(data, "GET", "/api/info")
    assert.is_nil(info.data)
    local code, output = Process.run({ party.program, "info" }, folder)
    assert.equal(0, code, output)
    assert.matches("not kept", output)
    local other = party.serve("app.lua", { own_data = true }, folder)
    assert.matches("there is no admin socket", other:expect_log "(warn admin[^\n]*)")
    other:stop()
    assert.equal(server.process.pid, admin.ask(data, "GET", "/api/info").pid)
    server:stop()
    assert.is_nil(io.open(data))
  end)

  it("may have a path of any length", function()
    local data = party.make_folder() .. ("/a-folder-with-a-long-name"):rep(6)
    local server = party.serve(APP, { "--data", data })
    assert.equal(server.process.pid, admin.ask(data, "GET", "/api/info").pid)
    server:stop()
  end)

  it("is of no use to another user", function()
    local server = admin.serve(APP)
    finally(function() server:stop() end)
    if (select(2, Process.run { "id", "-u" })) ~= "0\n" then
      return pending "only root can be another user"
    end
    os.execute(("chmod 755 %q %q"):format(server.data:match "^(.*)/", server.data))
    local code, output = Process.run {
      "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", party.program, "info",
      "--data", server.data,
    }
    assert.equal(1, code)
    assert.matches("Permission denied\n  hint: only the user who runs the server can ask it",
      output, 1, true)
  end)
end)
