local http = require "spec.support.http"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local App = {}
local KIB = ("0123456789abcdef"):rep(64)

function App:onRequest(request)
  local query = request.query
  if query.sleep then party.sleep(0.03) end
  if query.kib then return party.Response(KIB:rep(tonumber(query.kib))) end
  if query.read then
    if query.late then party.sleep(0.05) end
    return party.Response(tostring(#request:text()))
  end
  return party.Response(query.say or "ok")
end

return App
]]

local ROOM = "/party/room"

local function get(query) return http.format("GET", ROOM .. query) end

local function post(query, body) return http.format("POST", ROOM .. query, { body = body }) end

describe("a client that has ended its side", function()
  local server, tcp
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)
  before_each(function() tcp = server:tcp(4096) end)

  --- Sends all of it and the end, and gives the bodies of the answers up to the server's end.
  local function say(...)
    tcp:send(table.concat { ... })
    tcp:finish()
    local bodies = {}
    while true do
      local answer = http.read(tcp)
      if not answer then return bodies end
      bodies[#bodies + 1] = answer.body
    end
  end

  it("gets its answers, quick and slow ones", function()
    assert.same({ "ok" }, say(get ""))
    tcp = server:tcp()
    assert.same({ "ok" }, say(get "?sleep=1"))
    tcp = server:tcp()
    assert.same({ "1", "ok", "2", "3" },
      say(get "?say=1", get "?sleep=1", get "?say=2", get "?sleep=1&say=3"))
  end)

  it("gets more answers than the kernel takes at once", function()
    local bodies = say(get("?kib=512"):rep(30), get "?sleep=1&kib=1", get "?say=last")
    assert.equal(32, #bodies)
    for i = 1, 30 do assert.equal(512 * 1024, #bodies[i]) end
    assert.same({ 1024, "last" }, { #bodies[31], bodies[32] })
  end)

  it("is heard to the end of its body, however late the hook reads", function()
    local body = ("x"):rep(3000000)
    assert.same({ "3000000", "ok" }, say(post("?read=1&late=1", body), get ""))
  end)

  it("is answered before the end of a request that it cut short", function()
    local cut = { get("?kib=1"):sub(1, 20), (post("?read=1", "body"):sub(1, -2)),
      post("?read=1", ("x"):rep(900000)):sub(1, -2), "\r\n", "GET" }
    for _, rest in ipairs(cut) do
      tcp = server:tcp(4096)
      local bodies = say(get "?kib=8000", get "?sleep=1", rest)
      assert.same({ 8000 * 1024, "ok" }, { #bodies[1], bodies[2] })
      assert.equal(2, #bodies)
    end
  end)

  it("and says nothing gets nothing", function()
    assert.same({}, say())
    tcp = server:tcp()
    assert.same({}, say "\r\n\r\n")
  end)
end)
