local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local Response = party.Response
local Room = {}
function Room:onBeforeRequest(request)
  if request.query.deny then return Response("no", { status = 403 }) end
  if request.query.raise then error("not today", 0) end
end
function Room:onRequest(request)
  if request.query.own then
    return Response("own", { headers = { ["Access-Control-Allow-Origin"] = "https://own" } })
  end
  if request.query.stream then return Response(function(write) write "in pieces" end) end
  if request.query.fail then error "failed" end
  return Response(request.method)
end
function Room:onFetch(request) return Response(request.method) end
return Room
]]

local ROOM = "/parties/main/a"
local PREFLIGHT = { headers = { "Origin: https://a", "Access-Control-Request-Method: POST" } }

describe("rooms for pages of other origins", function()
  local server
  local function serve(config, options)
    local path, folder = party.write_file("app.lua", APP)
    party.write_file("partylua.json", config, folder)
    server = party.serve(path, options, folder)
  end
  after_each(function() server:stop() end)

  local function origin(answer) return answer.headers["access-control-allow-origin"] end

  it("have headers on every answer of a room's URL, whoever has made it", function()
    serve '{ "cors": true }'
    for query, status in pairs {
      [""] = 200, ["?deny=1"] = 403, ["?raise=1"] = 401, ["?fail=1"] = 500, ["?stream=1"] = 200,
    } do
      local answer = server:get(ROOM .. query)
      assert.same({ status, "*" }, { answer.status, origin(answer) })
    end
    assert.same({ "https://own", "own" }, { origin(server:get(ROOM .. "?own=1")),
      server:get(ROOM .. "?own=1").body })
    assert.is_nil(origin(server:get "/elsewhere"))
    assert.is_nil(origin(server:connect(ROOM).answer))
  end)

  it("have headers on what the server itself refuses", function()
    serve('{ "cors": true }', { "--trusted-proxies", "127.0.0.1",
      "--max-connections-per-address", "1", "--body-bytes", "10" })
    local unknown = server:get "/parties/nosuch/a"
    assert.same({ 404, "*" }, { unknown.status, origin(unknown) })
    local large = server:request("POST", ROOM, { body = ("x"):rep(100) })
    assert.same({ 413, "*" }, { large.status, origin(large) })
    local held = server:connect(ROOM, { headers = { "X-Forwarded-For: 9.9.9.9" } })
    local crowded = server:request("GET", ROOM, { headers = { "X-Forwarded-For: 9.9.9.9" } })
    assert.same({ 503, "*" }, { crowded.status, origin(crowded) })
    held:close()
  end)

  it("have preflights answered without the hooks", function()
    serve '{ "cors": true }'
    local answer = server:request("OPTIONS", ROOM .. "?deny=1", PREFLIGHT)
    assert.same({ 204, "*", "GET, POST, HEAD, OPTIONS", "*", "86400", "" }, { answer.status,
      origin(answer), answer.headers["access-control-allow-methods"],
      answer.headers["access-control-allow-headers"], answer.headers["access-control-max-age"],
      answer.body })
    assert.equal("OPTIONS", server:request("OPTIONS", ROOM).body) -- a request like any other
    assert.equal("OPTIONS", server:request("OPTIONS", "/elsewhere", PREFLIGHT).body)
  end)

  it("have the headers that are named", function()
    serve '{ "cors": { "Access-Control-Allow-Origin": "https://a.example" } }'
    local answer = server:get(ROOM)
    assert.equal("https://a.example", origin(answer))
    assert.is_nil(answer.headers["access-control-max-age"])
  end)

  it("have no such headers unless they are asked for", function()
    serve "{}"
    assert.is_nil(origin(server:get(ROOM)))
    assert.equal("OPTIONS", server:request("OPTIONS", ROOM, PREFLIGHT).body)
  end)
end)
