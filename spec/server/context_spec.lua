local json = require "partylua.json"
local party = require "spec.support.party"

--- Every hook tells what it finds in its context, in the same words.
local APP = [[
local party = require "partylua"
local Response = party.Response
local Main, Other = {}, {}

local function kind_of_error(fn, ...)
  return (select(2, pcall(fn, ...)))
end

local function describe(context, ctx)
  local answer = context.parties.other:get("a b"):fetch("/x")
  local socket = context.parties.other:get("a b"):socket "/?_pk=someone"
  local page = context.assets:fetch "/page.txt"
  context.analytics:writeDataPoint { blobs = { "one" } }
  context.analytics:writeDataPoint()
  local found = {
    id = context.id, greeting = context.env.GREETING, room = answer:text(),
    state = socket.readyState, none = context.parties.nosuch == nil, page = page:text(),
    missing = context.assets:fetch "/none" == nil,
    bad_path = tostring(kind_of_error(context.assets.fetch, context.assets, "none")),
    undeclared = context.bindings.r2.other == nil and context.bindings.kv.files == nil,
    bucket = tostring(kind_of_error(function() return context.bindings.r2.files end)),
    space = tostring(kind_of_error(function() return context.bindings.kv.notes end)),
    storage = context.storage == nil, connections = context.getConnections == nil,
  }
  socket:close()
  if ctx then
    ctx:passThroughOnException()
    found.wrong = tostring(kind_of_error(ctx.waitUntil, ctx, "words"))
  end
  return found
end

function Other:onRequest(request) return Response(self.room.id .. " " .. request.path) end

function Main:onBeforeRequest(request, lobby, ctx)
  if request.query.before then return Response.json(describe(lobby, ctx)) end
end
function Main:onBeforeConnect(request, lobby, ctx)
  if request.query.before then return Response.json(describe(lobby, ctx)) end
end
function Main:onRequest() return Response.json(describe(self.room.context)) end
function Main:onConnect(conn) conn:send(party.json.encode(describe(self.room.context))) end
function Main:onFetch(request, lobby, ctx)
  if request.path == "/fetch" then return Response.json(describe(lobby, ctx)) end
  if request.path == "/cron" then return Response.json(Main.of_cron) end
end
function Main:onSocket(socket, lobby, ctx) socket:send(party.json.encode(describe(lobby, ctx))) end
function Main:onCron(_, lobby, ctx) Main.of_cron = describe(lobby, ctx) end

return party.app { main = Main, parties = { other = Other } }
]]

local CONFIG = [[{
  "main": "app.lua", "serve": "public", "vars": { "GREETING": "hello" },
  "bindings": { "r2": { "files": "bucket" }, "kv": { "notes": "id" } }
}]]

describe("the context of a hook", function()
  local server
  setup(function()
    local path, folder = party.write_file("app.lua", APP)
    party.write_file("public/page.txt", "a page", folder)
    party.write_file("partylua.json", CONFIG, folder)
    server = party.serve(path, { "--dev-endpoints" }, folder)
  end)
  teardown(function() server:stop() end)

  local function check(found, id, has_ctx)
    assert.equal(id, found.id)
    assert.equal("hello", found.greeting)
    assert.equal("a%20b /parties/other/a%20b/x", found.room)
    assert.equal(1, found.state)
    assert.equal("a page", found.page)
    for _, name in ipairs { "none", "missing", "undeclared", "storage", "connections" } do
      assert.is_true(found[name], name)
    end
    assert.matches("Path must start with /", found.bad_path, 1, true)
    assert.matches("context.bindings.r2.files is declared in the configuration, but there is no R2 "
      .. "bucket here", found.bucket, 1, true)
    assert.matches("there is no KV namespace here", found.space, 1, true)
    assert.matches("app.lua:%d+: ", found.bucket)
    if has_ctx then assert.matches("waitUntil takes a function, got string", found.wrong) end
  end

  local function get(path) return json.decode(server:get(path).body) end

  it("is the same in a room", function()
    check(get "/party/a")
    check(json.decode(server:connect("/party/a"):receive()))
  end)

  it("has the room's id before the room", function()
    check(get "/party/a?before=1", "a", true)
    check(json.decode(server:connect("/party/a?before=1").answer.body), "a", true)
  end)

  it("has no id where there is no room", function()
    check(get "/fetch", nil, true)
    check(json.decode(server:connect("/socket"):receive()), nil, true)
    assert.equal(200, server:get("/__scheduled__?cron=any").status)
    check(get "/cron", nil, true)
  end)

  it("says once that analytics do nothing", function()
    local _, count = server:log():gsub("writeDataPoint", "")
    assert.equal(1, count)
  end)

  it("is warned of once for bindings that are configured", function()
    assert.matches("without effect here: bindings", server:log(), 1, true)
  end)
end)
