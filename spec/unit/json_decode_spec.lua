local cjson = require "cjson"
local json = require "partylua.json"
local text_fault = require "partylua.json.text_fault"

-- What JSON.parse of a browser's engine (V8) takes, and what it refuses.

local ACCEPTED = {
  'null', 'true', 'false', '0', '-0', '-0.0', '1e5', '1E+5', '1e-5', '0e0', '0E+00', '1.0e+1',
  '""', '"a"', ' [ ] ', '[]', '{}', '{ }', '[null]', '[[]]', '[{}]', '{"a":[]}', '{"":0}',
  '{"a":1,"a":2}', '"\\u0000"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"',
  '"\\/\\b\\f\\n\\r\\t\\"\\\\"', '"\127"', '"\226\128\168\226\128\169"',
  '\013\n\t [1,\n2]\013\n', '123456789012345678901234567890', '"\195\169"', '"\239\191\191"',
  '"\239\183\144"', '"\244\143\191\191"', '[1,[2,[3,[4]]]]', '{"a":{"b":{"c":[]}}}', '1e-400',
  '-1e-400', '0e999', '[1.5,-1.5]', '"\\u00e9"', '"\\uFFFF"', '"1."', '"-.5"', '"[]"', '"x. y"',
  '["a]","[b"]', 'true ', '\ntrue', '20', '[0,0]', '-1', '[-0]', '1.7976931348623157e308',
  '{"1":1}', '"\\\\"', '"\\\\\\""', '"0x10 NaN"',
}

local REFUSED = {
  '', '  ', 'nul', 'nulll', 'True', 'TRUE', 'NaN', 'nan', '-NaN', 'Infinity', '-Infinity',
  'inf', '-inf', '0x10', '-0x10', '0X1F', '0b1', '0o7', '+1', '01', '-01', '00', '012', '.5',
  '-.5', '1.', '1.e5', '-1.', '-', '--1', '- 1', '1e', '1e+', '1e-', '1.5e', '1.5.5', '1e5.3',
  '1e1e1', '1e0x10', '0x1p4', '1f', '1_000', '1,000', '1 2', '123abc', '1.0.', '0.e1', '[1.]',
  '[-.5]', '[1.,2]', '[.5]', '[', '[1', '[1,', '[,', '[,1]', '[1,]', '[1,,2]', '[1 2]', '[1}',
  '[]]', '[[]', '[][]', '1[]', '[]1', '{', '{"', '{"a', '{"a"', '{"a":', '{"a":1', '{"a":1,',
  '{,}', '{"a":1,}', '{"a":1,,"b":2}', '{"a" 1}', '{"a"::1}', '{"a":1 "b":2}', '{a:1}', '{1:1}',
  '{null:1}', '{[]:1}', "{'a':1}", "'a'", '{"a":}', '{:1}', '{}}', '{"a":1]', '}', ']', ',',
  ':', '"', '"abc', '"\\"', '"\\', '"\\x"', '"\\a"', '"\\0"', '"\\u"', '"\\u1"', '"\\u12"',
  '"\\u123"', '"\\u123g"', '"\\uD83D\\u"', '"\\U0041"', '"\\ "', '"\\\n"', '"a\tb"', '"a\nb"',
  '"a\013b"', '"\000"', '"a\000b"', '"\031"', '"\001"', '\000', '[1]\000', '1\000', '\000[1]',
  '[1\000]', '[1]\011', '[1]\012', '\0111', '\194\1601', '[1]x', '[1] 2', '//c\n1', '/*c*/1',
  '1/*c*/', '[1,/**/2]', '#1', 'undefined', 'truefalse', 'true false', 'nulltrue',
  '\239\187\191{}', '\226\128\1391', '<x>', '$1', '~', '`a`', '[1;2]', '{"a"=1}', '{"a":tru}',
  '[fals]', '"a""b"', '{"a":"b"c}', '\195\169', '[\195\169]', '{\195\169:1}', '\\u0031',
  '"\\u 041"',
}

local DOUBLES = { -- a number and the double it stands for
  { "0.1", "0x1.999999999999ap-4" }, { "1e23", "0x1.52d02c7e14af6p+76" },
  { "9007199254740991", "0x1.fffffffffffffp+52" }, { "9007199254740993", "0x1p+53" },
  { "2.2250738585072011e-308", "0x0.fffffffffffffp-1022" }, { "5e-324", "0x1p-1074" },
  { "123456789012345678901234567890", "0x1.8ee90ff6c373ep+96" },
  { "0.500000000000000166533453693773481063544750213623046875", "0x1.0000000000002p-1" },
}

local function refusal(call, argument)
  local ok, message = pcall(call, argument)
  assert.is_false(ok, "was not refused")
  assert.is_string(message)
  return message
end

describe("json.decode", function()
  it("takes what a browser takes, wherever in a text it stands", function()
    for _, text in ipairs(ACCEPTED) do
      for _, around in ipairs { "%s", " %s", "[%s]", '[0, {"a":%s}]' } do
        local whole = around:gsub("%%s", (text:gsub("%%", "%%%%")))
        local ok, why = pcall(json.decode, whole)
        assert.is_true(ok, ("%q: %s"):format(whole, tostring(why)))
        assert.is_nil(text_fault.describe(whole))
      end
    end
  end)

  it("refuses what a browser refuses, saying where", function()
    for _, text in ipairs(REFUSED) do
      for _, whole in ipairs { text, " " .. text, "  " .. text .. "\n" } do
        local ok, why = pcall(json.decode, whole)
        assert.is_false(ok, ("%q was not refused"):format(whole))
        assert.matches("^invalid JSON at line %d+, column %d+: ", why)
      end
      assert.is_false((pcall(json.decode, "[" .. text .. ",0]x")))
    end
  end)

  it("gives values as they are", function()
    local value = json.decode [=[ {"text":"Grüße \u00e9\ud83d\ude00\n\u0000.","yes":true,"no":false,
      "none":null,"list":[1,"two",[3]],"deep":{"er":{"est":-1.5e2}},"1":"one"} ]=]
    assert.same({
      text = "Grüße é😀\n\0.", yes = true, no = false, none = json.null,
      list = { 1, "two", { 3 } }, deep = { er = { est = -150 } }, ["1"] = "one",
    }, value)
  end)

  it("gives null as lua-cjson does, and lets null be a whole text", function()
    assert.equal(cjson.null, json.null)
    assert.equal(json.null, json.decode "null")
    assert.equal(json.null, json.decode("[null]")[1])
  end)

  it("takes the last of two equal names", function()
    assert.same({ a = 2 }, json.decode '{"a":1,"a":2}')
  end)

  it("reads each number as the nearest double", function()
    for _, case in ipairs(DOUBLES) do
      assert.equal(tonumber(case[2]), json.decode(case[1]))
      assert.equal(-tonumber(case[2]), json.decode("[-" .. case[1] .. "]")[1])
    end
    assert.equal(-math.huge, 1 / json.decode "-0")
    assert.equal(0, json.decode "1e-400")
  end)

  it("refuses numbers that no double holds", function()
    for _, text in ipairs {
      "1e309", "-1e309", "1E+400", "1.8e308", ("9"):rep(309), "-" .. ("9"):rep(400) .. ".5",
      ("1"):rep(400) .. "e-5", "1e99999999999999999999", "0.1e310",
    } do
      for _, whole in ipairs { text, "[" .. text .. "]", '{"a":[],"b":{},"c":' .. text .. "}" } do
        assert.matches("the number '.*' is too large", refusal(json.decode, whole))
      end
    end
    assert.equal(1e308, json.decode "1e308")
    assert.equal(1e300, json.decode("1" .. ("0"):rep(300)))
  end)

  it("refuses half surrogate pairs", function()
    for _, text in ipairs {
      [["\ud800"]], [["\udc00"]], [["\uDFFF\uD800"]], [["\ud800\u0041"]], [["\ud800x"]],
      [["\ud83d\ud83d\ude00"]], [[{"\udbff":1}]],
    } do
      assert.matches("half of a surrogate pair", refusal(json.decode, text))
    end
  end)

  it("takes a string with a character of one to four bytes just when it is valid UTF-8", function()
    -- The code point that some bytes would stand for, if they do so in the shortest form.
    local function is_valid(bytes)
      local lead = bytes[1]
      local count = lead < 0x80 and 1 or lead < 0xC0 and 0 or lead < 0xE0 and 2
        or lead < 0xF0 and 3 or lead < 0xF8 and 4 or 0
      if count ~= #bytes then return false end
      if count == 1 then return true end
      local code = lead % 2 ^ (7 - count)
      for i = 2, count do
        if bytes[i] < 0x80 or bytes[i] > 0xBF then return false end
        code = code * 64 + bytes[i] - 0x80
      end
      local least = ({ 0, 0x80, 0x800, 0x10000 })[count]
      return code >= least and code <= 0x10FFFF and not (code >= 0xD800 and code <= 0xDFFF)
    end
    local tails = { 0x61, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC3, 0xFF }
    local function check(bytes)
      local text = '"' .. string.char(unpack(bytes)) .. '"'
      for _, whole in ipairs { text, " " .. text } do
        if (pcall(json.decode, whole)) ~= is_valid(bytes) then
          error(("%q was judged wrongly"):format(whole))
        end
        assert.equal(is_valid(bytes), text_fault.describe(whole) == nil)
      end
      local raw = string.char(unpack(bytes))
      assert.equal(is_valid(bytes), (pcall(json.encode, raw)))
      assert.equal(is_valid(bytes), (pcall(json.encode, { [raw] = 1 })))
    end
    for lead = 0x80, 0xFF do
      check { lead }
      for _, second in ipairs(tails) do
        if second >= 0x80 then check { lead, second } end
        if lead >= 0xE0 and second >= 0x80 then
          for _, third in ipairs(tails) do
            if third >= 0x80 then check { lead, second, third } end
            if lead >= 0xF0 and third >= 0x80 then check { lead, second, third, 0x80 } end
          end
        end
      end
    end
  end)

  it("says line, column and what was found", function()
    for text, message in pairs {
      ['{"a":x}'] = "line 1, column 6: unexpected 'x', expected a value",
      ["[1,]"] = "line 1, column 4: unexpected ']', expected a value",
      ["[1 2]"] = "line 1, column 4: unexpected '2', expected ',' or ']'",
      ['{"a":1,}'] = "line 1, column 8: unexpected '}', expected a name in double quotes",
      ['{"a" 1}'] = "line 1, column 6: unexpected '1', expected ':'",
      ['{"a":1]'] = "line 1, column 7: unexpected ']', expected ',' or '}'",
      ["1 x"] = "line 1, column 3: unexpected 'x', expected the end of the text",
      [""] = "line 1, column 1: the text is empty",
      ["["] = "line 1, column 2: the text ends where a value should be",
      ['"a'] = "line 1, column 3: the text ends inside a string",
      ['{\n  "é": tru\n}'] = "line 2, column 8: unexpected 'tru', expected a value",
      ["[1,\r\n é]"] = "line 2, column 2: unexpected 'é', expected a value",
      ["[1]\0"] = "line 1, column 4: unexpected '\\x00', expected the end of the text",
      ["[1.]"] = "line 1, column 2: unexpected '1.', which is not a JSON number",
      ["0x10"] = "line 1, column 1: unexpected '0x10', which is not a JSON number",
      ['"a\tb"'] = "line 1, column 3: control character U+0009 in a string, it must be escaped",
      ['"é\255"'] = "line 1, column 3: invalid UTF-8 in a string, byte 0xFF",
      ['"a\\q"'] = "line 1, column 3: '\\q' is not an escape",
      ['"\\u12"'] = "line 1, column 2: \\u takes four hexadecimal digits",
      ["\239\187\191{}"] = "line 1, column 1: a byte order mark does not belong here",
      [("a"):rep(50)] = "line 1, column 1: unexpected '" .. ("a"):rep(20)
        .. "...', expected a value",
    } do
      assert.equal("invalid JSON at " .. message, refusal(json.decode, text))
    end
  end)

  it("blames the line that called it", function()
    local function room() json.decode "[1," end
    local line = debug.getinfo(room, "S").linedefined
    local _, message = pcall(room)
    assert.matches("json_decode_spec%.lua:" .. line .. ": invalid JSON at line 1, column 4: ",
      message)
  end)

  it("wants a string", function()
    for _, value in ipairs { 5, true, {}, json.null } do
      assert.matches("json.decode expects a string, got " .. type(value),
        refusal(json.decode, value))
    end
    assert.matches("expects a string, got nil", refusal(json.decode, nil))
  end)
end)

describe("json.tryDecode", function()
  it("gives the value, or nil and the message", function()
    assert.same({ 1 }, json.tryDecode "[1]")
    assert.is_false(json.tryDecode "false")
    local value, message = json.tryDecode "[1,"
    assert.is_nil(value)
    assert.equal("invalid JSON at line 1, column 4: the text ends where a value should be", message)
  end)
end)
