local native = require "partylua.native"
local party = require "spec.support.party"

--- Some handle; a store's will do.
local function make_handle()
  local folder = party.make_folder()
  return assert(native.store_open(folder .. "/data", { map_bytes = 1048576 }))
end

describe("a handle", function()
  it("has one table of its own, made when it is asked for", function()
    local one, other = make_handle(), make_handle()
    native.side(one).mark = 1
    assert.equal(1, native.side(one).mark)
    assert.is_nil(native.side(other).mark)
    assert.is_nil(native.side(one).shared)
  end)

  it("has the shared table in its own, whichever came first", function()
    local shared = { host = "h" }
    local early, late, changed = make_handle(), make_handle(), make_handle()
    native.share(early, shared)
    assert.equal(shared, native.side(early).shared)
    native.side(late).mark = 2
    native.share(late, shared)
    assert.same({ mark = 2, shared = shared }, native.side(late))
    native.share(changed, {})
    native.share(changed, shared)
    assert.equal(shared, native.side(changed).shared)
    assert.same({ host = "h" }, shared)
  end)

  it("is all that takes one", function()
    for _, other in ipairs { 1, "x", {}, print, io.stdout } do
      assert.is_false((pcall(native.side, other)))
      assert.is_false((pcall(native.share, other, {})))
    end
    assert.is_false((pcall(native.share, make_handle(), 5)))
  end)
end)
