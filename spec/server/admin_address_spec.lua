--- The admin address: a token, and no page of a stranger.

local Process = require "spec.support.process"
local admin = require "spec.support.admin"
local dir = require "pl.dir"
local json = require "partylua.json"
local party = require "spec.support.party"

local APP = "return {\n}"
local TOKEN = "a-token-for-these-specs"

--- Serves with an admin address; gives the server and its admin port.
local function serve(...)
  local server = admin.serve(APP, { "--admin", "127.0.0.1:0", ... })
  return server, tonumber(server:expect_log "admin: listening url=\"?http://127.0.0.1:(%d+)/")
end

local function status_of(port, path, ...)
  return admin.request_at(port, "GET", path, { ... }).status
end

describe("the admin address", function()
  local server, port
  before_each(function() server, port = serve("--admin-token", TOKEN) end)
  after_each(function() server:stop() end)

  it("asks for the token", function()
    for _, path in ipairs { "/api/info", "/metrics", "/api/rooms", "/api/tail", "/api/nothing" } do
      local answer = admin.request_at(port, "GET", path)
      assert.equal(401, answer.status, path)
      assert.matches("token is missing or wrong", json.decode(answer.body).error, 1, true)
    end
    assert.equal(200, status_of(port, "/api/info", "Authorization: Bearer " .. TOKEN))
    assert.equal(200, status_of(port, "/api/info?token=" .. TOKEN))
    assert.equal(404, status_of(port, "/api/nothing?token=" .. TOKEN))
    for _, wrong in ipairs {
      TOKEN:sub(1, -2), TOKEN .. "x", TOKEN:upper(), "", "x", ("x"):rep(#TOKEN), ("x"):rep(10000),
    } do
      assert.equal(401, status_of(port, "/api/info", "Authorization: Bearer " .. wrong), wrong)
      assert.equal(401, status_of(port, "/api/info?token=" .. wrong), wrong)
    end
    assert.equal(401, status_of(port, "/api/info", "Authorization: Basic " .. TOKEN))
  end)

  it("does nothing for whoever has no token", function()
    for _, path in ipairs { "/api/stop", "/api/drain", "/api/reload" } do
      assert.equal(401, admin.request_at(port, "POST", path, {}, "").status)
    end
    assert.equal(200, status_of(port, "/readyz"))
  end)

  it("says without a token whether the server lives", function()
    assert.equal(200, status_of(port, "/healthz"))
    assert.equal(200, status_of(port, "/readyz"))
    assert.same({ 200, "" }, (function(answer) return { answer.status, answer.body } end)(
      admin.request_at(port, "HEAD", "/readyz")))
    assert.equal(403, status_of(port, "/healthz", "Host: rebound.example"))
  end)

  it("refuses the names that strangers can make to point here", function()
    local bearer = "Authorization: Bearer " .. TOKEN
    for _, host in ipairs {
      "rebound.example", "rebound.example:" .. port, "localhost.example", "127.0.0.1.example",
      "127.0.0.1@rebound.example", "[::1].example", "127.0.0.1 .example", "0x7f000001",
    } do
      local status = status_of(port, "/api/info", bearer, "Host: " .. host)
      assert.is_true(status == 403 or status == 400, host .. " " .. status)
    end
    for _, host in ipairs { "localhost", "LOCALHOST:" .. port, "127.0.0.1:1", "[::1]:" .. port } do
      assert.equal(200, status_of(port, "/api/info", bearer, "Host: " .. host), host)
    end
  end)

  it("refuses the pages of other origins", function()
    local bearer = "Authorization: Bearer " .. TOKEN
    for _, origin in ipairs {
      "http://evil.example", "null", "https://127.0.0.1:" .. port, "http://127.0.0.1:1",
      "http://127.0.0.1:" .. server.port, "http://localhost:" .. port,
    } do
      assert.equal(403, status_of(port, "/api/info", bearer, "Origin: " .. origin), origin)
      assert.equal(403, status_of(port, "/", "Origin: " .. origin), origin)
    end
    assert.equal(200, status_of(port, "/api/info", bearer, "Origin: http://127.0.0.1:" .. port))
  end)

  it("leaves to the socket what is not for it", function()
    local answer = admin.request_at(port, "POST",
      "/api/storage/apply?party=main&room=a&token=" .. TOKEN, {}, "")
    assert.equal(403, answer.status)
    assert.equal(200, admin.request(server.data, "POST",
      "/api/storage/apply?party=main&room=a", "").status)
  end)

  it("has the inspector, all of it, which loads nothing from elsewhere", function()
    local files = dir.getfiles "lualib/partylua/inspector"
    assert.is_true(#files > 10)
    for _, path in ipairs(files) do
      local name = path:match "[^/]*$"
      local answer = admin.request_at(port, "GET", name == "index.html" and "/" or "/" .. name)
      assert.equal(200, answer.status, name)
      assert.equal(assert(io.open(path)):read "*a", answer.body)
      assert.matches("default-src 'self'", answer.headers["content-security-policy"], 1, true)
      assert.equal("DENY", answer.headers["x-frame-options"])
      for url in answer.body:gmatch "https?://[%w.]+" do
        assert.equal("http://www.w3.org", url, name) -- a name of SVG's, which nobody fetches
      end
    end
  end)

  it("does not tell the log a token that it was given", function()
    assert.is_nil(server:log():find(TOKEN, 1, true))
  end)
end)

describe("an admin address without a token of its own", function()
  it("makes one, which the log names", function()
    local server, port = serve()
    local token = server:expect_log "%?token=(%x+)"
    assert.equal(32, #token)
    assert.equal(200, status_of(port, "/api/info?token=" .. token))
    server:stop()
    local other = serve()
    assert.not_equal(token, (other:expect_log "%?token=(%x+)"))
    other:stop()
  end)

  it("answers further names when it is told so", function()
    local server, port = serve("--admin-hosts", "admin.example,other.example")
    assert.equal(200, status_of(port, "/healthz", "Host: admin.example"))
    assert.equal(200, status_of(port, "/healthz", "Host: Other.Example:80"))
    assert.equal(403, status_of(port, "/healthz", "Host: more.example"))
    server:stop()
  end)
end)

describe("--admin", function()
  local function complaint(...)
    local path = party.write_file("app.lua", APP)
    local code, output = Process.run { party.program, "serve", path, "--port", "0", "--data",
      party.make_folder() .. "/data", ... }
    assert.equal(1, code, output)
    return output
  end

  it("takes an address with a port", function()
    for _, wrong in ipairs { "1998", "localhost:1998", "127.0.0.1", "127.0.0.1:70000", "::1:5" } do
      assert.matches("%-%-admin must be an address with a port", complaint("--admin", wrong))
    end
  end)

  it("has to be meant when other machines can reach it", function()
    assert.equal("partylua: --admin 0.0.0.0:0 can be reached from other machines\n  hint: use "
      .. "127.0.0.1, or say that it is meant with --admin-remote yes\n",
      complaint("--admin", "0.0.0.0:0"))
    local server = admin.serve(APP, { "--admin", "0.0.0.0:0", "--admin-remote", "yes" })
    server:expect_log "(admin: listening)"
    server:stop()
  end)

  it("takes a token that cannot be guessed", function()
    assert.matches("%-%-admin%-token must be at least 16 letters", complaint("--admin",
      "127.0.0.1:0", "--admin-token", "short"))
  end)

  it("says when another program listens there", function()
    local server, port = serve()
    assert.matches("cannot listen on the admin address 127.0.0.1 port " .. port,
      complaint("--admin", "127.0.0.1:" .. port), 1, true)
    server:stop()
  end)
end)
