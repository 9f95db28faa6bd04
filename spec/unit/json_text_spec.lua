local json = require "partylua.json"
local native = require "partylua.native"

--- json/encode.lua as it is without the native writer.
local function encode_in_lua()
  local names = { "partylua.native", "partylua.json.encode" }
  local saved = {}
  for i, name in ipairs(names) do saved[i] = package.loaded[name] end
  package.loaded["partylua.native"] = { utf8_valid = native.utf8_valid }
  package.loaded["partylua.json.encode"] = nil
  local encode = require "partylua.json.encode"
  for i, name in ipairs(names) do package.loaded[name] = saved[i] end
  return encode
end

local EVERYDAY = { -- a value and its text
  { "", '""' }, { 'say "hi"\\\n', '"say \\"hi\\"\\\\\\n"' }, { "\0\1\8\9\12\13\31\127", nil },
  { "grüße 😀", '"grüße 😀"' }, { 0, "0" }, { -7, "-7" }, { 1e13, "10000000000000" },
  { 0.1, "0.1" }, { -88.25, "-88.25" }, { 1234.567891, "1234.567891" }, { 0.0001, "0.0001" },
  { 99999999.5, "99999999.5" }, { true, "true" }, { false, "false" }, { json.null, "null" },
  { {}, "{}" }, { { 1, "a", true }, '[1,"a",true]' }, { { id = "a\tb" }, '{"id":"a\\tb"}' },
  { { [ [[k"]] ] = { { {} } } }, '{"k\\"":[[{}]]}' },
}

local LEFT_TO_LUA = {
  0 / 0, 1 / 0, -1 / 0, -0.0, 1e14, 2 ^ 53, 1 / 3, 1e-5, 5e-324, 1e8 + 0.5, 0.1234567,
  "\255", "\237\160\128", { "\192\128" }, { ["\255"] = 1 },
  json.array {}, json.array { 1 }, json.object { [1] = 2 }, setmetatable({}, {}),
  { 1, nil, 3 }, { 1, x = 2 }, { [0] = 1 }, { [2] = 1 }, { [1.5] = 1 }, { [true] = 1 },
  { print }, { function() end }, { coroutine.create(function() end) }, 1LL, { 1ULL },
}

-- A plain sequence: the same values each time.
local seed = 7
local function random(count)
  seed = (seed * 16807) % 2147483647
  return seed % count + 1
end

local STRINGS = { "", "a", "name", 'qu"ote', "new\nline", "\\", "é", "\0", "\255", ("x"):rep(40) }
local SCALES = { 1, 10, 100, 1e3, 1e4, 1e6, 1e7, 3, 1e-3, 1e-12 }

local function random_value(depth)
  local kind = random(depth > 4 and 5 or 8)
  if kind == 1 then return STRINGS[random(#STRINGS)] end
  if kind == 2 then return random(1e6) - 5e5 end
  if kind == 3 then return (random(2e9) - 1e9) / SCALES[random(#SCALES)] end
  if kind == 4 then return random(2) == 1 end
  if kind == 5 then return random(3) == 1 and -0.0 or json.null end
  local made = {}
  for i = 1, random(5) - 1 do
    made[kind == 6 and i or STRINGS[random(#STRINGS)]] = random_value(depth + 1)
  end
  if random(20) == 1 then made[random(9)] = 1 end
  return random(30) == 1 and json.array(made) or made
end

describe("native.json_text", function()
  it("writes everyday values", function()
    for _, pair in ipairs(EVERYDAY) do
      local text = native.json_text(pair[1])
      assert.is_string(text)
      if pair[2] then assert.equal(pair[2], text) end
    end
    assert.equal('"\\u0000\\u0001\\b\\t\\f\\r\\u001f\127"', native.json_text(EVERYDAY[3][1]))
  end)

  it("leaves everything else alone", function()
    for _, value in ipairs(LEFT_TO_LUA) do
      assert.is_nil(native.json_text(value))
      assert.is_nil(native.json_text { a = { value } })
    end
    assert.is_nil(native.json_text(nil))
    assert.is_nil(native.json_text())
  end)

  it("leaves values alone that are deep, or contain themselves", function()
    local deep, loop = 1, {}
    for _ = 1, 101 do deep = { deep } end
    loop.loop = loop
    assert.is_nil(native.json_text(deep))
    assert.is_string(native.json_text(deep[1]))
    assert.is_nil(native.json_text(loop))
  end)

  it("never gives a text that the writer in Lua would not give", function()
    local encode = encode_in_lua()
    local written = 0
    for _ = 1, 20000 do
      local value = random_value(1)
      local text = native.json_text(value)
      if text then
        written = written + 1
        assert.same({ true, text }, { encode.try(value) })
      end
    end
    assert.is_true(written > 5000, written .. " values were written")
  end)

  it("writes the shortest digits", function()
    for _ = 1, 20000 do
      local number = (random(2e9) - 1e9) / 10 ^ random(8)
      local text = native.json_text(number)
      if text then
        assert.equal(number, tonumber(text))
        assert.equal(("%.15g"):format(number), text)
      end
    end
  end)

  it("does not run code of the values it is given", function()
    local loud = setmetatable({ 1 }, {
      __index = function() error "asked" end,
      __len = function() error "asked" end,
      __pairs = function() error "asked" end,
    })
    assert.is_nil(native.json_text(loud))
  end)

  it("starts anew after a fault, and after a large text", function()
    assert.is_nil(native.json_text { "begun", print })
    assert.equal('"' .. ("x"):rep(1e6) .. '"', native.json_text(("x"):rep(1e6)))
    assert.equal('["\\"\\"\\""]', native.json_text { '"""' })
    assert.equal("1", native.json_text(1))
  end)
end)
