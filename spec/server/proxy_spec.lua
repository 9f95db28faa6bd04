local http = require "spec.support.http"
local json = require "partylua.json"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local Main = {}
local function describe(request)
  return { address = request.address, url = request.url, cf = request.cf }
end
function Main:onConnect(conn, ctx)
  conn:send(party.json.encode { address = ctx.request.address, uri = conn.uri })
end
function Main:onFetch(request, lobby)
  if request.path == "/stub" then return lobby.parties.main:get("a"):fetch() end
  if request.path == "/wait" then
    party.log.info "waiting"
    while not Main.is_released do party.sleep(0.005) end
  end
  if request.path == "/release" then Main.is_released = true end
  return party.Response.json(describe(request))
end
function Main:onRequest(request) return party.Response.json(describe(request)) end
return Main
]]

local function serve(config, arguments)
  local path, folder = party.write_file("app.lua", APP)
  party.write_file("partylua.json", config or "{}", folder)
  return party.serve(path, arguments, folder)
end

describe("behind a trusted proxy", function()
  local server
  after_each(function() server:stop() end)

  local function ask(...)
    return json.decode(server:get("/", { ... }).body)
  end

  it("a request has the address of the client, wherever it was asked for", function()
    server = serve('{ "trustedProxies": ["127.0.0.1", "10.0.0.0/8"] }')
    for list, address in pairs {
      ["192.0.2.7"] = "192.0.2.7",
      ["192.0.2.7, 10.1.2.3"] = "192.0.2.7", -- by way of another trusted proxy
      ["6.6.6.6, 192.0.2.7"] = "192.0.2.7", -- what the client says of itself
      ["2001:DB8::1"] = "2001:db8::1",
      ["[2001:db8::1]:4711"] = "2001:db8::1",
      ["192.0.2.7:4711"] = "192.0.2.7",
      ["10.0.0.1, 10.0.0.2"] = "10.0.0.1", -- nobody but proxies
      ["192.0.2.7, unknown, 10.0.0.2"] = "10.0.0.2", -- nobody knows who is behind that one
      ["unknown"] = "127.0.0.1",
      ["2001:db8::1:nonsense"] = "127.0.0.1",
      [""] = "127.0.0.1",
      [" , ,"] = "127.0.0.1",
    } do
      assert.equal(address, ask("X-Forwarded-For: " .. list).address, list)
    end
    local twice = ask("X-Forwarded-For: 192.0.2.7", "X-Forwarded-For: 10.0.0.1")
    assert.equal("192.0.2.7", twice.address)
    local socket = server:connect("/party/a", { headers = { "X-Forwarded-For: 192.0.2.9" } })
    assert.equal("192.0.2.9", json.decode(socket:receive()).address)
  end)

  it("a request that came over TLS has an https URL", function()
    server = serve('{ "trustedProxies": ["127.0.0.0/8"] }')
    assert.matches("^https://", ask("X-Forwarded-Proto: https").url)
    assert.matches("^https://", ask("X-Forwarded-Proto: HTTPS").url)
    assert.matches("^http://", ask("X-Forwarded-Proto: http").url)
    assert.matches("^http://", ask("X-Forwarded-Proto: gopher").url)
    local socket = server:connect("/party/a", { headers = { "X-Forwarded-Proto: https" } })
    assert.matches("^https://[^/]+/party/a", json.decode(socket:receive()).uri)
    assert.matches("^http://test/parties/main/a", json.decode(server:get("/stub").body).url)
  end)

  it("each client has connections of its own to count", function()
    server = serve(nil, { "--trusted-proxies", "127.0.0.1", "--max-connections-per-address", "2" })
    local function connect(address)
      return server:connect("/party/a", { headers = { "X-Forwarded-For: " .. address } })
    end
    local kept = { connect "192.0.2.1", connect "192.0.2.1", connect "192.0.2.2" }
    for _, socket in ipairs(kept) do assert.equal(101, socket.answer.status) end
    local refused = connect "192.0.2.1".answer
    assert.same({ 503, "1" }, { refused.status, refused.headers["retry-after"] })
    assert.equal(503, server:get("/", { "X-Forwarded-For: 192.0.2.1" }).status)
    assert.equal(200, server:get("/", { "X-Forwarded-For: 192.0.2.3" }).status)
    kept[1]:drop()
    party.eventually("there is room again", function()
      return connect "192.0.2.1".answer.status == 101
    end)
  end)

  it("requests of a client count while they are answered", function()
    server = serve(nil, { "--trusted-proxies", "127.0.0.1", "--max-connections-per-address", "1" })
    local function begin(tcp, path, address)
      tcp:send(("GET %s HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\n\r\n"):format(path, address))
    end
    local first, second = server:tcp(), server:tcp()
    for _ = 1, 3 do -- one after the other they are never more than one
      begin(first, "/", "192.0.2.1")
      assert.equal(200, http.read(first).status)
    end
    begin(first, "/wait", "192.0.2.1")
    server:expect_log "waiting"
    begin(second, "/", "192.0.2.1")
    assert.equal(503, http.read(second).status)
    begin(second, "/", "192.0.2.2")
    assert.equal(200, http.read(second).status)
    server:get "/release"
    assert.equal(200, http.read(first).status)
    begin(second, "/", "192.0.2.1")
    assert.equal(200, http.read(second).status)
  end)

  it("cf has what usual networks say of the client's place", function()
    server = serve('{ "trustedProxies": ["127.0.0.1"] }')
    assert.same({ country = "PL", city = "Gdańsk", latitude = "54.35" },
      ask("CF-IPCountry: PL", "CF-IPCity: Gdańsk", "CF-IPLatitude: 54.35").cf)
    assert.same({ country = "SE", asn = 3301, postalCode = "411 01" }, ask(
      "CloudFront-Viewer-Country: SE", "CloudFront-Viewer-ASN: 3301",
      "CloudFront-Viewer-Postal-Code: 411 01").cf)
    assert.same({ country = "GB", city = "São Paulo" },
      ask("X-Vercel-IP-Country: gb", "X-Vercel-IP-City: S%C3%A3o%20Paulo").cf)
    for _, unknown in ipairs { "XX", "ZZ", "", "Poland" } do
      assert.same({}, ask("CF-IPCountry: " .. unknown).cf)
    end
    assert.same({}, ask().cf)
  end)

  it("cf has what the configuration names", function()
    server = serve [[{ "trustedProxies": ["127.0.0.1"], "cf": {
      "country": "X-My-Country", "city": false, "colo": ["X-Rack", "X-Hall"] } }]]
    assert.same({ country = "NO", colo = "7", regionCode = "03" }, ask("X-My-Country: no",
      "CF-IPCountry: PL", "CF-IPCity: Oslo", "X-Hall: 7", "CF-Region-Code: 03").cf)
    server:stop()
    server = serve '{ "trustedProxies": ["127.0.0.1"], "cf": false }'
    assert.same({}, ask("CF-IPCountry: PL").cf)
  end)
end)

describe("from anybody else", function()
  it("headers of proxies say nothing", function()
    local server = serve('{ "trustedProxies": ["10.0.0.1"] }')
    local answer = json.decode(server:get("/", { "X-Forwarded-For: 192.0.2.7",
      "X-Forwarded-Proto: https", "CF-IPCountry: PL" }).body)
    assert.same({ "127.0.0.1", "http://test/", {} }, { answer.address, answer.url, answer.cf })
    server:stop()
  end)

  it("room code has no address", function()
    local server = serve()
    assert.is_nil(json.decode(server:get("/stub").body).address)
    server:stop()
  end)
end)
