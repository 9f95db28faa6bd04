local conditions = require "partylua.assets.conditions"
local date = require "partylua.assets.date"

local TAG, MODIFIED = '"a-1"', 784111777 -- Sun, 06 Nov 1994 08:49:37 GMT
local BEFORE, SAME, AFTER = "Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1994 08:49:37 GMT",
  "Sun, 06 Nov 1994 08:49:38 GMT"

local function asked(headers)
  return function(name) return headers[name] end
end

describe("a date of HTTP", function()
  it("is written and read", function()
    assert.equal(SAME, date.format(MODIFIED))
    for _, seconds in ipairs { 0, 951782400, 951868800, MODIFIED, 1732492800, 4102444799 } do
      assert.equal(seconds, date.parse(date.format(seconds)))
    end
  end)

  it("is nothing else", function()
    for _, text in ipairs { "", "yesterday", "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994", "Sun, 06 Foo 1994 08:49:37 GMT", SAME .. "x" } do
      assert.is_nil(date.parse(text))
    end
  end)
end)

describe("a condition", function()
  for name, case in pairs {
    ["none"] = { {}, nil },
    ["a tag it has"] = { { ["if-none-match"] = '"a-1"' }, 304 },
    ["a weak form of it"] = { { ["if-none-match"] = 'W/"a-1"' }, 304 },
    ["one of several"] = { { ["if-none-match"] = '"x", "a-1" , "y"' }, 304 },
    ["any tag"] = { { ["if-none-match"] = " * " }, 304 },
    ["another tag"] = { { ["if-none-match"] = '"a-2"' }, nil },
    ["a tag without quotes"] = { { ["if-none-match"] = "a-1" }, nil },
    ["a tag before a date"] = { { ["if-none-match"] = '"x"', ["if-modified-since"] = SAME }, nil },
    ["an older date"] = { { ["if-modified-since"] = BEFORE }, nil },
    ["its date"] = { { ["if-modified-since"] = SAME }, 304 },
    ["a newer date"] = { { ["if-modified-since"] = AFTER }, 304 },
    ["no date"] = { { ["if-modified-since"] = "soon" }, nil },
    ["its tag wanted"] = { { ["if-match"] = '"a-1"' }, nil },
    ["any tag wanted"] = { { ["if-match"] = "*" }, nil },
    ["another tag wanted"] = { { ["if-match"] = '"x"' }, 412 },
    ["a weak tag wanted"] = { { ["if-match"] = 'W/"a-1"' }, 412 },
    ["not changed, and it is not"] = { { ["if-unmodified-since"] = SAME }, nil },
    ["not changed, and it is"] = { { ["if-unmodified-since"] = BEFORE }, 412 },
    ["wanted, and had"] = { { ["if-match"] = TAG, ["if-none-match"] = TAG }, 304 },
  } do
    it("is met or not: " .. name, function()
      assert.equal(case[2], (conditions.check(asked(case[1]), TAG, MODIFIED)))
    end)
  end
end)

describe("a range", function()
  for range, expected in pairs {
    ["bytes=0-0"] = { 0, 1 }, ["bytes=0-9"] = { 0, 10 }, ["bytes=0-99"] = { 0, 10 },
    ["bytes=5-"] = { 5, 5 }, ["bytes=9-9"] = { 9, 1 }, ["bytes=-3"] = { 7, 3 },
    ["bytes=-99"] = { 0, 10 }, ["Bytes= 2-3 "] = { 2, 2 },
    ["bytes=10-"] = { "unsatisfiable" }, ["bytes=-0"] = { "unsatisfiable" },
    ["bytes=99-100"] = { "unsatisfiable" },
    ["bytes=5-4"] = {}, ["bytes=-"] = {}, ["bytes=0-1,3-4"] = {}, ["lines=0-1"] = {},
    ["bytes=a-b"] = {}, ["bytes"] = {}, [""] = {},
  } do
    it(("of ten bytes: %q"):format(range), function()
      assert.same(expected, { conditions.range(asked { range = range }, 10, TAG, MODIFIED) })
    end)
  end

  it("of an empty file is none", function()
    for _, range in ipairs { "bytes=0-", "bytes=-1" } do
      assert.equal("unsatisfiable", (conditions.range(asked { range = range }, 0, TAG, MODIFIED)))
    end
  end)

  it("counts only for the file that it was meant for", function()
    for if_range, expected in pairs {
      [TAG] = 0, ['W/"a-1"'] = false, ['"b"'] = false, [SAME] = 0, [AFTER] = false,
    } do
      local headers = { range = "bytes=0-1", ["if-range"] = if_range }
      local from = conditions.range(asked(headers), 10, TAG, MODIFIED)
      assert.equal(expected, from or false, if_range)
    end
  end)
end)

describe("a coding", function()
  it("is as good as the client says", function()
    for accepted, expected in pairs {
      ["gzip"] = 1, ["br, gzip"] = 1, ["GZIP;q=0.5"] = 0.5, ["gzip; q=0"] = 0, ["*"] = 1,
      ["*;q=0.1"] = 0.1, ["gzip;q=0.2, *;q=0.9"] = 0.2, ["br"] = 0, [""] = 0, ["identity"] = 0,
      [",,;q"] = 0,
    } do
      assert.equal(expected, conditions.quality(accepted, "gzip"), accepted)
    end
    assert.equal(0, conditions.quality(nil, "gzip"))
  end)
end)
