local Body = require "partylua.body"
local FormData = require "partylua.formdata"
local Response = require "partylua.response"
local binary = require "partylua.binary"
local json = require "partylua.json"
local url = require "partylua.url"

local USED = "Body has already been used. It can only be used once. "
  .. "Use tee() first if you need to read it twice."

--- An iterator over the chunks of a list.
local function chunks_of(list)
  local at = 0
  return function()
    at = at + 1
    return list[at]
  end
end

local function collect(iterator)
  local list = {}
  for chunk in iterator do list[#list + 1] = chunk end
  return list
end

local function refused(message, call)
  local ok, raised = pcall(call)
  assert.is_false(ok)
  assert.matches("body_spec.lua:%d+: ", raised)
  assert.equal(message, Body.bare_message(raised))
end

-- A body is read through a Response here; a Request reads with the same methods.

describe("a body", function()
  local sources = {
    ["a string"] = function() return "one two" end,
    ["binary data"] = function() return binary "one two" end,
    ["a closure"] = function() return chunks_of { "one", "", binary " ", "two" } end,
    ["a coroutine"] = function()
      return coroutine.wrap(function()
        coroutine.yield "one "
        coroutine.yield "two"
      end)
    end,
    ["string.gmatch"] = function() return ("one two"):gmatch ".%a*" end,
    ["an object that can be called"] = function()
      return setmetatable({}, { __call = chunks_of { "one two" } })
    end,
    ["a producer"] = function()
      return function(write)
        write "one"
        write(binary " ")
        write "two"
      end
    end,
  }

  for name, make in pairs(sources) do
    it("of " .. name .. " can be read in every way", function()
      assert.equal("one two", Response(make()):text())
      assert.equal("one two", Response(make()):bytes())
      assert.equal("one two", table.concat(collect(Response(make()):chunks())))
      assert.equal("one two", table.concat(collect(Response(make()).body)))
    end)

    it("of " .. name .. " can be read once", function()
      local response = Response(make())
      assert.is_false(response.bodyUsed)
      response:text()
      assert.is_true(response.bodyUsed)
      refused(USED, function() response:text() end)
      refused(USED, function() response:bytes() end)
      refused(USED, function() response:json() end)
      refused(USED, function() response:formData() end)
      refused(USED, function() response:chunks() end)
      refused(USED, function() response:take_body() end)
      refused(USED, function() response:clone() end)
    end)
  end

  it("of nothing reads as nothing, as often as one likes", function()
    local response = Response()
    assert.is_nil(response.body)
    assert.equal("", response:text())
    assert.equal("", response:bytes())
    assert.same({}, collect(response:chunks()))
    assert.is_false(response.bodyUsed)
    assert.is_nil(Response(json.null).body)
  end)

  it("of an empty string is a body", function()
    local response = Response ""
    assert.is_not_nil(response.body)
    assert.equal("", response:text())
    assert.is_true(response.bodyUsed)
  end)

  it("comes in the chunks it was given in, without empty ones", function()
    local response = Response(chunks_of { "a", "", binary "b", "" })
    assert.same({ "a", "b" }, collect(response:chunks()))
  end)

  it("does not ask an iterator again after its end", function()
    local next_chunk = Response(coroutine.wrap(function() coroutine.yield "a" end)):chunks()
    assert.equal("a", next_chunk())
    assert.is_nil(next_chunk())
    assert.is_nil(next_chunk())
  end)

  it("counts as used from the first chunk of the field body on, not before", function()
    local response = Response(chunks_of { "a", "b" })
    local stream = response.body
    assert.equal(stream, response.body)
    assert.is_false(response.bodyUsed)
    assert.equal("a", stream())
    assert.is_true(response.bodyUsed)
    assert.equal("b", stream())
    assert.is_nil(stream())
  end)

  it("can be the field body of another response", function()
    local first = Response(chunks_of { "a", "b" })
    local second = Response(first.body, { status = 201 })
    assert.equal("ab", second:text())
    assert.is_true(first.bodyUsed)
  end)

  it("loses a byte order mark as text but not as bytes", function()
    assert.equal("zażółć", Response("\239\187\191zażółć"):text())
    assert.equal("\239\187\191x", Response("\239\187\191x"):bytes())
    assert.equal("\255\254", Response("\255\254"):text())
  end)

  it("is refused when it is a table, a number or a boolean, at the line giving it", function()
    for _, value in ipairs { {}, 12, true } do
      local ok, message = pcall(function() Response(value) end)
      assert.is_false(ok)
      assert.matches("body_spec.lua:%d+: a body must be a string, .* got " .. type(value),
        message)
    end
    assert.matches("Response.json", select(2, pcall(Response, {})))
  end)

  it("is refused when a chunk is neither a string nor binary data", function()
    local ok, message = pcall(function() return Response(chunks_of { "a", 12 }):text() end)
    assert.is_false(ok)
    assert.matches("expected a string or party.binary%(bytes%), got number", message)
    ok, message = pcall(function() return Response(function(write) write {} end):text() end)
    assert.is_false(ok)
    assert.matches("got table", message)
  end)

  it("passes on what its iterator or producer raises", function()
    local ok, message = pcall(function()
      return Response(function() error("lost", 0) end):text()
    end)
    assert.is_false(ok)
    assert.equal("lost", message)
  end)
end)

describe("body:json", function()
  it("reads a value", function()
    assert.same({ a = { 1, 2 }, s = "é" }, Response('{"a":[1,2],"s":"é"}'):json())
    assert.equal(1, Response("\239\187\191 1 "):json())
  end)

  it("raises at the caller for nothing and for what is no JSON", function()
    refused("Unexpected end of JSON input", function() Response(""):json() end)
    refused("Unexpected end of JSON input", function() Response():json() end)
    local ok, message = pcall(function() Response("{not json"):json() end)
    assert.is_false(ok)
    assert.matches("^[^:]*body_spec.lua:%d+: %S", message)
    assert.is_nil(message:find("json.lua", 1, true))
  end)
end)

describe("body:formData", function()
  it("reads a form as the content type says", function()
    local response = Response("a=1&b=x+y", {
      headers = { ["content-type"] = "application/x-www-form-urlencoded" },
    })
    assert.equal("x y", response:formData():get "b")
  end)

  it("raises at the caller for another type or none", function()
    refused("Unrecognized Content-Type header value. FormData can only parse the following "
      .. "MIME types: multipart/form-data, application/x-www-form-urlencoded",
      function() Response("a=1"):formData() end)
    refused("Parsing a Body as FormData requires a Content-Type header.",
      function() Response(binary "a=1"):formData() end)
  end)

  it("reads what a form as a body was written as", function()
    local form = FormData()
    form:append("field", "value")
    form:append("up", binary "\0\1", "a.bin")
    local again = Response(form):formData()
    assert.equal("value", again:get "field")
    assert.equal("\0\1", again:get("up"):bytes())
    local params = Response(url.SearchParams "a=1&b=2"):formData()
    assert.equal("2", params:get "b")
  end)
end)

describe("body:take_body", function()
  it("hands over nothing, bytes, chunks or a producer", function()
    assert.same({ "none" }, { Response():take_body() })
    assert.same({ "bytes", "text" }, { Response("text"):take_body() })
    assert.same({ "bytes", "\0" }, { Response(binary "\0"):take_body() })
    local kind, iterator = Response(chunks_of { "", binary "a", "b" }):take_body()
    assert.equal("chunks", kind)
    assert.same({ "a", "b" }, collect(iterator))
    local function producer(write) write "x" end
    assert.same({ "producer", producer }, { Response(producer):take_body() })
  end)

  it("uses the body", function()
    local response = Response "text"
    response:take_body()
    assert.is_true(response.bodyUsed)
  end)
end)

describe("Body.is_producer", function()
  it("says so of a function that names a parameter, and of nothing else", function()
    assert.is_true(Body.is_producer(function(_) end))
    assert.is_true(Body.is_producer(function(_, _) end))
    assert.is_false(Body.is_producer(function() end))
    assert.is_false(Body.is_producer(function(...) return ... end))
    assert.is_false(Body.is_producer(coroutine.wrap(function(_) end)))
    assert.is_false(Body.is_producer(("x"):gmatch "."))
    assert.is_false(Body.is_producer "text")
    assert.is_false(Body.is_producer(nil))
  end)
end)
