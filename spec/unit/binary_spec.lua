local binary = require "partylua.binary"

describe("binary", function()
  it("marks a string and keeps its bytes", function()
    local data = binary "\0\255"
    assert.equal("\0\255", data.bytes)
    assert.is_true(binary.is(data))
    assert.equal(binary.Binary, getmetatable(data))
  end)

  it("tells its length as text", function()
    assert.equal("binary: 3 bytes", tostring(binary "abc"))
  end)

  it("takes nothing but a string, and blames its caller", function()
    local ok, message = pcall(function() binary(12) end)
    assert.is_false(ok)
    assert.matches("binary_spec.lua:%d+: party.binary expects a string of bytes, got number",
      message)
  end)

  it("knows what is no binary data", function()
    for _, value in ipairs { "text", 1, { bytes = "x" }, true } do
      assert.is_false(binary.is(value))
    end
    assert.is_false(binary.is(nil))
  end)

  it("unwraps strings and binary data and says which it was", function()
    assert.same({ "text", false }, { binary.unwrap "text" })
    assert.same({ "\1", true }, { binary.unwrap(binary "\1") })
  end)

  it("refuses to unwrap anything else and blames the caller of who asked", function()
    local function send(message) return (binary.unwrap(message)) end
    local line = debug.getinfo(1, "l").currentline + 1
    local ok, message = pcall(function() send {} end)
    assert.is_false(ok)
    assert.matches("binary_spec.lua:" .. line
      .. ": expected a string or party.binary%(bytes%), got table", message)
  end)
end)
