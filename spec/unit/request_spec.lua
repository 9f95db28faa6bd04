local Headers = require "partylua.headers"
local Request = require "partylua.request"
local binary = require "partylua.binary"
local url = require "partylua.url"

--- A double of the native exchange that counts what it is asked.
local function exchange_of(fields)
  local asked, chunks = {}, fields.chunks or {}
  local exchange = { asked = asked }
  local function answer(name, give)
    exchange[name] = function(self, ...)
      assert(self == exchange)
      asked[name] = (asked[name] or 0) + 1
      return give(...)
    end
  end
  answer("method", function() return fields.method or "GET" end)
  answer("url", function() return fields.url or "http://host/parties/main/room" end)
  answer("address", function() return "192.0.2.7" end)
  answer("is_forwarded", function() return false end)
  answer("has_body", function() return fields.chunks ~= nil end)
  answer("read", function() return table.remove(chunks, 1) end)
  answer("headers", function()
    local list = {}
    for i, text in ipairs(fields.headers or {}) do list[i] = text end
    return list
  end)
  return exchange
end

local function request_of(fields)
  return Request.from_native(exchange_of(fields))
end

local function refused(message, call)
  local ok, raised = pcall(call)
  assert.is_false(ok)
  assert.matches("request_spec.lua:%d+: ", raised)
  assert.is_truthy(raised:find(message, 1, true), raised)
end

describe("a request that was received", function()
  it("answers from its exchange, and asks only for what is read, once", function()
    local exchange = exchange_of { method = "POST", headers = { "x-a", "1" } }
    local request = Request.from_native(exchange)
    assert.same({}, exchange.asked)
    for _ = 1, 2 do
      assert.equal("POST", request.method)
      assert.equal("http://host/parties/main/room", request.url)
      assert.equal("192.0.2.7", request.address)
      assert.equal("1", request.headers:get "X-A")
    end
    assert.same({ method = 1, url = 1, address = 1, headers = 1 }, exchange.asked)
  end)

  it("has path and search as they were sent", function()
    local request = request_of { url = "http://h:1/parties/http/my%20room/a%2Fb?x=%C3%A9&y" }
    assert.equal("/parties/http/my%20room/a%2Fb", request.path)
    assert.equal("?x=%C3%A9&y", request.search)
    for text, parts in pairs {
      ["http://h/a"] = { "/a", "" },
      ["http://h/a?"] = { "/a", "" },
      ["http://h/"] = { "/", "" },
      ["http://h"] = { "/", "" },
      ["http://h?q"] = { "/", "?q" },
      ["http://h/a?b?c/d"] = { "/a", "?b?c/d" },
      ["http://h/a#b?c"] = { "/a", "" },
      ["http://h/a?b#c"] = { "/a", "?b" },
      ["http://[::1]:80/a"] = { "/a", "" },
      ["http://h/http://x/?y"] = { "/http://x/", "?y" },
    } do
      local other = request_of { url = text }
      assert.same(parts, { other.path, other.search })
      local search_first = request_of { url = text }
      assert.same(parts[2], search_first.search)
    end
  end)

  it("has the first value of each parameter in query, all of them in searchParams", function()
    local request = request_of { url = "http://h/?a=1%20%2B%201&a=two+words&b=%C3%A9" }
    assert.same({ a = "1 + 1", b = "é" }, request.query)
    assert.equal(request.query, request.query)
    assert.same({ "1 + 1", "two words" }, request.searchParams:getAll "a")
    assert.same({}, request_of({}).query)
  end)

  it("has an empty cf that can be filled", function()
    local request = request_of {}
    assert.is_nil(request.cf.country)
    request.cf.country = "GB"
    assert.equal("GB", request.cf.country)
    assert.is_nil(request_of({}).cf.country)
  end)

  it("shows changed headers to whoever gets it later", function()
    local request = request_of { headers = { "x-a", "1", "x-b", "2" } }
    request.headers:set("x-gate", "onBeforeRequest")
    request.headers:delete "x-a"
    local function later(given) return given.headers:get "x-gate", given.headers:get "x-a" end
    assert.same({ "onBeforeRequest" }, { later(request) })
    assert.equal(request.headers, request:flat_headers())
  end)

  it("reads its body from the exchange", function()
    assert.equal("one two", request_of({ chunks = { "one", " two" } }):text())
    assert.same({ a = 1 }, request_of({ chunks = { '{"a"', ":1}" } }):json())
    local seen = {}
    for chunk in request_of({ chunks = { "a", "b" } }):chunks() do seen[#seen + 1] = chunk end
    assert.same({ "a", "b" }, seen)
    local form = request_of {
      headers = { "content-type", "application/x-www-form-urlencoded" },
      chunks = { "x=", "1" },
    }
    assert.equal("1", form:formData():get "x")
  end)

  it("reads its body once", function()
    local request = request_of { chunks = { "once" } }
    assert.is_false(request.bodyUsed)
    assert.equal("once", request:text())
    assert.is_true(request.bodyUsed)
    refused("Body has already been used. It can only be used once. Use tee() first if you "
      .. "need to read it twice.", function() request:text() end)
  end)

  it("says whether it has a body without reading any", function()
    local exchange = exchange_of { chunks = { "x" } }
    assert.is_not_nil(Request.from_native(exchange).body)
    assert.is_nil(exchange.asked.read)
    assert.is_nil(request_of({}).body)
    assert.equal("", request_of({}):text())
  end)

  it("waits where reading waits, and passes on what reading raises", function()
    local exchange = exchange_of { chunks = {} }
    function exchange.read() return coroutine.yield "waiting" end
    local reader = coroutine.create(function() return Request.from_native(exchange):text() end)
    assert.same({ true, "waiting" }, { coroutine.resume(reader) })
    assert.same({ true, "waiting" }, { coroutine.resume(reader, "a") })
    assert.same({ true, "waiting" }, { coroutine.resume(reader, "b") })
    assert.same({ true, "ab" }, { coroutine.resume(reader, nil) })
    function exchange.read() error("the client has gone", 0) end
    local ok, message = pcall(function() return Request.from_native(exchange):text() end)
    assert.is_false(ok)
    assert.equal("the client has gone", message)
  end)

  it("can be cloned while its body is unread", function()
    local request = request_of {
      method = "PUT", headers = { "x-a", "1" }, chunks = { "a", "b" },
    }
    local copy = request:clone()
    copy.headers:set("x-a", "2")
    assert.equal("ab", copy:text())
    assert.equal("ab", request:text())
    assert.equal("1", request.headers:get "x-a")
    assert.equal("PUT", copy.method)
    assert.equal("192.0.2.7", copy.address)
    refused("Body has already been used", function() request:clone() end)
  end)
end)

describe("a request that was made", function()
  it("to a URL is a GET without a body", function()
    local request = Request "http://EXAMPLE.com/a/../b?x=1#y"
    assert.equal("GET", request.method)
    assert.equal("http://example.com/b?x=1#y", request.url)
    assert.equal("/b", request.path)
    assert.equal("?x=1", request.search)
    assert.equal("1", request.query.x)
    assert.is_nil(request.body)
    assert.is_nil(request.address)
    assert.same({}, request.cf)
    assert.same({}, { unpack(request:flat_headers()) })
    assert.equal("http://a/", Request(url.URL "http://a").url)
  end)

  it("takes method, headers and body", function()
    local request = Request("http://h/", {
      method = "post", headers = { ["X-A"] = 1 }, body = "text",
    })
    assert.equal("POST", request.method)
    assert.same({ "x-a", "1", "content-type", "text/plain;charset=UTF-8" },
      { unpack(request:flat_headers()) })
    assert.equal("text", request:text())
    local bytes = Request("http://h/", { method = "PUT", body = binary "\0" })
    assert.is_false(bytes.headers:has "content-type")
    assert.equal("\0", bytes:bytes())
  end)

  it("copies the headers it is given", function()
    local headers = Headers { a = "1" }
    local request = Request("http://h/", { headers = headers })
    request.headers:set("a", "2")
    assert.equal("1", headers:get "a")
  end)

  it("refuses what cannot be sent, at the line that asked", function()
    refused("Invalid URL: /relative", function() Request "/relative" end)
    refused("Invalid URL: nil", function() Request() end)
    refused("method must be a word", function() Request("http://h/", { method = "a b" }) end)
    refused("method must be a word", function() Request("http://h/", { method = "" }) end)
    refused('header "a" holds', function() Request("http://h/", { headers = { a = "\n" } }) end)
    refused("a body must be",
      function() Request("http://h/", { method = "POST", body = {} }) end)
    refused("Request with a GET or HEAD method cannot have a body.",
      function() Request("http://h/", { body = "x" }) end)
    refused("{ method = \"POST\" }", function() Request("http://h/", "POST") end)
  end)

  it("can be told from other values", function()
    assert.is_true(Request.is(Request "http://h/"))
    assert.is_true(Request.is(request_of {}))
    assert.is_false(Request.is {})
    assert.is_false(Request.is(nil))
  end)
end)

describe("a request made from another", function()
  it("has what that one has, and its body moves", function()
    local first = request_of {
      method = "POST", headers = { "x-a", "1" }, chunks = { "a", "b" },
    }
    first.cf.country = "GB"
    local second = Request(first)
    assert.equal("POST", second.method)
    assert.equal(first.url, second.url)
    assert.equal("1", second.headers:get "x-a")
    assert.equal("192.0.2.7", second.address)
    assert.equal("GB", second.cf.country)
    assert.is_true(first.bodyUsed)
    assert.equal("ab", second:text())
    refused("Body has already been used", function() Request(first) end)
  end)

  it("takes what is named beside it", function()
    local first = request_of { method = "POST", headers = { "x-a", "1" }, chunks = { "a" } }
    local second = Request(first, { method = "PUT", headers = { ["x-b"] = "2" }, body = "new" })
    assert.equal("PUT", second.method)
    assert.is_nil(second.headers:get "x-a")
    assert.equal("2", second.headers:get "x-b")
    assert.equal("new", second:text())
    assert.equal("a", first:text())
    second.headers:set("x-c", "3")
    assert.is_false(first.headers:has "x-c")
  end)

  it("can have another URL", function()
    local first = request_of {
      method = "DELETE", url = "http://h/a?b=1", headers = { "x-a", "1" }, chunks = { "kept" },
    }
    local to = url.URL(first.url)
    to.pathname = to.pathname .. "/rewritten"
    to.searchParams:set("extra", "1")
    local second = Request(to, first)
    assert.equal("http://h/a/rewritten?b=1&extra=1", second.url)
    assert.equal("/a/rewritten", second.path)
    assert.equal("DELETE", second.method)
    assert.equal("1", second.headers:get "x-a")
    assert.equal("kept", second:text())
    assert.is_true(first.bodyUsed)
  end)

  it("keeps the body of a GET, which a client may send", function()
    assert.equal("in a GET", Request(request_of { chunks = { "in a GET" } }):text())
  end)

  it("keeps its own body when a request without one is the pattern", function()
    local first = request_of { method = "POST", chunks = { "own" } }
    assert.equal("own", Request(first, Request "http://h/"):text())
  end)
end)
