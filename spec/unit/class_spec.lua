local class = require "partylua.class"

describe("class", function()
  it("makes an instance and hands the arguments to init", function()
    local Point = class()
    function Point:init(x, y) self.x, self.y = x, y end
    local point = Point(1, nil)
    assert.equal(1, point.x)
    assert.is_nil(point.y)
    assert.equal(Point, getmetatable(point))
  end)

  it("needs no init", function()
    local Empty = class()
    assert.same({}, Empty())
  end)

  it("finds what it lacks in its parent, init included", function()
    local Animal = class()
    function Animal:init(name) self.name = name end
    function Animal:speak() return self.name .. " speaks" end
    local Dog = class(Animal)
    assert.equal("Rex speaks", Dog("Rex"):speak())
    function Dog:speak() return Animal.speak(self) .. ": woof" end
    assert.equal("Rex speaks: woof", Dog("Rex"):speak())
    assert.equal("Tom speaks", Animal("Tom"):speak())
  end)

  it("lets init blame the line that called the class with level 3", function()
    local Strict = class()
    function Strict:init() error("no", 3) end
    local line = debug.getinfo(1, "l").currentline + 1
    local ok, message = pcall(function() Strict() end)
    assert.is_false(ok)
    assert.matches("class_spec.lua:" .. line .. ": no$", message)
  end)
end)
