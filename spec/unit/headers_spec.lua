local Headers = require "partylua.headers"

local function flat(headers)
  local list = {}
  for i, text in ipairs(headers) do list[i] = text end
  return list
end

local function entries(headers)
  local list = {}
  for name, value in headers:entries() do list[#list + 1] = name .. "=" .. value end
  return list
end

local function refused(pattern, call)
  local ok, message = pcall(call)
  assert.is_false(ok)
  assert.matches("headers_spec.lua:%d+: ", message)
  assert.matches(pattern, message)
end

describe("Headers", function()
  it("keeps a flat list of lower-case names and values in order of appending", function()
    local headers = Headers { { "X-Two", "2" }, { "x-one", "1" }, { "X-TWO", "3" } }
    assert.same({ "x-two", "2", "x-one", "1", "x-two", "3" }, flat(headers))
  end)

  it("is made of nothing, a map, a map of lists, pairs or other headers", function()
    assert.same({}, flat(Headers()))
    assert.same({ "a", "1" }, flat(Headers { A = "1" }))
    assert.same({ "a", "1", "a", "2" }, flat(Headers { A = { "1", "2" } }))
    local first = Headers { { "a", "1" }, { "b", "2" } }
    local second = Headers(first)
    second:set("a", "changed")
    assert.same({ "a", "1", "b", "2" }, flat(first))
    assert.same({ "a", "changed", "b", "2" }, flat(second))
  end)

  it("is not made of anything else", function()
    refused("headers must be a table", function() Headers "a: b" end)
    refused("a header name must be a string, got number", function() Headers { "a: b" } end)
  end)

  it("adopts a list as it is", function()
    local list = { "a", "1" }
    assert.equal(list, Headers.adopt(list))
    assert.equal("1", Headers.adopt(list):get "A")
    assert.is_true(Headers.is(list))
  end)

  it("looks names up in any case and joins several values", function()
    local headers = Headers { { "X-Multi", "a" }, { "x-multi", "b" } }
    assert.equal("a, b", headers:get "X-MULTI")
    assert.is_nil(headers:get "x-none")
    assert.is_true(headers:has "x-Multi")
    assert.is_false(headers:has "x-none")
  end)

  it("tells an empty value from none", function()
    local headers = Headers { ["x-empty"] = "" }
    assert.equal("", headers:get "x-empty")
    assert.is_true(headers:has "x-empty")
    headers:append("x-empty", "b")
    assert.equal(", b", headers:get "x-empty")
  end)

  it("sets a value in the place of the first and drops the others", function()
    local headers = Headers { { "a", "1" }, { "b", "2" }, { "a", "3" }, { "c", "4" } }
    headers:append("a", "5")
    headers:set("A", "new")
    assert.same({ "a", "new", "b", "2", "c", "4" }, flat(headers))
    headers:set("d", "6")
    assert.same({ "a", "new", "b", "2", "c", "4", "d", "6" }, flat(headers))
  end)

  it("deletes every value of a name and leaves no gap", function()
    local headers = Headers { { "a", "1" }, { "b", "2" }, { "a", "3" } }
    headers:delete "A"
    assert.same({ "b", "2" }, flat(headers))
    assert.equal(2, #headers)
    headers:delete "none"
    headers:delete "b"
    assert.equal(0, #headers)
  end)

  it("keeps cookies apart", function()
    local headers = Headers()
    headers:append("Set-Cookie", "a=1; Path=/")
    headers:append("x", "y")
    headers:append("set-cookie", "b=2; HttpOnly")
    assert.same({ "a=1; Path=/", "b=2; HttpOnly" }, headers:getSetCookie())
    assert.same({ "set-cookie=a=1; Path=/", "set-cookie=b=2; HttpOnly", "x=y" },
      entries(headers))
    assert.same({}, Headers():getSetCookie())
  end)

  it("iterates sorted by name, values joined, over what was there at the beginning", function()
    local headers = Headers { { "b", "2" }, { "a", "1" }, { "b", "3" } }
    assert.same({ "a=1", "b=2, 3" }, entries(headers))
    local seen = {}
    for name in headers:entries() do
      seen[#seen + 1] = name
      headers:delete "b"
      headers:set("z", "new")
    end
    assert.same({ "a", "b" }, seen)
  end)

  it("gives a plain table that makes the same headers again", function()
    local headers = Headers { b = { "2", "3" }, ["set-cookie"] = { "x", "y" } }
    local plain = headers:toTable()
    assert.same({ b = "2, 3", ["set-cookie"] = { "x", "y" } }, plain)
    assert.same(entries(headers), entries(Headers(plain)))
  end)

  it("trims blanks around a value and takes numbers", function()
    local headers = Headers { a = " \t x y\t ", b = " \t ", c = 12, d = 2 ^ 53, e = 1.5 }
    assert.equal("x y", headers:get "a")
    assert.equal("", headers:get "b")
    assert.equal("12", headers:get "c")
    assert.equal("9007199254740992", headers:get "d")
    assert.equal("1.5", headers:get "e")
  end)

  it("trims a long run of blanks inside a value in linear time", function()
    local value = "a" .. (" "):rep(200000) .. "b"
    local began = os.clock()
    assert.equal(value, Headers({ a = value .. " " }):get "a")
    assert.is_true(os.clock() - began < 1)
  end)

  it("refuses a value that would end its line, naming the header", function()
    for _, value in ipairs { "a\r\nb: c", "a\nb", "a\rb", "a\0b", "a\n" } do
      refused('header "x%-bad" holds a line break or NUL',
        function() Headers { ["x-bad"] = value } end)
      refused('header "x%-bad"', function() Headers { { "x-bad", value } } end)
      refused('header "x%-bad"', function() Headers { ["x-bad"] = { "fine", value } } end)
      refused('header "x%-bad"', function() Headers():set("x-bad", value) end)
      refused('header "x%-bad"', function() Headers():append("x-bad", value) end)
    end
  end)

  it("refuses a value that is no text", function()
    refused('header "x" must be a string, got boolean', function() Headers { x = true } end)
    refused('header "x" must be a string, got nil', function() Headers():set("x") end)
  end)

  it("refuses a name that is no token", function()
    for _, name in ipairs { "", "a b", "a:", "a\r\n", "\0", "é", "a/b", "(a)" } do
      refused("invalid header name", function() Headers { [name] = "x" } end)
      refused("invalid header name", function() Headers():set(name, "x") end)
      refused("invalid header name", function() Headers():append(name, "x") end)
      refused("invalid header name", function() Headers():get(name) end)
      refused("invalid header name", function() Headers():has(name) end)
      refused("invalid header name", function() Headers():delete(name) end)
    end
    assert.equal("x", Headers({ ["!#$%&'*+-.^_`|~09aZ"] = "x" }):get "!#$%&'*+-.^_`|~09Az")
  end)

  it("blames the line that gave the wrong header", function()
    local line = debug.getinfo(1, "l").currentline + 1
    local _, made = pcall(function() Headers { a = { "b\n" } } end)
    assert.matches("headers_spec.lua:" .. line .. ": ", made)
    local headers = Headers()
    line = debug.getinfo(1, "l").currentline + 1
    local _, set = pcall(function() headers:set("a", "b\n") end)
    assert.matches("headers_spec.lua:" .. line .. ": ", set)
  end)

  it("still knows names after meeting thousands of them", function()
    local headers = Headers()
    for i = 1, 2000 do headers:append("X-" .. i, i) end
    for i = 1, 2000 do assert.equal(tostring(i), headers:get("x-" .. i)) end
  end)
end)
