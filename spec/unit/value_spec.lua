--- value: what is kept comes back, and what is refused leaves nothing behind.

local ffi = require "ffi"
local json = require "partylua.json"
local value = require "partylua.value"

local function lent(given, bytes_max)
  local pointer, len, fault = value.lend(given, bytes_max or 1e6, "value")
  return pointer and ffi.string(pointer, len), fault
end

describe("value.lend", function()
  it("gives the bytes that value.encode gives", function()
    for _, given in ipairs { "", "text", ("x"):rep(1e5), 12, 0 / 0, false, 1LL, json.null,
      { 1, { a = "b" } } } do
      assert.equal(value.encode(given, 1e6, "value"), lent(given))
    end
  end)

  it("measures before it takes memory", function()
    local bytes, fault = lent(("x"):rep(100), 50)
    assert.is_nil(bytes)
    assert.equal(101, fault.size)
  end)
end)

describe("a value that was refused", function()
  it("can be kept when what was wrong with it is gone", function()
    local inner = { fn = print }
    local outer = { list = { inner } }
    local bytes, fault = value.encode(outer, 1e6, "value")
    assert.is_nil(bytes)
    assert.equal("value.list[1].fn is a function, which cannot be stored", fault.text)
    inner.fn = nil
    assert.same({ list = { {} } }, value.decode(value.encode(outer, 1e6, "value")))
  end)

  it("can be kept when it has become small enough", function()
    local inner = { text = ("x"):rep(100) }
    local outer = { inner }
    assert.is_nil((value.encode(outer, 50, "value")))
    inner.text = "x"
    assert.same({ { text = "x" } }, value.decode(value.encode(outer, 50, "value")))
  end)

  it("is refused again as long as it contains itself", function()
    local loop = {}
    loop.next = { loop }
    for _ = 1, 2 do
      local _, fault = value.encode(loop, 1e6, "value")
      assert.equal("value.next[1] is a table that contains itself, which cannot be stored",
        fault.text)
    end
  end)
end)
