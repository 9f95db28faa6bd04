local cjson = require "cjson"
local json = require "partylua.json"
local text_fault = require "partylua.json.text_fault"

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

local function nested(opening, inner, closing, depth)
  return opening:rep(depth) .. inner .. closing:rep(depth)
end

describe("JSON arrays and objects", function()
  it("stay what they are, also when empty, through decode and encode", function()
    for _, text in ipairs {
      "[]", "{}", "[[]]", "[{}]", '{"a":[]}', '{"a":{}}', "[[],{},[],{}]", '[[[]],[{}],{"a":[{}]}]',
      '["[]",[]]', '["[]",[],{}]', '["[",{},[],"]"]', '["\\"[]",[],{},"\\\\"]', '[1,[],"a[]b",{}]',
      '[{"a[]":[]}]', "[1.5,[],{},-0]", "[[1],[[]],{}]",
    } do
      assert.equal(text, json.encode(json.decode(text)))
    end
    assert.equal("[[],{}]", json.encode(json.decode " [ [ \n\t\r ] , { } ] "))
    assert.is_true(json.isArray(json.decode "[]"))
    assert.is_false(json.isArray(json.decode "{}"))
  end)

  it("are told apart by their keys", function()
    assert.equal("{}", json.encode {})
    assert.equal('["a","b"]', json.encode { "a", "b" })
    local backwards = {}
    for i = 5, 1, -1 do backwards[i] = i end
    assert.equal("[1,2,3,4,5]", json.encode(backwards))
    assert.equal('{"1":"a"}', json.encode { ["1"] = "a" })
    local shrunk = { 1, 2, 3, x = 1 }
    shrunk.x, shrunk[3] = nil, nil
    assert.equal("[1,2]", json.encode(shrunk))
  end)

  it("are marked by json.array, also with holes", function()
    local list = { 1 }
    assert.equal(list, json.array(list))
    assert.equal("[1]", json.encode(list))
    table.remove(list)
    assert.equal("[]", json.encode(list))
    assert.equal("[]", json.encode(json.array()))
    assert.equal('{"log":[]}', json.encode { log = json.array {} })
    assert.equal("[1,null,3]", json.encode(json.array { 1, nil, 3 }))
    assert.equal("[null,null,3]", json.encode(json.array { [3] = 3 }))
    assert.matches("value has more than 1000 holes",
      refusal(json.encode, json.array { [1e9] = 1 }), 1, true)
    assert.matches("value is marked by json.array but has the key .title",
      refusal(json.encode, json.array { 1, title = "x" }), 1, true)
    assert.matches("has the key [0]", refusal(json.encode, json.array { [0] = 1 }), 1, true)
    assert.matches("has the key [1.5]", refusal(json.encode, json.array { [1.5] = 1 }), 1, true)
  end)

  it("are marked by json.object, also with numbers for names", function()
    assert.equal("{}", json.encode(json.object()))
    assert.equal('{"7":"x"}', json.encode(json.object { [7] = "x" }))
    assert.equal('{"1":"a"}', json.encode(json.object { "a" }))
    assert.equal('{"-9007199254740992":0}', json.encode(json.object { [-2 ^ 53] = 0 }))
    for _, fields in ipairs { { [7] = 1, ["7"] = 2 }, { [1.5] = 1 }, { [1e300] = 1 } } do
      assert.matches("makes no name or the same name twice",
        refusal(json.encode, json.object(fields)), 1, true)
    end
    assert.equal("[]", json.encode(json.array(json.object())))
  end)

  it("are what json.isArray says", function()
    for _, value in ipairs { { 1 }, json.array {}, json.array { nil, 2 }, json.decode "[[]]" } do
      assert.is_true(json.isArray(value))
    end
    for _, value in ipairs {
      {}, { a = 1 }, { 1, a = 1 }, { 1, nil, 3 }, json.object { 1 }, json.array { a = 1 }, "x", 1,
    } do
      assert.is_false(json.isArray(value))
    end
  end)

  it("keep their marks through whoever copies metatables", function()
    assert.equal(json.arrayMetatable, getmetatable(json.array {}))
    assert.equal(json.objectMetatable, getmetatable(json.object {}))
  end)

  it("cannot be made of anything but plain tables", function()
    for _, mark in ipairs { "array", "object" } do
      assert.matches("json." .. mark .. " expects a table, got string", refusal(json[mark], "x"))
      assert.matches("json." .. mark .. " expects a plain table",
        refusal(json[mark], setmetatable({}, {})))
    end
  end)
end)

describe("JSON bounds", function()
  it("allow 1000 arrays and objects inside each other, both ways, in a coroutine too", function()
    local function check()
      for _, pair in ipairs { { "[", "]" }, { '{"a":', "}" }, { "[{},", "]" } } do
        local text = nested(pair[1], "[]", pair[2], 999)
        assert.equal(text, json.encode(json.decode(text)))
      end
    end
    check()
    assert(coroutine.resume(coroutine.create(check)))
  end)

  it("refuse deeper texts and values", function()
    for _, pair in ipairs {
      { "[", "]" }, { '{"a":', "}" }, { "[{},", "]" }, { '[[],{"a":', "}]" },
    } do
      local message = refusal(json.decode, nested(pair[1], "1", pair[2], 1001))
      assert.matches("nested more than 1000 deep", message)
    end
    assert.matches("line 1, column 1001: nested more than 1000 deep",
      refusal(json.decode, ("["):rep(1024 * 1024)))
    local value = 1
    for _ = 1, 1001 do value = { a = value } end
    assert.matches("%.a is nested more than 1000 deep$", refusal(json.encode, value))
    for _ = 1, 100000 do value = { value } end
    assert.matches("is nested more than 1000 deep$", refusal(json.encode, value))
  end)

  it("let time grow with the length of a text and no faster", function()
    local shapes = {
      function(n) return ("["):rep(n) end,
      function(n) return "[" .. ("1,"):rep(n / 2) .. "x]" end,
      function(n) return "[" .. ("[],"):rep(n / 3) .. "{}]" end,
      function(n) return "[{},[]," .. ('"[",'):rep(n / 4) .. "1]" end,
      function(n) return "[ " .. (" "):rep(n) end,
      function(n) return nested("[ ", (" "):rep(n), "]", 100) end,
      function(n) return '"' .. ("\\u00e9"):rep(n / 6) .. "\1" .. '"' end,
      function(n) return '{"a":{},"b":"' .. ('[\\"'):rep(n / 3) .. '","c":[]}' end,
      function(n) return ("\n"):rep(n) .. "x" end,
      function(n) return ("9"):rep(n) end,
      function(n) return '"' .. ("é\\n"):rep(n / 4) .. '"' end,
      function(n) return "[" .. ('{"name":"x","list":[1,2.5]},'):rep(n / 28) .. "[]]" end,
    }
    local function seconds(text)
      local best = math.huge
      for _ = 1, 3 do
        local started = os.clock()
        local value = json.tryDecode(text)
        if value then json.encode(value) end
        best = math.min(best, os.clock() - started)
      end
      return best
    end
    for number, shape in ipairs(shapes) do
      local short, long = seconds(shape(20000)), seconds(shape(640000))
      -- 32 times the length: a quadratic step would take 1000 times as long.
      assert.is_true(long < 160 * math.max(short, 0.0002),
        ("shape %d: %.4f s, then %.4f s"):format(number, short, long))
    end
  end)
end)

describe("JSON at random", function()
  local ALPHABET = {
    "a", "Z", "0", " ", '"', "\\", "/", "\n", "\0", "\127", "é", "€", "😀", "[]", "{}", ",",
  }

  local function random_string(next_number)
    local pieces = {}
    for i = 1, next_number(40) - 1 do
      pieces[i] = ALPHABET[next_number(4) > 1 and next_number(4) or next_number(#ALPHABET)]
    end
    return table.concat(pieces)
  end

  local function random_value(next_number, depth)
    local kind = next_number(depth > 5 and 6 or 9)
    if kind == 1 then return next_number(2) == 1 end
    if kind == 2 then return json.null end
    if kind == 3 then return next_number(2 ^ 31) * next_number(2 ^ 22) end
    if kind == 4 then return (next_number(2000001) - 1000001) / 10 ^ next_number(9) end
    if kind == 5 then return next_number(2 ^ 31) / next_number(2 ^ 31) end
    if kind == 6 then return random_string(next_number) end
    local items = {}
    if kind == 7 then
      for i = 1, next_number(6) - 1 do items[i] = random_value(next_number, depth + 1) end
      return json.array(items)
    end
    for _ = 1, next_number(8) - 1 do
      items[random_string(next_number)] = random_value(next_number, depth + 1)
    end
    return items
  end

  -- Like assert.same, and empty arrays differ from empty objects.
  local function check_same(expected, actual)
    if type(expected) ~= "table" then return assert(expected == actual) end
    assert(type(actual) == "table")
    if next(expected) == nil then assert(json.isArray(expected) == json.isArray(actual)) end
    for key, value in pairs(expected) do check_same(value, actual[key]) end
    for key in pairs(actual) do assert(expected[key] ~= nil) end
  end

  local function spaced(text, next_number)
    local spaces = { "", " ", "\n", "\t", "\r\n", "  " }
    local is_open = false
    return (text:gsub("\\?.", function(c)
      if c == '"' then is_open = not is_open end
      if is_open or not c:find "^[%[%]{},:]$" then return nil end
      return spaces[next_number(#spaces)] .. c .. spaces[next_number(#spaces)]
    end))
  end

  it("comes back the same, however it is spaced", function()
    local next_number = sequence(1)
    for _ = 1, 1500 do
      local value = random_value(next_number, 0)
      local text = json.encode(value)
      check_same(value, json.decode(text))
      check_same(value, json.decode(spaced(text, next_number)))
    end
  end)

  it("is read as lua-cjson reads it, where that is right", function()
    local next_number = sequence(2)
    for _ = 1, 500 do
      local text = json.encode(random_value(next_number, 0))
      assert.same(cjson.decode(text), json.decode(text))
    end
  end)

  it("is refused just when an independent reading finds a fault", function()
    local SEEDS = {
      '{"type":"move","x":512.25,"y":-88.5,"keys":{"left":true},"hits":[3,17,42],"n":null}', "[]",
      "[[],[{}],{}]", '"\\ud83d\\ude00 é😀 \\n\\""', "[1e5,-1.5E-10,0.1,100000000000000000000]",
      " [ 1 , 2 ] ", '{"a":{"b":[1,[2,[ ]]]}}', '"abc\\u00e9\\\\"', "-0", "[true,false]", "12.50",
    }
    local PIECES = {
      '"', "\\", "[", "]", "{", "}", ",", ":", ".", "-", "+", "e", "E", "0", "9", " ", "\n", "\0",
      "\1", "\127", "\128", "\191", "\192", "\195", "\224", "\237", "\240", "\244", "\255", "u",
      "x", "true", "null", "[]", "{}", "[ ]", "1.", "-.", '"a"', "\\u", "\\ud800", "\\udc00",
      "e5", "1e999", "é", "😀", "999999999999999999999", "",
    }
    local next_number = sequence(3)
    local accepted = 0
    for _ = 1, 12000 do
      local text = SEEDS[next_number(#SEEDS)]
      for _ = 1, next_number(3) - 1 do
        local at = next_number(#text + 1) - 1
        text = text:sub(1, at) .. PIECES[next_number(#PIECES)] .. text:sub(at + next_number(2))
      end
      local ok, value = pcall(json.decode, text)
      local fault = text_fault.describe(text)
      if ok ~= (fault == nil) then error(("%q: %s"):format(text, tostring(fault or value))) end
      if ok then
        accepted = accepted + 1
        check_same(value, json.decode(json.encode(value)))
      end
    end
    assert.is_true(accepted > 3000 and accepted < 9000, accepted)
  end)

  it("survives a document of 300 KB", function()
    local next_number = sequence(4)
    local list, bytes = json.array {}, 0
    while bytes < 300000 do
      list[#list + 1] = random_value(next_number, 2)
      bytes = bytes + #json.encode(list[#list])
    end
    check_same(list, json.decode(json.encode(list)))
  end)
end)
