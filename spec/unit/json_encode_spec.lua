local ffi = require "ffi"
local json = require "partylua.json"

-- How JSON.stringify of a browser's engine (V8) writes numbers and strings.

local NUMBERS = {
  '0.1', '0.2', '0.30000000000000004', '0.3333333333333333', '0.6666666666666666', '1e+21',
  '1e+22', '1e+23', '123456789012345680000', '5e-324', '2.2250738585072014e-308',
  '2.225073858507201e-308', '1.7976931348623157e+308', '9007199254740991', '9007199254740992',
  '9007199254740994', '-9007199254740991', '999999999999999.9', '99999999999999.98',
  '1000000000000000.5', '4503599627370498', '0.000001', '0.00001', '0.0000123456789', '1.5e-7',
  '100', '100000000000000', '123456789.125', '0.3', '4.35', '2.675', '1.005',
  '3.141592653589793', '2.718281828459045', '1.4142135623730951', '-1e-10', '417.3982749123456',
  '9.5367431640625e-7', '1152921504606847000', '1.4142135623730951', '1732412341234.567',
  '9500000000000000', '9300000000000002', '8.41e+21', '2.2250738585072014e-308', '1.5e-323',
  '1e+100', '1.23e-18', '1.7726808032643695e+83', '-3.397313254226453e+243',
  '-1.4421977785629756e+289', '0.057680661754365974', '4.680413906454023e+96',
  '1.6529186670335332e-218', '1.7934818978586814e+204', '6.195288232651604e+81',
  '4.46471158010096e+274', '8.630985489284498e-11', '4.082549205029677e-262',
  '-1.7436822420623186e-181', '3.3722511446893035e-22', '1.9046080858619163e-199',
  '8.623927165918731e-85', '6.422390973097053e-72', '-3.7116574235662023e+121',
  '-9.040477813392993e-117', '-3.6050916969134664e+172', '1.2392003498826408e-148',
  '4.518697194868395e-163', '-4.356446029022324e+155', '1.009382038399642e-140',
  '27856134699288556', '1.7897358274749302e-109', '-1.930217976515833e+124',
  '4.011648221460399e+273', '6.107157130610049e-72', '2.1336103674192224e+293',
  '1.6986497958570205e+27', '3.2582370244299767e-265', '-6.997578455108576e+114',
  '5.575247602973528e-71', '4.706733925952186e-144', '-7.877243749934272e+161',
  '-5.340561659953736e+149', '-3.5704376859525853e+183', '7.139185048114325e-271',
  '-1.815367878957711e+112', '2.9791521590641454e+184', '57484770.03746466',
  '69551371159.10846', '92846.14513652441', '6335838.587215847', '0.0032626333187412405',
  '0.05148867771697019', '0.001623443376031224', '862.4770957856784', '662721.986961098',
  '97368.3465345289', '91792.89682927568', '0.9931845370806218', '0.8881804119013395',
  '34504683496.8711', '92371.02673066847', '950563883.8403283', '45017926.821570806',
  '3241236.0894233515', '9532.910970520714', '1200520.248569923', '1867.973950827526',
  '75.78977285751125', '620.0545983911625', '9468335797.506594', '4924320746.654133',
  '0.08235760767997392', '4484.259847861867', '0.0022145032656363563', '0.47144025490390695',
  '2173545388.2661815', '7450463491.648554', '30.572612339224527', '47356527.75998024',
  '6956.957639282438', '0.00799660618232655', '58.77124592859146', '769.7049101169753',
  '386457202.78115195', '3024180.2549701836', '9830739.049327468', '271.48', '2165.02',
  '9394.13', '892.36', '7977.47', '8235.73', '7699.06', '2913.61', '4854.19', '4191.86',
  '9634.53', '8143.99', '5343.69', '4533.74', '1772.67', '3679.1', '5275.85', '4898.73',
  '5006.22', '4681.84',
}

local STRINGS = { -- a string and its JSON
  { '', '""' }, { 'a', '"a"' }, { '\008\t\n\011\012\013', '"\\b\\t\\n\\u000b\\f\\r"' },
  { '\000\031\127', '"\\u0000\\u001f\127"' }, { '"\\/', '"\\"\\\\/"' },
  { '\226\128\168\226\128\169', '"\226\128\168\226\128\169"' },
  { '\195\169\240\159\152\128', '"\195\169\240\159\152\128"' },
  { ('a"b'):rep(20), '"' .. ('a\\"b'):rep(20) .. '"' },
  { 'xxxxxxxxxxxxxxxxxxxxxxxx\n', '"xxxxxxxxxxxxxxxxxxxxxxxx\\n"' },
  { '<script>', '"<script>"' },
}

local function refusal(call, argument)
  local ok, message = pcall(call, argument)
  assert.is_false(ok, "was not refused")
  assert.is_string(message)
  return message
end

-- Numbers in random order from a seed, the same on every machine.
local function sequence(seed)
  return function(most)
    seed = (seed * 16807) % 2147483647
    return seed % most + 1
  end
end

local function digits(text)
  local plain = text:gsub("[eE].*", ""):gsub("[-.]", ""):gsub("^0+", ""):gsub("0+$", "")
  return plain
end

describe("json.encode", function()
  local function same_text(text) assert.equal(text, json.encode(json.decode(text))) end

  it("writes scalars and nesting", function()
    assert.equal("true", json.encode(true))
    assert.equal("false", json.encode(false))
    assert.equal("null", json.encode(json.null))
    assert.equal('{"a":[1,"x",[true,null],{"b":{}}]}',
      json.encode { a = { 1, "x", { true, json.null }, { b = {} } } })
  end)

  it("writes strings as a browser does, in any place and next to any others", function()
    for _, case in ipairs(STRINGS) do
      local raw, text = case[1], case[2]
      assert.equal(text, json.encode(raw))
      assert.equal("[" .. text .. ',"plain",' .. text .. "]", json.encode { raw, "plain", raw })
      assert.equal("{" .. text .. ":" .. text .. "}", json.encode { [raw] = raw })
      assert.equal(raw, json.decode(text))
    end
  end)

  it("escapes each byte that needs it, in short strings and long ones", function()
    for byte = 0, 127 do
      for _, length in ipairs { 0, 11, 23, 24, 25, 100 } do
        local raw = ("x"):rep(length) .. string.char(byte) .. "y" .. string.char(byte)
        local text = json.encode(raw)
        assert.is_nil(text:find "%c" and byte ~= 127 or nil)
        assert.equal(raw, json.decode(text))
      end
    end
  end)

  it("is not misled by strings that look like JSON", function()
    for _, raw in ipairs { '","a":"', '"', '""', '\\"', "\\", '":', '"\\', "[]", "{}" } do
      for _, value in ipairs { raw, { raw }, { [raw] = raw }, { raw, raw .. ("z"):rep(40) } } do
        assert.same(value, json.decode(json.encode(value)))
      end
    end
  end)

  it("writes numbers with the digits that a browser writes", function()
    for _, text in ipairs(NUMBERS) do
      local n = tonumber(text)
      local ours = json.encode(n)
      assert.equal(n, json.decode(ours))
      assert.equal(digits(text), digits(ours), text)
      assert.equal("[" .. ours .. ",-" .. ours:gsub("^%-", "") .. "]",
        json.encode { n, -math.abs(n) })
    end
  end)

  it("writes integers to 2^53 in full, and minus nought", function()
    for exponent = 0, 53 do
      for offset = -1, exponent < 53 and 1 or 0 do
        local text = ("%d"):format(2 ^ exponent + offset)
        assert.equal(text, json.encode(2 ^ exponent + offset))
        assert.equal(2 ^ exponent + offset, json.decode(text))
        assert.equal(tonumber("-" .. text), json.decode("-" .. text))
        same_text(text)
      end
    end
    for exponent = 0, 15 do same_text("1" .. ("0"):rep(exponent)) end
    same_text "-0"
    same_text "-9007199254740992"
  end)

  it("reads back every double it writes", function()
    local next_number = sequence(20240611)
    local bits = ffi.new "union { double number; uint32_t words[2]; }"
    for _ = 1, 10000 do
      bits.words[0] = next_number(2 ^ 31) * 2 + next_number(2)
      bits.words[1] = next_number(2 ^ 31) * 2 + next_number(2)
      -- Infinities and NaN are left out before they become Lua numbers: some bits of a NaN
      -- would be taken for another type.
      if bit.band(bits.words[1], 0x7FF00000) ~= 0x7FF00000 then
        assert(json.decode(json.encode(bits.number)) == bits.number, bits.number)
      end
    end
    for _ = 1, 10000 do
      local n = next_number(2 ^ 31) / 2 ^ 31 * 10 ^ (next_number(26) - 8)
      assert(json.decode(json.encode(n)) == n, n)
    end
  end)

  it("never writes more digits than needed", function()
    local next_number = sequence(7)
    for _ = 1, 2000 do
      local n = next_number(2 ^ 31) / 2 ^ 31 * 10 ^ (next_number(22) - 6)
      local shortest
      for precision = 1, 17 do
        shortest = ("%." .. precision .. "g"):format(n)
        if tonumber(shortest) == n then break end
      end
      assert.equal(#digits(shortest), #digits(json.encode(n)), shortest)
    end
    for exponent = -1074, 1023 do
      assert(json.decode(json.encode(2 ^ exponent)) == 2 ^ exponent)
    end
  end)

  it("writes 64-bit integers that a double holds", function()
    assert.equal("[9007199254740992,-9007199254740992,7,0]",
      json.encode { 9007199254740992LL, -9007199254740992LL, 7ULL, 0LL })
    for _, n in ipairs { 9007199254740993LL, -9007199254740994LL, 18446744073709551615ULL } do
      assert.matches("value.id is an integer beyond 2^53",
        refusal(json.encode, { id = n }), 1, true)
    end
    assert.matches("value is cdata", refusal(json.encode, ffi.new "int[1]"))
  end)

  it("refuses what has no JSON form and names its path", function()
    for path, case in pairs {
      ["value is nil; json.null is JSON's null"] = {},
      ["value is NaN"] = { 0 / 0 },
      ["value[2] is infinite"] = { { 1, math.huge } },
      ["value.a.b[3] is a function"] = { { a = { b = { 1, 2, print } } } },
      ["value.out is a userdata"] = { { out = io.stdout } },
      ["value.co is a thread"] = { { co = coroutine.create(print) } },
      ["value.users[2].name is not valid UTF-8 at byte 3"] =
        { { users = { { name = "é" }, { name = "é\255" } } } },
      ['value["two words"]["\\x22"][1] is NaN'] = { { ["two words"] = { ['"'] = { 0 / 0 } } } },
      ['value.m has the key "a\\xff", which is not valid UTF-8'] = { { m = { ["a\255"] = 1 } } },
      ["value.m has a key that is a boolean"] = { { m = { [true] = 1 } } },
      ["value has both items and the key .x"] = { { 1, 2, x = 3 } },
      ["value.l has holes"] = { { l = { 1, nil, 3 } } },
      ["value has the key [5] but no item 1"] = { { [5] = "e" } },
      ["value has both items and the key [table]"] = { { 1, [{}] = 2 } },
    } do
      assert.matches("json.encode: " .. path, refusal(json.encode, case[1]), 1, true)
    end
  end)

  it("keeps long names and paths short in its messages", function()
    local value = 0 / 0
    for _ = 1, 300 do value = { step = value } end
    local message = refusal(json.encode, value)
    assert.equal("json.encode: value" .. (".step"):rep(8) .. "..." .. (".step"):rep(8)
      .. " is NaN, which JSON has no form for", message)
    assert.is_true(#refusal(json.encode, { [("k"):rep(5000)] = print }) < 200)
  end)

  it("refuses values that contain themselves", function()
    local room = { name = "x", list = { 1, {} } }
    room.list[2].room = room
    assert.equal("json.encode: value.list[2].room is value again: a value cannot contain itself",
      refusal(json.encode, room))
    local inner = {}
    inner.again = inner
    assert.matches("value.a.again is value.a again", refusal(json.encode, { a = inner }), 1, true)
    local shared = { 1 }
    assert.equal("[[1],[1]]", json.encode { shared, shared })
  end)

  it("blames the line that called it, and works again afterwards", function()
    local function room() json.encode { cb = print } end
    local line = debug.getinfo(room, "S").linedefined
    local _, message = pcall(room)
    assert.matches("json_encode_spec%.lua:" .. line .. ": json.encode: value.cb is a function",
      message)
    assert.equal("[1]", json.encode { 1 })
  end)

  it("does not run code of the values it writes", function()
    local loud = setmetatable({ a = 1 }, {
      __index = function() error "asked" end,
      __pairs = function() error "asked" end,
      __len = function() error "asked" end,
      __tostring = function() error "asked" end,
    })
    assert.equal('{"a":1}', json.encode(loud))
    assert.is_false((pcall(json.encode, setmetatable({ 1, nil, 3, x = 1 }, getmetatable(loud)))))
  end)

  it("checks UTF-8 with and without the native module", function()
    local names = { "partylua.native", "partylua.json.encode", "partylua.json.writer" }
    local saved = {}
    for i, name in ipairs(names) do saved[i] = package.loaded[name] end
    local asked = 0
    local function utf8_valid(text)
      asked = asked + 1
      return text == '"é"'
    end
    for _, native in ipairs { { utf8_valid = utf8_valid }, {} } do
      for _, name in ipairs(names) do package.loaded[name] = nil end
      package.loaded["partylua.native"] = native
      local encode = require "partylua.json.encode"
      assert.is_true((encode.try "ascii"))
      assert.equal(0, native.utf8_valid and asked or 0)
      assert.same({ true, '"é"' }, { encode.try "é" })
      assert.same({ false, "value is not valid UTF-8 at byte 1" }, { encode.try "\233" })
    end
    for i, name in ipairs(names) do package.loaded[name] = saved[i] end
    assert.equal(2, asked)
  end)
end)
