local dir = require "pl.dir"
local fault = require "ts2lua.fault"
local file = require "pl.file"
local json = require "partylua.json"
local translator = require "ts2lua.translator"

--- Programs to spoil: the language tests and the TypeScript servers of the conformance kit.
local function sources()
  local list = {}
  for _, case in ipairs(json.decode(file.read "spec/ts/language-tests.json")) do
    list[#list + 1] = case.code
  end
  for _, path in ipairs(dir.getfiles("spec/conformance/kit/servers", "*.ts")) do
    list[#list + 1] = file.read(path)
  end
  return list
end

--- Small random numbers that are the same each time.
local function generator(seed)
  return function(bound)
    seed = (seed * 16807) % 2147483647
    return seed % bound + 1
  end
end

local PIECES = { "(", ")", "{", "}", "[", "]", "<", ">", "`", "${", "'", '"', "/", "//", "/*", "*/",
  ";", ",", ":", "?", "?.", "=>", "=", "...", "async ", "await ", "yield ", "function ", "class ",
  "get ", "static ", "#x", "if(", "for(", "return ", "let ", "const ", "import ", "export ",
  "default ", "type ", "enum ", "break;", "continue;", "try{", "catch{", "case 1:", "super", "this",
  "new ", "\\", "\\u", "0x", "1e", "\0", "\255", "é", "\n", "in ", "of ", "as ", "@", "!", "~" }

--- The source with a few places cut, doubled, swapped or filled with something else.
local function spoil(source, random)
  for _ = 1, random(3) do
    local at, length = random(#source), random(12)
    local kind = random(4)
    if kind == 1 then
      source = source:sub(1, at - 1) .. source:sub(at + length)
    elseif kind == 2 then
      source = source:sub(1, at) .. PIECES[random(#PIECES)] .. source:sub(at + 1)
    elseif kind == 3 then
      source = source:sub(1, at) .. source:sub(random(#source), at + length) .. source:sub(at + 1)
    else
      source = source:sub(1, at) .. string.char(random(256) - 1) .. source:sub(at + 2)
    end
    if source == "" then source = ";" end
  end
  return source
end

--- Translates; fails the spec unless Lua or a fault within the source comes out.
local function check(source)
  local translation, problem = translator.translate(source, "spoiled.ts")
  local found = translator.examine(source, "spoiled.ts")
  assert.equal(translation == nil, found[1] ~= nil and found[1].name == nil)
  if translation then
    assert(loadstring(translation.lua))
  else
    assert.is_true(fault.is(problem))
    local _, lines = source:gsub("\n", "")
    assert.is_true(problem.line >= 1 and problem.line <= lines + 1, tostring(problem))
    assert.is_true(problem.column >= 1, tostring(problem))
  end
end

describe("the translator", function()
  it("ends in Lua or in a clear fault, whatever it is given", function()
    local list, random = sources(), generator(20240718)
    local rounds = tonumber(os.getenv "TS2LUA_SPOILED") or 5000
    for _ = 1, rounds do
      local source = spoil(list[random(#list)], random)
      local ok, problem = pcall(check, source)
      if not ok then error(("%s\nfor the source:\n%s"):format(tostring(problem), source), 0) end
    end
  end)

  it("refuses what is nested too deeply, without a stack overflow of its own", function()
    local deep = {
      ("("):rep(100000), ("["):rep(100000), ("{"):rep(100000), ("!"):rep(100000) .. "a",
      ("a=>"):rep(10000) .. "1", ("x?"):rep(5000), ("f("):rep(5000), ("if(a)"):rep(5000),
      "a" .. ("+a"):rep(20000), "a" .. (".b"):rep(20000), ("(a="):rep(60) .. "1" .. (")"):rep(60),
      "let x: " .. ("Array<"):rep(5000), "`${" .. ("`${"):rep(3000), ("try{"):rep(2000),
    }
    for _, source in ipairs(deep) do check(source) end
  end)

  it("gives the same output each time", function()
    for _, source in ipairs(sources()) do
      local first = translator.translate(source, "a.ts")
      local second = translator.translate(source, "a.ts")
      assert.same(first, second)
    end
  end)

  it("points at the place of a fault", function()
    local places = {
      { "let a = 1;\nlet b = (a +;", 2, 13 }, { "const a = 1;\na = 2;", 2, 1 },
      { "return 1", 1, 1 }, { "for (;;) { f(() => { break; }) }", 1, 22 },
      { "class A { m() { this.#x } }", 1, 22 }, { "let s = 'abc", 1, 9 },
      { "@dec class A {}", 1, 1 }, { "let x = 1.5n", 1, 9 }, { "with (a) b", 1, 1 },
      { "const f = (a: number) => {\n  g((b) => {\n    return b +;\n  });\n};", 3, 15 },
      { "class A { m = async (x, y) => { if (x { } } }", 1, 39 },
      { "l.map((x) => ({ b: }));", 1, 20 },
      { "eval('1')", 1, 1 }, { "function f() { await g() }", 1, 16 },
    }
    for _, place in ipairs(places) do
      local _, problem = translator.translate(place[1], "a.ts")
      assert.is_true(fault.is(problem), place[1])
      assert.same({ place[2], place[3] }, { problem.line, problem.column }, place[1])
    end
  end)
end)
