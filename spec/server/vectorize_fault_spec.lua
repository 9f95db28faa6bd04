--- context.vectorize on a disk that is full, slow or broken.

local disk = require "spec.support.disk"
local http = require "spec.support.http"
local json = require "partylua.json"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

local CONFIG = [[{ "vectorize": {
  "docs": { "index_name": "docs", "dimensions": 3, "metric": "cosine" } } }]]

-- A room that runs code, and answers with what that returns or raises.
local APP = [[
local party = require "partylua"
local App = {}
function App:onRequest(request)
  local context = self.room.context
  local chunk = assert(loadstring(request:text(), "=code"))
  setfenv(chunk, setmetatable({ docs = context.vectorize.docs, storage = self.room.storage,
    party = party }, { __index = _G }))
  local ok, result = pcall(chunk)
  return party.Response.json { result = result, ok = ok }
end
return App
]]

local store, server

local function serve(...)
  local config = party.write_file("partylua.json", CONFIG)
  server = store:serve(APP, { "--config", config, ... })
end

before_each(function() store = disk.new() end)

after_each(function()
  store:work()
  if server then server:stop() end
  server = nil
end)

local function post(code, room)
  return server:request("POST", "/parties/main/" .. (room or "room"), { body = code })
end

local function run(code, room)
  local answer = post(code, room)
  assert.equal(200, answer.status, answer.body)
  local got = json.decode(answer.body)
  return got.result, got.ok
end

--- A request that is not waited for.
local function begin(code, room)
  local tcp = server:tcp()
  tcp:send(http.format("POST", "/parties/main/" .. (room or "room"), { body = code }))
  return tcp
end

--- Which of the vectors there are, one letter each.
local function ids()
  return (run [[
    local ids = {}
    for i, vector in ipairs(docs:getByIds { "a", "b", "c" }) do ids[i] = vector.id end
    return table.concat(ids)
  ]])
end

local INSERT = 'docs:insert { { id = "%s", values = { 1, 2, 3 } } }'

describe("with a disk that is full,", function()
  it("a call raises an error and changes nothing", function()
    serve()
    run(INSERT:format "a")
    store:set "write=ENOSPC"
    local why, ok = run(INSERT:format "b")
    assert.is_false(ok)
    assert.matches("the index 'docs': No space left on device", why)
    local gone, is_gone = run 'docs:deleteByIds { "a" }'
    assert.is_false(is_gone)
    assert.matches("No space left", gone)
    assert.equal("a", ids())
    store:work()
    run(INSERT:format "c")
    assert.equal("ac", ids())
    assert.equal(2, run "return docs:query({ 1, 2, 3 }).count")
  end)

  it("what follows a write that fails never happens", function()
    serve()
    run(INSERT:format "a")
    store:set "write=ENOSPC"
    assert.equal(503, post('storage:put("x", 1) ' .. INSERT:format "b").status)
    store:work()
    run(INSERT:format "c")
    assert.equal("ac", ids())
  end)
end)

describe("with a store that is full,", function()
  it("deleting makes room", function()
    serve("--map-bytes", "1MiB")
    local why = run [[
      for i = 1, 1000 do
        local text = ("x"):rep(5000)
        local ok, why = pcall(docs.insert, docs,
          { { id = "v" .. i, values = { 1, 2, 3 }, metadata = { text = text } } })
        if not ok then return why end
      end
    ]]
    assert.matches("the index 'docs': No space left on device", why)
    assert.is_true(run [[
      local count = docs:describe().vectorsCount
      for i = 1, count do docs:deleteByIds { "v" .. i } end
      docs:insert { { id = "a", values = { 1, 2, 3 } } }
      return count > 50 and docs:describe().vectorsCount == 1
    ]])
  end)
end)

describe("with a slow disk,", function()
  before_each(function()
    serve()
    run(INSERT:format "a")
    store:set "sync=hold"
  end)

  it("a call returns when what it has changed is on it", function()
    local asked = begin(INSERT:format "b" .. " return 1")
    for i = 1, 20 do assert.equal(i, run("return " .. i, "other")) end -- the loop goes on
    assert.equal("", sys.read_now(asked.fd))
    store:work()
    assert.same({ result = 1, ok = true }, json.decode(http.read(asked).body))
    assert.equal("ab", ids())
  end)

  it("a call waits for what its room has stored before", function()
    local asked = begin('storage:put("x", 1) return docs:query({ 1, 2, 3 }).count')
    assert.equal(1, run("return 1", "other"))
    assert.equal("", sys.read_now(asked.fd))
    store:work()
    assert.same({ result = 1, ok = true }, json.decode(http.read(asked).body))
  end)

  it("the end of the server waits for what is under way", function()
    local asked = begin(INSERT:format "b" .. " return 1")
    assert.equal(1, run("return 1", "other"))
    server.process:signal(sys.SIGTERM)
    server:expect_log "(draining)"
    store:work()
    assert.equal(200, http.read(asked).status)
    assert.equal(0, server.process:wait())
    serve()
    assert.equal("ab", ids())
  end)
end)

describe("with a broken disk,", function()
  it("the server stops, since nothing can be kept any more", function()
    serve("--drain-timeout", "1")
    run(INSERT:format "a")
    store:set "meta=EIO"
    post(INSERT:format "b")
    server:expect_log "(the store is broken, stopping)"
    assert.equal(1, server.process:wait())
    store:work()
    serve()
    assert.equal("a", ids():sub(1, 1))
  end)
end)
