local commands = require "partylua.cli.ts2lua"
local failure = require "partylua.config.failure"
local file = require "pl.file"

--- Runs `partylua ts2lua` on a source; returns what it prints.
local function run(source)
  local path, parts, stdout = os.tmpname(), {}, io.stdout
  os.rename(path, path .. ".ts")
  path = path .. ".ts"
  file.write(path, source)
  io.stdout = { -- luacheck: ignore 122
    write = function(self, ...)
      parts[#parts + 1] = table.concat { ... }
      return self
    end,
  }
  local ok, problem = pcall(commands.run, { path })
  io.stdout = stdout -- luacheck: ignore 122
  os.remove(path)
  if not ok then error(problem, 0) end
  return table.concat(parts)
end

describe("partylua ts2lua", function()
  it("prints Lua on the lines of the source", function()
    local lines = {}
    for line in (run "const a: number = 1;\n\n\nthrow new Error('x');\n"):gmatch "(.-)\n" do
      lines[#lines + 1] = line
    end
    assert.matches("local a = 1", lines[1], 1, true)
    assert.matches("throw", lines[4], 1, true)
  end)

  it("says what is no file that it can read", function()
    for path, message in pairs {
      ["/nowhere/room.ts"] = "no such file: /nowhere/room.ts", ["/tmp"] = "/tmp is a folder",
    } do
      local ok, problem = pcall(commands.run, { path })
      assert.is_false(ok)
      assert.is_true(failure.is(problem))
      assert.equal(message, problem.message)
    end
  end)

  it("shows the place of what it does not understand", function()
    local ok, problem = pcall(run, "let a = 1;\nlet b = (a +;\n")
    assert.is_false(ok)
    assert.is_true(failure.is(problem))
    assert.matches(".ts:2:13: expected an expression, found ';'\n"
      .. "   2 | let b = (a +;\n     |             ^", problem.message, 1, true)
  end)
end)
