--- partylua test: busted in this program, as a project has set it up.

local Process = require "spec.support.process"
local party = require "spec.support.party"

local APP = [[
  local Echo = {}
  function Echo:onMessage(message, conn) conn:send(message) end
  return Echo]]
local SPEC = [[
  local party = require "partylua.testing"
  describe("echo", function()
    it("answers", function()
      local app = party.app "app.lua"
      local ana = app:room("r"):connect()
      ana:send "hello"
      assert.received(ana, "hello")
      app:stop()
    end)
    it("is of this kind: " .. (require "partylua.testing.mode".is_real and "real" or "memory"),
      function() end)
  end)]]

local function folder_with(files)
  local _, folder = party.write_file("app.lua", APP)
  for name, text in pairs(files) do party.write_file(name, text, folder) end
  return folder
end

--- Runs `partylua test` in a folder; gives the exit code and all that was printed.
local function test(folder, ...)
  return Process.run({ party.program, "test", ... }, folder)
end

describe("partylua test", function()
  it("runs the specs of the folder spec", function()
    local code, output = test(folder_with { ["spec/app_spec.lua"] = SPEC })
    assert.equal(0, code, output)
    assert.matches("2 successes / 0 failures / 0 errors", output)
  end)

  it("runs named files and folders", function()
    local folder = folder_with { ["a_spec.lua"] = SPEC, ["more/b_spec.lua"] = SPEC }
    local code, output = test(folder, "a_spec.lua", "more")
    assert.equal(0, code, output)
    assert.matches("4 successes", output)
  end)

  it("refuses a file that is no spec, of which nothing would be run", function()
    local code, output = test(folder_with { ["notes.txt"] = "" }, "notes.txt")
    assert.same({ 1, "partylua: notes.txt is no Lua file\n" }, { code, output })
  end)

  it("does as .busted says, but for the interpreter", function()
    local folder = folder_with {
      [".busted"] = 'return { _all = { lua = "no-such-program" }, '
        .. 'default = { ROOT = { "specs" }, pattern = "_test" } }',
      ["specs/app_test.lua"] = SPEC,
      ["spec/app_spec.lua"] = "error 'not this one'",
    }
    local code, output = test(folder)
    assert.equal(0, code, output)
    assert.matches("2 successes", output)
  end)

  it("gives busted what stands behind --", function()
    local folder = folder_with { ["spec/app_spec.lua"] = SPEC }
    local _, output = test(folder, "--", "--output", "TAP", "--filter", "answers")
    assert.matches("ok 1 %- echo answers\n1%.%.1", output)
  end)

  it("runs them over sockets with --real, or PARTYLUA_TEST=real", function()
    local folder = folder_with { ["spec/app_spec.lua"] = SPEC }
    local _, memory = test(folder, "--", "-o", "TAP")
    assert.matches("ok 2 %- echo is of this kind: memory", memory)
    local code, output = test(folder, "--real", "--", "-o", "TAP")
    assert.equal(0, code, output)
    assert.matches("ok 2 %- echo is of this kind: real", output)
    code, output = Process.run({ "env", "PARTYLUA_TEST=real", party.program, "test", "--", "-o",
      "TAP" }, folder)
    assert.equal(0, code, output)
    assert.matches("ok 2 %- echo is of this kind: real", output)
  end)

  it("is what busted does with this program as its interpreter", function()
    local folder = folder_with { ["spec/app_spec.lua"] = SPEC }
    local code, output = Process.run({ "busted", "--lua=" .. party.program }, folder)
    assert.equal(0, code, output)
    assert.matches("2 successes", output)
  end)

  it("does the same in every process", function()
    local folder = folder_with { ["spec/a_spec.lua"] = [[
      local party = require "partylua.testing"
      it("plays", function()
        local app = party.app({
          onConnect = function(self, conn)
            local stub = self.room.context.parties.main:get("s" .. math.random(1000000))
            stub:socket():send(conn.id)
          end,
          onMessage = function(self, text) io.write(self.room.id, " ", text, "\n") end,
          onClose = function(self, conn, code) io.write(self.room.id, " ", code, "\n") end,
        }, { seed = 4 })
        for i = 1, 5 do app:room("r" .. i):connect { id = false } end
        io.write(party.uuid(), "\n")
        app:restart()
        app:stop()
      end)]] }
    local _, first = test(folder, "--", "-o", "TAP")
    local _, second = test(folder, "--", "-o", "TAP")
    assert.matches("s%d+ %x+%-%x+", first)
    assert.equal(first, second)
  end)

  it("fails when a spec does, and shows why", function()
    local folder = folder_with { ["spec/a_spec.lua"] = [[
      local party = require "partylua.testing"
      it("fails", function()
        local app = party.app { onConnect = function(self) error "boom" end }
        app:room("r"):connect()
        app:stop()
      end)]] }
    local code, output = test(folder)
    assert.equal(1, code)
    assert.matches("a hook raised, and nobody looked", output)
    assert.matches("a_spec.lua:3: boom %(onConnect of main/r%)", output)
  end)

  it("says what is missing, in one line and a hint", function()
    local folder = folder_with {}
    local code, output = test(folder)
    assert.equal(1, code)
    assert.matches("^partylua: there are no specs here: [^\n]+\n  hint: [^\n]+\n$", output)
    code, output = test(folder, "nowhere")
    assert.equal(1, code)
    assert.equal("partylua: no such file or folder: nowhere\n", output)
    code, output = test(folder, "--rael")
    assert.equal(1, code)
    assert.matches("did you mean '%-%-real'", output)
  end)
end)
