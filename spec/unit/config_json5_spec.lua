local json = require "partylua.json"
local json5 = require "partylua.config.json5"
local source = require "partylua.config.source"

describe("a configuration file", function()
  local function value(text)
    return json5.to_lua(json5.parse(source.new(text, "x.json")), json)
  end

  local function failure(text)
    local ok, err = pcall(value, text)
    assert.is_false(ok)
    return err.message:match "^[^\n]*"
  end

  it("is read as JSON", function()
    assert.same({ a = "text", b = -1.5e2, c = true, d = false, e = { f = { 1, 2 } } },
      value '{"a": "text", "b": -1.5e2, "c": true, "d": false, "e": {"f": [1, 2]}}')
    assert.equal(json.null, value '{"a": null}'.a)
  end)

  it("may have comments, trailing commas, single quotes and bare keys", function()
    assert.same({ a = 1, b_2 = { 'say "hi"', "it's" }, ["größe"] = { c = 2 } },
      value [[
        // a comment
        { a: 1, /* another
          one */ b_2: ['say "hi"', "it's",], größe: { 'c': 2, }, }
        // the end]])
  end)

  it("may write numbers in every way of JSON5 that names a number", function()
    assert.same({ 1, 0.5, 5, 255, -16, 1000 }, value "[+1, .5, 5., 0xFF, -0x10, 1e3]")
    for _, text in ipairs { "012", "1.2.3", "0x", "1e", "1_000", "1e999" } do
      assert.matches("is not a number", failure("[" .. text .. "]"), 1, true)
    end
    assert.equal("x.json:1:2: expected a value, found NaN", failure "[NaN]")
  end)

  it("may have every escape of JSON, and \\x and line joins of JSON5", function()
    assert.equal('\b\f\n\r\t/\\"', value [["\b\f\n\r\t\/\\\""]])
    assert.equal("Aé€😀", value [["\x41\u00e9\u20AC\ud83d\ude00"]])
    assert.equal("ab", value "'a\\\nb'")
    local wrong = { [["\ud83d"]], [["\ude00\ud83d"]], [["\u12"]], [["\xg0"]], [["\1"]] }
    for _, text in ipairs(wrong) do
      assert.matches("this escape names no character", failure(text), 1, true)
    end
  end)

  it("is refused with the place of what cannot be read", function()
    local cases = {
      [""] = "x.json:1:1: the file ends where a value should be",
      ["{"] = "x.json:1:1: this { is never closed",
      ['{"a": [1, {"b": 2}'] = "x.json:1:7: this [ is never closed",
      ['{"a": 1\n "b": 2}'] = "x.json:2:2: expected ',' or '}', found \"",
      ['{"a" 1}'] = "x.json:1:6: expected ':' after the key, found 1",
      ['{"a": }'] = "x.json:1:7: expected a value, found }",
      ["{,}"] = "x.json:1:2: expected a key or '}', found ,",
      ["[1,,2]"] = "x.json:1:4: expected a value, found ,",
      ["{} x"] = "x.json:1:4: expected the end of the file, found x",
      ['{"a": "b}\n'] = "x.json:1:7: this string is not closed in its line",
      ["{} /* x"] = "x.json:1:4: this comment is never closed",
      ['{"a": 1,\n\n "a": 2}'] = 'x.json:3:2: the key "a" is here a second time',
      ['{"ü": ü}'] = "x.json:1:7: expected a value, found ü",
      ['{"a": "\255"}'] = "x.json:1:8: this byte is not valid UTF-8",
      ['"\237\160\128"'] = "x.json:1:2: this byte is not valid UTF-8",
      [("["):rep(65)] = "x.json:1:65: more than 64 levels deep",
    }
    for text, expected in pairs(cases) do assert.equal(expected, failure(text)) end
  end)

  it("survives being cut anywhere", function()
    local text = [[{ /* c */ "a": ['x\u00e9', 1.5e3, {b: null,}], // d
      "e": true }]]
    for cut = 0, #text - 1 do
      local ok, err = pcall(value, text:sub(1, cut))
      assert.is_false(ok)
      assert.matches("^x%.json:%d+:%d+: ", err.message)
    end
    assert.is_table(value(text))
  end)
end)
