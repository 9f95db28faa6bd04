local FormData = require "partylua.formdata"
local Headers = require "partylua.headers"
local Response = require "partylua.response"
local binary = require "partylua.binary"
local json = require "partylua.json"
local url = require "partylua.url"

local RANGE =
  "Responses may only be constructed with status codes in the range 200 to 599, inclusive."

local function flat(response)
  local list = {}
  for i, text in ipairs(response:flat_headers()) do list[i] = text end
  return list
end

local function refused(message, call)
  local ok, raised = pcall(call)
  assert.is_false(ok)
  assert.matches("response_spec.lua:%d+: ", raised)
  assert.is_truthy(raised:find(message, 1, true), raised)
end

describe("Response", function()
  it("of a string is text with status 200", function()
    local response = Response "hello"
    assert.equal(200, response.status)
    assert.equal("", response.statusText)
    assert.is_true(response.ok)
    assert.same({ "content-type", "text/plain;charset=UTF-8" }, flat(response))
    assert.equal("hello", response:text())
  end)

  it("of anything else has the content type that belongs to it", function()
    assert.same({}, flat(Response()))
    assert.same({}, flat(Response(binary "x")))
    assert.same({}, flat(Response(function(write) write "x" end)))
    assert.same({ "content-type", "text/plain;charset=UTF-8" }, flat(Response ""))
    assert.matches("^multipart/form%-data; boundary=", flat(Response(FormData()))[2])
    assert.same({ "content-type", "application/x-www-form-urlencoded;charset=UTF-8" },
      flat(Response(url.SearchParams "a=1")))
  end)

  it("takes status, status text and headers", function()
    local response = Response("fine", {
      status = 299,
      statusText = "Very Fine",
      headers = { ["X-One"] = "1" },
    })
    assert.equal(299, response.status)
    assert.equal("Very Fine", response.statusText)
    assert.same({ "x-one", "1", "content-type", "text/plain;charset=UTF-8" }, flat(response))
  end)

  it("keeps the content type it is given", function()
    local response = Response("<p>hi</p>", { headers = { ["Content-Type"] = "text/html" } })
    assert.same({ "content-type", "text/html" }, flat(response))
    assert.equal("text/html", response.headers:get "content-type")
  end)

  it("copies the headers it is given", function()
    local headers = Headers { ["x-one"] = "1" }
    headers:append("set-cookie", "a=1; Path=/")
    headers:append("set-cookie", "b=2; HttpOnly")
    local response = Response("headers", { headers = headers })
    headers:set("x-one", "changed")
    assert.equal("1", response.headers:get "x-one")
    assert.same({ "a=1; Path=/", "b=2; HttpOnly" }, response.headers:getSetCookie())
    assert.is_nil(headers:get "content-type")
  end)

  it("sends the headers as they are changed later, and changes no other response", function()
    local response, other = Response "a", Response "b"
    response.headers:set("x-late", "1")
    response.headers:delete "content-type"
    assert.same({ "x-late", "1" }, flat(response))
    assert.equal(response.headers, response.headers)
    assert.same({ "content-type", "text/plain;charset=UTF-8" }, flat(other))
    local data, more = Response.json {}, Response.json {}
    data.headers:set("content-type", "application/problem+json")
    assert.same({ "content-type", "application/json" }, flat(more))
    Response().headers:set("a", "b")
    assert.same({}, flat(Response()))
  end)

  it("sends headers that were assigned to its field, once they are checked", function()
    local response = Response "a"
    response.headers = { ["X-New"] = "1" }
    assert.same({ "x-new", "1" }, flat(response))
    response.headers = { ["x-bad"] = "a\r\nb" }
    assert.is_false(pcall(response.flat_headers, response))
  end)

  it("refuses an impossible status at the line that gave it", function()
    for _, status in ipairs { 0, 100, 101, 199, 600, 999, -1, 200.5, "200", 0 / 0, true } do
      refused(RANGE, function() Response("bad", { status = status }) end)
      refused(RANGE, function() Response.json({}, { status = status }) end)
    end
    for _, status in ipairs { 200, 418, 599 } do
      assert.equal(status, Response("fine", { status = status }).status)
    end
    local line = debug.getinfo(1, "l").currentline + 1
    local _, message = pcall(function() Response("bad", { status = 1 }) end)
    assert.matches("response_spec.lua:" .. line .. ": ", message)
  end)

  it("has no body with the statuses that allow none", function()
    for _, status in ipairs { 204, 205, 304 } do
      local message = ("Response with null body status (%d) cannot have a body."):format(status)
      refused(message, function() Response("x", { status = status }) end)
      refused(message, function() Response(function(_) end, { status = status }) end)
      refused(message, function() Response.json({}, { status = status }) end)
      assert.same({ "none" }, { Response(nil, { status = status }):take_body() })
      assert.same({ "none" }, { Response("", { status = status }):take_body() })
    end
  end)

  it("refuses a status text that would break its line, and what is none", function()
    for _, text in ipairs { "a\r\nb: c", "a\n", "\0", "\127" } do
      refused("statusText", function() Response("x", { statusText = text }) end)
    end
    refused("statusText", function() Response("x", { statusText = 1 }) end)
    assert.equal("zażółć", Response("x", { statusText = "zażółć" }).statusText)
  end)

  it("refuses headers that cannot be sent, at the line that gave them", function()
    refused('header "x-bad" holds a line break or NUL',
      function() Response("x", { headers = { ["x-bad"] = "a\nb" } }) end)
    refused("invalid header name",
      function() Response.json({}, { headers = { ["a b"] = "" } }) end)
    refused("headers must be a table", function() Response("x", { headers = "a: b" }) end)
  end)

  it("refuses a second argument that is no table", function()
    refused("{ status = 404 }", function() Response("not found", 404) end)
    refused("{ status = 404 }", function() Response.json({}, 404) end)
  end)

  it("takes another response as its second argument", function()
    local first = Response("x", { status = 201, statusText = "Made", headers = { a = "1" } })
    local second = Response(first.body, first)
    assert.equal(201, second.status)
    assert.equal("Made", second.statusText)
    assert.equal("1", second.headers:get "a")
    assert.equal("x", second:text())
  end)

  it("is ok from 200 to 299", function()
    assert.is_true(Response(nil, { status = 299 }).ok)
    assert.is_false(Response(nil, { status = 300 }).ok)
    assert.is_false(Response(nil, { status = 500 }).ok)
  end)

  it("can be told from other values", function()
    assert.is_true(Response.is(Response()))
    assert.is_true(Response.is(Response.json {}))
    for _, value in ipairs { "text", {}, 1, Response } do
      assert.is_false(Response.is(value))
    end
    assert.is_false(Response.is(nil))
  end)

  it("can be cloned while its body is unread", function()
    local made = Response(("ab"):gmatch ".", { status = 201, headers = { a = "1" } })
    local copy = made:clone()
    copy.headers:set("a", "2")
    assert.equal("ab", copy:text())
    assert.equal("ab", made:text())
    assert.equal("1", made.headers:get "a")
    assert.equal(201, copy.status)
  end)
end)

describe("Response.json", function()
  it("sends a value as JSON", function()
    local response = Response.json { ok = true, list = { 1, 2 } }
    assert.equal(200, response.status)
    assert.same({ "content-type", "application/json" }, flat(response))
    local kind, bytes = response:take_body()
    assert.equal("bytes", kind)
    assert.same({ ok = true, list = { 1, 2 } }, json.decode(bytes))
  end)

  it("takes status and headers", function()
    local response = Response.json({}, { status = 201, headers = { ["x-one"] = "1" } })
    assert.equal(201, response.status)
    assert.same({ "x-one", "1", "content-type", "application/json" }, flat(response))
    local other = Response.json({}, { headers = { ["content-type"] = "application/ld+json" } })
    assert.same({ "content-type", "application/ld+json" }, flat(other))
  end)

  it("can be read again with the method of the same name", function()
    assert.same({ a = 1 }, Response.json({ a = 1 }):json())
    assert.same({ a = 1 }, Response('{"a":1}'):json())
  end)

  it("raises at the caller for what is no JSON", function()
    local line = debug.getinfo(1, "l").currentline + 1
    local ok, message = pcall(function() Response.json { f = print } end)
    assert.is_false(ok)
    assert.matches("response_spec.lua:" .. line .. ": %S", message)
    assert.is_nil(message:find("lualib", 1, true))
  end)
end)

describe("Response.redirect", function()
  it("sends the client to an absolute URL with status 302", function()
    local response = Response.redirect "HTTP://example.com/a b"
    assert.equal(302, response.status)
    assert.same({ "location", "http://example.com/a%20b" }, flat(response))
    assert.same({ "none" }, { response:take_body() })
    assert.equal("https://a/", Response.redirect(url.URL "https://a").headers:get "location")
  end)

  it("takes each redirect status and no other", function()
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      assert.equal(status, Response.redirect("http://a/", status).status)
    end
    for _, status in ipairs { 200, 300, 304, 305, "301" } do
      refused(status .. " is not a redirect status code.",
        function() Response.redirect("http://a/", status) end)
    end
  end)

  it("refuses a relative URL, and one that holds a line break goes without it", function()
    refused("Invalid URL: /relative", function() Response.redirect "/relative" end)
    refused("Invalid URL: nil", function() Response.redirect() end)
    local response = Response.redirect "http://a/b\r\nc: d"
    assert.same({ "location", "http://a/bc:%20d" }, flat(response))
  end)
end)

describe("Response.adopt", function()
  it("takes parts as they are", function()
    local list = { "a", "1" }
    local response = Response.adopt(101, "Switching", list, ("ab"):gmatch ".")
    assert.equal(101, response.status)
    assert.equal("Switching", response.statusText)
    assert.equal(list, response:flat_headers())
    assert.equal("ab", response:text())
  end)
end)
