local binary = require "partylua.binary"
local exact = require "spec.support.exact"
local form = require "partylua.storage.form"
local json = require "partylua.json"
local ordered = require "partylua.json.ordered"
local value = require "partylua.value"

local function text_of(given)
  return ordered.encode(form.write(given))
end

--- The value of a text, which must have one.
local function read(text)
  local ok, result = form.read(json.decode(text))
  assert(ok, result)
  return result
end

local function complaint(text)
  local ok, message = form.read(json.decode(text))
  assert.is_false(ok, text)
  return message
end

--- What the storage makes of a value must be what comes back through its text.
local function assert_exact(given)
  local stored = value.decode(assert(value.encode(given, 1e6, "value")))
  local text = text_of(stored)
  assert(exact.is_same(stored, read(text)), "not the same: " .. text)
  return text
end

describe("the JSON form of stored values", function()
  it("shows what JSON can say as it is", function()
    for _, text in ipairs {
      "null", "true", "false", "0", "-0", "0.1", "1e+300", "9007199254740993", '"ä\\n"', "[]", "{}",
      '[1,[2,"x"],{"a":null}]', '{"a":{},"b":[]}',
    } do
      local given = json.decode(text)
      assert.equal(ordered.encode(given), assert_exact(given))
    end
  end)

  it("tags what JSON cannot say", function()
    local max, min = 9223372036854775807LL, -9223372036854775807LL - 1
    for text, given in pairs {
      ['{"$number":"nan"}'] = 0 / 0,
      ['{"$number":"inf"}'] = math.huge,
      ['{"$number":"-inf"}'] = -math.huge,
      ['{"$int64":"9223372036854775807"}'] = max,
      ['{"$int64":"-9223372036854775808"}'] = min,
      ['{"$uint64":"18446744073709551615"}'] = 18446744073709551615ULL,
      ['{"$bytes":"/wA="}'] = "\255\0",
      ['{"$binary":"YQ=="}'] = binary "a",
      ['{"$array":[1,2]}'] = json.array { 1, 2 },
      ['{"$array":{"$table":[[1,1],[3,3]]}}'] = json.array { 1, nil, 3 },
      ['{"$object":{}}'] = json.object {},
      ['{"$object":{"$table":[[7,"x"]]}}'] = json.object { [7] = "x" },
      ['{"$table":[[1,1],[2.5,2],["a",3],[false,4],[true,5]]}'] =
        { [1] = 1, [2.5] = 2, a = 3, [false] = 4, [true] = 5 },
      ['{"$table":[[{"$number":"inf"},2],[{"$bytes":"/w=="},1]]}'] =
        { ["\255"] = 1, [math.huge] = 2 },
    } do
      assert.equal(text, assert_exact(given))
    end
  end)

  it("escapes names that begin with $", function()
    assert.equal('{"$$bytes":"a"}', assert_exact { ["$bytes"] = "a" })
    assert.equal('{"$$":1,"$$$":2,"$$$$x":3,"a$":4}',
      assert_exact { ["$"] = 1, ["$$"] = 2, ["$$$x"] = 3, ["a$"] = 4 })
    assert.equal('{"$object":{"$$array":[]}}',
      assert_exact(json.object { ["$array"] = json.array() }))
  end)

  it("keeps binary data that somebody has changed", function()
    local changed = binary "a"
    changed.extra = { 1 }
    assert_exact(changed)
    changed.bytes = nil
    assert_exact(changed)
    assert_exact(setmetatable({}, binary.Binary))
  end)

  it("goes as deep as values do", function()
    local deep = { true, [0.5] = 1 }
    for _ = 2, 99 do deep = json.object { [1] = deep, [0.5] = "x" } end
    assert_exact(deep)
  end)

  it("gives back any value exactly", function()
    math.randomseed(20)
    for _ = 1, 3000 do assert_exact(exact.random(5)) end
  end)

  it("is what docs/cli.md shows of it", function()
    local page = assert(require("pl.file").read "docs/cli.md")
    local count = 0
    for line in page:match "\n```text\n({\"$.-)```":gmatch "[^\n]+" do
      count = count + 1
      assert.equal(line, text_of(read(line)))
    end
    assert.equal(10, count)
  end)

  it("says the same in the same text, whatever order a table was filled in", function()
    local a, b = {}, {}
    for i = 1, 50 do a["key" .. i], b["key" .. 51 - i] = i, 51 - i end
    assert.equal(text_of(a), text_of(b))
  end)

  it("refuses tags that it does not know or that hold something else", function()
    assert.equal('"$ref" is nothing that is known here; '
      .. 'a name that begins with $ is written "$$ref"', complaint '{"$ref":"x"}')
    assert.matches('^"$bytes" is nothing that is known here;', complaint '{"$bytes":"","b":1}')
    assert.equal('"$number" takes "nan", "inf" or "-inf"', complaint '{"$number":1}')
    for _, text in ipairs {
      '"9223372036854775808"', '"01"', '"-0"', '"1.0"', '""', "1", '"-9223372036854775809"',
      '"111111111111111111111111111111"',
    } do
      assert.equal('"$int64" takes the digits of one, as a string',
        complaint('{"$int64":' .. text .. "}"))
    end
    assert.equal('"$uint64" takes the digits of one, as a string', complaint '{"$uint64":"-1"}')
    for _, inner in ipairs { '"/wA"', "5", "null", "[]" } do
      assert.equal('"$bytes" takes bytes in base64', complaint('{"$bytes":' .. inner .. "}"))
    end
    assert.equal('"$binary" takes bytes in base64', complaint '{"$binary":"?"}')
    for _, inner in ipairs { "1", "null", '{"$binary":""}', '{"$object":{}}' } do
      assert.equal('"$array" takes an array or an object', complaint('{"$array":' .. inner .. "}"))
    end
    for _, inner in ipairs { "1", "{}", "[1]", "[[1]]", "[[1,2,3]]", "[{}]" } do
      assert.equal('"$table" takes pairs of a key and a value',
        complaint('{"$table":' .. inner .. "}"))
    end
    for _, key in ipairs { "null", "[]", '{"$number":"nan"}', '{"$int64":"1"}' } do
      assert.equal('a key in "$table" is a string, a number, true or false',
        complaint('{"$table":[[' .. key .. ",1]]}"))
    end
  end)

  it("finds what is wrong inside", function()
    assert.matches("$ref", complaint '[1,{"a":{"$table":[[1,{"$ref":1}]]}}]', 1, true)
  end)
end)

describe("json.ordered", function()
  it("indents for people", function()
    assert.equal('{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}',
      ordered.encode({ b = json.array(), a = { 1, {} } }, true))
  end)

  it("escapes what a terminal would obey", function()
    assert.equal('"\\u001b[2J\\u007f\\u009b\\u0080 \194\160ä"',
      ordered.encode "\27[2J\127\194\155\194\128 \194\160ä")
  end)
end)
