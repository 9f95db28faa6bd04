local runtime = require "ts2lua.runtime"
local typescript = require "spec.support.typescript"

--- Runs a program in which `here(LINE)` stands on line LINE; returns what ran elsewhere, and how
--- many calls there were.
local function run(source)
  local wrong, count = {}, 0
  rawset(runtime.G, "here", function(_, expected)
    local line = debug.getinfo(2, "l").currentline
    count = count + 1
    if line ~= expected then wrong[#wrong + 1] = ("line %d ran at %d"):format(expected, line) end
    return expected
  end)
  typescript.load(source)
  rawset(runtime.G, "here", nil)
  return wrong, count
end

--- The source with `here()` filled in with its line.
local function numbered(source)
  local lines, line = {}, 0
  for text in (source .. "\n"):gmatch "(.-)\n" do
    line = line + 1
    lines[line] = text:gsub("here%(%)", ("here(%d)"):format(line))
  end
  return table.concat(lines, "\n")
end

local PROGRAMS = {
  ["functions behind what calls them"] = [[
const a = helper(1);
here();
function helper(n: number) {
  here();
  inner();
  here();
  var late = 5;
  function inner() {
    here();
    return late;
  }
  here();
  return n;
}
export default function () {
  here();
}
if (a) {
  here();
  block();
  function block() {
    here();
  }
}
here();]],
  ["switch"] = [[
function which(x: any) {
  switch (x) {
    case "a":
      here();
      break;
    case here(): {
      const y = 1;
      here();
    }
    // falls through
    case "b":
      here();
    default:
      here();
    case "c":
      here();
  }
  here();
}
which("a"); which("b"); which("c"); which("d"); which(6);]],
  ["fields and static members between methods"] = [[
class A {
  first = here();
  static one = here();
  constructor(readonly x = 1) {
    here();
  }
  method() {
    here();
  }
  later = () => {
    here();
    return [here()];
  };
  get value() {
    here();
    return 1;
  }
  #hidden = here();
  static {
    here();
  }
  last = [
    here(),
    here(),
  ];
}
class B extends A {
  more = here();
  constructor() {
    here();
    super(2);
    here();
  }
  method() {
    super.method();
    here();
  }
  static make() {
    here();
    return new B();
  }
}
const b = B.make();
b.method();
b.later();
b.value;
here();]],
  ["conditions, loops and tries"] = [[
for (let i = 0; i < 2; i++) {
  here();
  if (i === 1)
    here();
  else if (here())
    here();
}
try {
  here();
  throw new Error();
} catch (e) {
  here();
} finally {
  here();
}
const f = (x = here()) =>
  [here()];
f();
const o = {
  a: here(),
  b() {
    here();
  },
};
o.b();
const text = `${here()}
  ${1}`;
do {
  here();
} while (
  !here()
);
here();]],
}

describe("every statement runs on the line it has in the source:", function()
  for name, source in pairs(PROGRAMS) do
    it(name, function()
      local wrong, count = run(numbered(source))
      assert.same({}, wrong)
      assert.is_true(count >= 8)
    end)
  end
end)
