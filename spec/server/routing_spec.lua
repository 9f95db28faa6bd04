local http = require "spec.support.http"
local json = require "partylua.json"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local Room = {}

function Room:describe(request)
  self.requests = (self.requests or 0) + 1
  return party.json.encode { party = self.room.name, id = self.room.id, path = request.path,
    search = request.search, requests = request.query.count and self.requests }
end

function Room:onRequest(request) return party.Response(self:describe(request)) end
function Room:onConnect(conn, ctx) conn:send(self:describe(ctx.request)) end

return Room
]]

--- Serves a project of its own: the app, a second party, and what else its files are.
local function serve(config, files, app)
  local path, folder = party.write_file("app.lua", app or APP)
  party.write_file("user.lua", APP, folder)
  party.write_file("partylua.json", config, folder)
  for name, text in pairs(files or {}) do party.write_file(name, text, folder) end
  return party.serve(path, nil, folder), folder
end

describe("a URL", function()
  local server
  setup(function()
    server = serve('{ "main": "app.lua", "parties": { "user": "user.lua" } }')
  end)
  teardown(function() server:stop() end)

  for path, expected in pairs {
    ["/party/abc"] = { "main", "abc" },
    ["/party/abc/"] = { "main", "abc" },
    ["/party/abc?x=/y"] = { "main", "abc" },
    ["/party/abc/below/and/more?x=1&y"] = { "main", "abc" },
    ["/parties/main/abc"] = { "main", "abc" },
    ["/parties/user/ada"] = { "user", "ada" },
    ["/parties/user/ada/settings/x"] = { "user", "ada" },
    ["/party/my%20room"] = { "main", "my%20room" },
    ["/party/a%2Fb/c"] = { "main", "a%2Fb" },
    ["/party/abc//"] = { "main", "abc" },
    ["/party/main"] = { "main", "main" },
    ["/party/a/../b"] = { "main", "b", "/party/b" },
    ["/party/a/./b"] = { "main", "a", "/party/a/b" },
    ["/party/a/%2e%2e/b"] = { "main", "b", "/party/b" },
    ["/x/../party/a"] = { "main", "a", "/party/a" },
    ["/../../party/a"] = { "main", "a", "/party/a" },
    ["/party/%C3%A4"] = { "main", "%C3%A4" },
    ["/party/a;b=1,2:3@4"] = { "main", "a;b=1,2:3@4" },
  } do
    it(("%s leads to room %s of %s"):format(path, expected[2], expected[1]), function()
      local bare, search = path:match "^([^?]*)(.*)$"
      local wanted = { party = expected[1], id = expected[2], path = expected[3] or bare,
        search = search }
      assert.same(wanted, json.decode(server:get(path).body))
      assert.same(wanted, json.decode(server:connect(path):receive()))
    end)
  end

  for path, expected in pairs {
    ["/"] = "Not found", ["/party"] = "Not found", ["/party/"] = "Not found",
    ["/party//abc"] = "Not found", ["/parties"] = "Not found", ["/parties/"] = "Not found",
    ["/parties/user"] = "Not found", ["/parties/user/"] = "Not found",
    ["/Party/abc"] = "Not found", ["/PARTIES/main/abc"] = "Not found",
    ["/partying/abc"] = "Not found", ["/x/party/abc"] = "Not found",
    ["/%70arty/abc"] = "Not found", ["/party/a/../.."] = "Not found",
    ["/parties/nosuch/abc"] = "Party nosuch not found",
    ["/parties/Main/abc"] = "Party Main not found",
    ["/parties/constructor/x"] = "Party constructor not found",
    ["/parties/__index/x"] = "Party __index not found",
    ["/parties/(socket)/1"] = "Party (socket) not found",
    ["/parties//abc"] = "Party  not found",
  } do
    it(("%s leads nowhere: 404 %s"):format(path, expected), function()
      local answer = server:get(path)
      assert.same({ 404, expected }, { answer.status, answer.body })
      answer = server:connect(path).answer
      assert.same({ 404, expected }, { answer.status, answer.body })
    end)
  end

  it("of one room reaches it in both spellings", function()
    local function age(path) return json.decode(server:get(path).body).requests end
    assert.equal(1, age "/party/twice?count=1")
    assert.equal(2, age "/parties/main/twice?count=1")
    assert.equal(1, age "/parties/user/twice?count=1")
    assert.equal(1, age "/party/once?count=1")
  end)

  it("that is none is refused with 400", function()
    for _, target in ipairs { "*", "abc", "http://", "ftp://x/party/abc" } do
      assert.equal(400, server:get(target).status)
    end
  end)
end)

describe("static files", function()
  local server, folder
  setup(function()
    server, folder = serve('{ "main": "app.lua", "serve": "public" }', {
      ["public/index.html"] = "<p>home</p>",
      ["public/sub/index.html"] = "<p>sub</p>",
      ["public/app.js"] = "run()",
      ["public/style.css"] = "p {}",
      ["public/data.json"] = "{}",
      ["public/with space.txt"] = "spaced",
      ["public/\195\164.txt"] = "umlaut",
      ["public/README"] = "read",
      ["public/empty.txt"] = "",
      ["public/large.bin"] = ("0123456789abcdef"):rep(65536 * 2),
      ["public/.hidden"] = "secret",
      ["public/.git/config"] = "secret",
      ["public/node_modules/x.js"] = "secret",
      ["public/sub/node_modules/x.js"] = "secret",
      ["public/party/abc"] = "shadowed",
      ["public/404.html"] = "<p>nothing here</p>",
      ["secret.txt"] = "secret",
    })
    assert(os.execute(("cd %q/public && ln -s ../secret.txt link.txt && ln -s .. up "
      .. "&& ln -s app.js inner.js && mkfifo pipe"):format(folder)) == 0)
  end)
  teardown(function() server:stop() end)

  for path, expected in pairs {
    ["/"] = { "<p>home</p>", "text/html;charset=utf-8" },
    ["/?query=1"] = { "<p>home</p>", "text/html;charset=utf-8" },
    ["/index.html"] = { "<p>home</p>", "text/html;charset=utf-8" },
    ["/sub/"] = { "<p>sub</p>", "text/html;charset=utf-8" },
    ["/app.js"] = { "run()", "text/javascript;charset=utf-8" },
    ["/style.css"] = { "p {}", "text/css;charset=utf-8" },
    ["/data.json"] = { "{}", "application/json" },
    ["/with%20space.txt"] = { "spaced", "text/plain;charset=utf-8" },
    ["/%C3%A4.txt"] = { "umlaut", "text/plain;charset=utf-8" },
    ["/%61pp.js"] = { "run()", "text/javascript;charset=utf-8" },
    ["/README"] = { "read", "application/octet-stream" },
    ["/empty.txt"] = { "", "text/plain;charset=utf-8" },
    ["/sub/../app.js"] = { "run()", "text/javascript;charset=utf-8" },
  } do
    it("answer " .. path, function()
      local answer = server:get(path)
      assert.same({ 200, expected[1], expected[2] },
        { answer.status, answer.body, answer.headers["content-type"] })
      local head = server:request("HEAD", path)
      assert.same({ 200, tostring(#expected[1]), "" },
        { head.status, head.headers["content-length"], head.body })
    end)
  end

  it("may be large, one after the other", function()
    local tcp = server:tcp()
    local request = http.format("GET", "/large.bin")
    tcp:send(request .. request .. http.format("GET", "/app.js"))
    for _ = 1, 2 do
      assert.is_true(http.read(tcp).body == ("0123456789abcdef"):rep(65536 * 2))
    end
    assert.equal("run()", http.read(tcp).body)
  end)

  for _, path in ipairs {
    "/nosuch.txt", "/sub", "/about", "/app.js/", "/app.js/x", "/.hidden", "/.git/config",
    "/%2ehidden", "/node_modules/x.js", "/sub/node_modules/x.js", "/link.txt", "/up/secret.txt",
    "/up/public/app.js", "/inner.js", "/pipe", "/../secret.txt", "/%2e%2e/secret.txt",
    "/..%2fsecret.txt", "/sub/..%2f..%2fsecret.txt", "/sub%2f..%2fapp.js", "/..%5csecret.txt",
    "/app.js%00", "/app.js%00.html", "//app.js", "/sub//index.html", "/%", "/%zz",
    "/" .. ("x"):rep(300), "/" .. ("x/"):rep(2000) .. "y",
  } do
    it(("do not answer %.60s"):format(path), function()
      local answer = server:get(path)
      assert.equal(404, answer.status)
      assert.equal("Not Found", answer.reason)
      assert.equal("<p>nothing here</p>", answer.body)
      assert.equal("text/html;charset=utf-8", answer.headers["content-type"])
    end)
  end

  it("are for GET and HEAD only", function()
    local answer = server:request("POST", "/app.js", { body = "x" })
    assert.same({ 404, "<p>nothing here</p>" }, { answer.status, answer.body })
  end)

  it("never stand in the way of a room", function()
    assert.equal("abc", json.decode(server:get("/party/abc").body).id)
  end)

  it("are no WebSockets", function()
    assert.equal(200, server:connect("/app.js").answer.status)
    assert.equal(404, server:connect("/nosuch").answer.status)
  end)
end)

describe("static files and onFetch", function()
  local server
  local app = APP:gsub("return Room\n$", [[
function Room:onFetch(request)
  if request.path ~= "/none" then return party.Response("fetched " .. request.path) end
end
return Room
]])
  local files = { ["public/index.html"] = "home", ["public/app.js"] = "run()",
    ["public/404.html"] = "none" }
  local NAVIGATE = { "Sec-Fetch-Mode: navigate" }

  after_each(function() server:stop() end)

  it("come in this order, and 404.html last", function()
    server = serve('{ "main": "app.lua", "serve": "public" }', files, app)
    assert.equal("run()", server:get("/app.js").body)
    assert.equal("fetched /other.js", server:get("/other.js").body)
    assert.equal("fetched /app.js", server:request("POST", "/app.js").body)
    assert.equal("fetched /page", server:get("/page", NAVIGATE).body)
    local answer = server:get "/none"
    assert.same({ 404, "none" }, { answer.status, answer.body })
  end)

  it("come after what a browser navigates to, in single page mode", function()
    server = serve('{ "main": "app.lua", "serve": { "path": "public", "singlePageApp": true } }',
      files, app)
    local answer = server:get("/some/page", NAVIGATE)
    assert.same({ 200, "home", "text/html;charset=utf-8" },
      { answer.status, answer.body, answer.headers["content-type"] })
    assert.equal("run()", server:get("/app.js", NAVIGATE).body)
    assert.equal("fetched /some/page", server:get("/some/page").body)
    assert.equal("fetched /page",
      server:request("POST", "/page", { headers = NAVIGATE }).body)
    assert.equal(404, server:get("/parties/nosuch/x", NAVIGATE).status)
  end)
end)
