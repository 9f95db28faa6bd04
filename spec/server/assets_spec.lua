local WebSocket = require "spec.support.websocket"
local http = require "spec.support.http"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local Main = {}
function Main:onFetch(request, lobby)
  if request.query.nothing then return nil end
  local ok, response = pcall(lobby.assets.fetch, lobby.assets, request.query.asset or "none")
  if not ok then return party.Response(response, { status = 400 }) end
  return response or party.Response "no such asset"
end
function Main:onRequest(request)
  return self.room.context.assets:fetch(request.query.asset) or party.Response "no such asset"
end
return Main
]]

local FILES = {
  ["public/index.html"] = "<p>home</p>",
  ["public/app.js"] = "run()",
  ["public/app.js.br"] = "brotli bytes",
  ["public/app.js.gz"] = "gzip bytes",
  ["public/one.css"] = "p {}",
  ["public/one.css.gz"] = "gzip css",
  ["public/pic.png"] = "picture",
  ["public/pic.png.gz"] = "nonsense",
  ["public/digits.txt"] = "0123456789",
  ["public/404.html"] = "<p>none</p>",
  ["secret.txt"] = "from elsewhere",
}

local function serve(config, wrapper)
  local path, folder = party.write_file("app.lua", APP)
  party.write_file("partylua.json", ('{ "main": "app.lua", "serve": %s }'):format(config), folder)
  for name, text in pairs(FILES) do party.write_file(name, text, folder) end
  -- All of one time: a compressed file that is a second older than its original is not sent.
  assert(os.execute(("cd %q/public && touch -d @1700000000 * && ln -s ../secret.txt link.txt "
    .. "&& ln -s .. up"):format(folder)) == 0)
  return party.serve(path, nil, folder, wrapper), folder
end

describe("a static file", function()
  local server, folder
  setup(function() server, folder = serve '"public"' end)
  teardown(function() server:stop() end)

  it("has a strong tag and a date, by which it is not sent again", function()
    local first = server:get "/digits.txt"
    local tag, date = first.headers.etag, first.headers["last-modified"]
    assert.matches('^"[%x-]+"$', tag)
    assert.matches("^%a%a%a, %d%d %a%a%a %d%d%d%d %d%d:%d%d:%d%d GMT$", date)
    for _, header in ipairs { "If-None-Match: " .. tag, "If-Modified-Since: " .. date } do
      local again = server:get("/digits.txt", { header })
      assert.same({ 304, "", tag, first.headers["cache-control"] },
        { again.status, again.body, again.headers.etag, again.headers["cache-control"] })
      assert.is_nil(again.headers["content-type"])
    end
    assert.equal(304, server:request("HEAD", "/digits.txt",
      { headers = { "If-None-Match: " .. tag } }).status)
    assert.equal(412, server:get("/digits.txt", { 'If-Match: "x"' }).status)
  end)

  it("has another tag when it has changed, though its size and date have not", function()
    party.write_file("public/changing.txt", "one", folder)
    local first = server:get("/changing.txt").headers.etag
    assert.equal(first, server:get("/changing.txt").headers.etag)
    party.write_file("public/changing.txt", "two", folder)
    assert(os.execute(("touch -d @1000000000 %q/public/changing.txt"):format(folder)) == 0)
    local answer = server:get("/changing.txt", { "If-None-Match: " .. first })
    assert.same({ 200, "two" }, { answer.status, answer.body })
    assert.equal("Sun, 09 Sep 2001 01:46:40 GMT", answer.headers["last-modified"])
  end)

  it("gives a part of itself", function()
    local part = server:get("/digits.txt", { "Range: bytes=2-5" })
    assert.same({ 206, "2345", "bytes 2-5/10", "4", "bytes" },
      { part.status, part.body, part.headers["content-range"], part.headers["content-length"],
        part.headers["accept-ranges"] })
    assert.equal("789", server:get("/digits.txt", { "Range: bytes=-3" }).body)
    local none = server:get("/digits.txt", { "Range: bytes=10-" })
    assert.same({ 416, "bytes */10" }, { none.status, none.headers["content-range"] })
    assert.equal(200, server:get("/digits.txt", { "Range: bytes=0-1,4-5" }).status)
    local changed = server:get("/digits.txt", { "Range: bytes=2-5", 'If-Range: "x"' })
    assert.same({ 200, "0123456789" }, { changed.status, changed.body })
    local head = server:request("HEAD", "/digits.txt", { headers = { "Range: bytes=2-5" } })
    assert.same({ 200, "10" }, { head.status, head.headers["content-length"] })
  end)

  it("is sent compressed to those who take that", function()
    for accepted, expected in pairs {
      [""] = { "run()" }, ["gzip"] = { "gzip bytes", "gzip" },
      ["gzip, br"] = { "brotli bytes", "br" },
      ["br;q=0.5, gzip"] = { "gzip bytes", "gzip" }, ["br;q=0, gzip;q=0"] = { "run()" },
      ["*"] = { "brotli bytes", "br" },
    } do
      local answer = server:get("/app.js", { "Accept-Encoding: " .. accepted })
      assert.same({ 200, expected[1], expected[2], "accept-encoding",
        "text/javascript;charset=utf-8" }, { answer.status, answer.body,
        answer.headers["content-encoding"], answer.headers.vary, answer.headers["content-type"] })
    end
    local css = server:get("/one.css", { "Accept-Encoding: br" })
    assert.same({ "p {}", "accept-encoding" }, { css.body, css.headers.vary })
    local picture = server:get("/pic.png", { "Accept-Encoding: gzip" })
    assert.same({ "picture" }, { picture.body, picture.headers["content-encoding"] })
    local plain, packed = server:get "/app.js", server:get("/app.js", { "Accept-Encoding: br" })
    assert.not_equal(plain.headers.etag, packed.headers.etag)
  end)

  it("is not sent in a compressed form that is older", function()
    party.write_file("public/old.js", "new", folder)
    party.write_file("public/old.js.gz", "old", folder)
    assert(os.execute(("touch -d @1000000000 %q/public/old.js.gz"):format(folder)) == 0)
    assert.equal("new", server:get("/old.js", { "Accept-Encoding: gzip" }).body)
  end)

  it("leaves no file open", function()
    local before = server:descriptor_count()
    for _ = 1, 20 do
      server:get("/app.js", { "Accept-Encoding: gzip" })
      server:get("/app.js", { "If-None-Match: *" })
      server:get("/digits.txt", { "Range: bytes=10-" })
      server:request("HEAD", "/app.js")
      server:get "/nosuch?nothing=1"
    end
    party.eventually("the sockets are closed", function()
      return server:descriptor_count() <= before
    end)
  end)

  it("asks to be asked for again, without browserTTL", function()
    assert.equal("public, max-age=0, must-revalidate", server:get("/").headers["cache-control"])
  end)

  it("stays inside its folder", function()
    for _, path in ipairs {
      "/link.txt", "/up/secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt",
    } do
      assert.equal(404, server:get(path .. "?nothing=1").status)
      assert.equal("no such asset", server:get("/x?asset=" .. path).body)
    end
  end)

  it("is there for hooks and rooms", function()
    local answer = server:get "/x?asset=/app.js%3Fq"
    assert.same({ 200, "run()", "text/javascript;charset=utf-8" },
      { answer.status, answer.body, answer.headers["content-type"] })
    assert.equal("<p>home</p>", server:get("/parties/main/a?asset=/").body)
    assert.equal("no such asset", server:get("/parties/main/a?asset=/nosuch").body)
    assert.same({ 400, "Path must start with /" },
      { server:get("/x?asset=app.js").status, server:get("/x?asset=app.js").body })
  end)

  it("says that there is nothing, without conditions", function()
    local answer = server:get("/nosuch?nothing=1", { "If-None-Match: *", "Range: bytes=0-1" })
    assert.same({ 404, "Not Found", "<p>none</p>" },
      { answer.status, answer.reason, answer.body })
  end)
end)

describe("the configuration of static files", function()
  local server
  after_each(function() server:stop() end)

  it("says for how long they are kept", function()
    server = serve '{ "path": "public", "browserTTL": 60, "edgeTTL": 3600 }'
    assert.equal("public, max-age=60, s-maxage=3600", server:get("/").headers["cache-control"])
  end)

  it("may allow symbolic links", function()
    server = serve '{ "path": "public", "symlinks": true }'
    assert.equal("from elsewhere", server:get("/link.txt").body)
    assert.equal(404, server:get("/up/../../secret.txt?nothing=1").status)
  end)

  it("may let pages of other origins read them", function()
    server = serve '{ "path": "public", "cors": true }'
    local preflight = { headers = { "Access-Control-Request-Method: GET", "Origin: http://a" } }
    assert.equal("*", server:get("/app.js").headers["access-control-allow-origin"])
    local answer = server:request("OPTIONS", "/app.js", preflight)
    assert.same({ 204, "*", "GET, POST, HEAD, OPTIONS", "*", "86400" }, { answer.status,
      answer.headers["access-control-allow-origin"],
      answer.headers["access-control-allow-methods"],
      answer.headers["access-control-allow-headers"], answer.headers["access-control-max-age"] })
    assert.equal(404, server:request("OPTIONS", "/nosuch?nothing=1", preflight).status)
    assert.equal("no such asset", server:request("OPTIONS", "/app.js?asset=/none").body)
  end)

  it("may name the headers for them", function()
    server = serve [[{ "path": "public",
      "cors": { "Access-Control-Allow-Origin": "https://a.example" } }]]
    local answer = server:get "/app.js"
    assert.equal("https://a.example", answer.headers["access-control-allow-origin"])
    assert.is_nil(answer.headers["access-control-max-age"])
  end)

  it("that cannot be opened for lack of descriptors is answered with 503, not 404", function()
    server = serve('"public"', { "sh", "-c", 'ulimit -n 40; exec "$0" "$@"' })
    local tcp, kept, refused = server:tcp(), {}, nil
    local function ask()
      tcp:send(http.format("GET", "/app.js"))
      return http.read(tcp)
    end
    assert.equal(200, ask().status)
    party.eventually("they run out", function()
      local socket = WebSocket.begin(server.port, "/party/room")
      local answer = socket:finish_handshake()
      if answer.status == 101 then kept[#kept + 1] = socket else refused = answer end
      return refused
    end)
    local answer = ask()
    assert.same({ 503, "1" }, { answer.status, answer.headers["retry-after"] })
    for _, socket in ipairs(kept) do socket:drop() end
    party.eventually("it can be opened again", function() return ask().status == 200 end)
  end)
end)
