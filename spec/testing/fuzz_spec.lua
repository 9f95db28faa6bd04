--- What party.fuzz does, finds, and says about it.

local party = require "partylua.testing"

--- Adds up what it is sent, and forgets to store some of it.
local Sum = { options = { hibernate = true } }
function Sum:onStart() self.sum = self.room.storage:get "sum" or 0 end
function Sum:onMessage(text, conn)
  self.sum = self.sum + tonumber(text)
  if self.sum % 7 ~= 3 then self.room.storage:put("sum", self.sum) end
  conn:send(party.json.encode { sum = self.sum })
end

--- Of messages that came together the spec hears one client after the other.
local function hear(world, _, message)
  world.model.told = math.max(world.model.told or 0, message.sum)
end

local function is_stored(world)
  local stored = world.app:room("lobby"):storage "sum" or 0
  if world.model.told and stored ~= world.model.told then
    error(("told %d, stored %d"):format(world.model.told, stored), 0)
  end
end

local function options(more)
  local all = {
    seed = 5, steps = 100, weights = { failCommits = 0, slowCommits = 0 },
    message = function(random) return tostring(random(9)) end, received = hear,
    invariants = { ["what was told is stored"] = is_stored },
  }
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

local function failure_of(source, given)
  local ok, why = pcall(party.fuzz, source, given)
  assert.is_false(ok)
  return why
end

describe("party.fuzz", function()
  it("names invariant, seed and steps, and writes the shortest script as a spec", function()
    local why = failure_of(Sum, options())
    assert.matches("does not hold: what was told is stored\ntold %d+, stored %d+\n", why)
    assert.matches("It was seed 5, after %d+ steps", why)
    assert.matches("The shortest script that fails the same way has %d:", why)
    local script = why:match "\n\n(.*)\n$"
    assert.equal([[
local app = party.app(App, { seed = N })
local cN
cN = app:room("lobby"):connect({ id = "cN" })
cN:send("N")]], (script:gsub("%d", "N")))
  end)

  it("gives a script that fails when it is pasted", function()
    local script = failure_of(Sum, options()):match "\n\n(local app.*)$"
    local play = assert(loadstring("local party, App = ...\n" .. script .. "\nreturn app"))
    local app = play(party, Sum)
    local told = app:room("lobby"):instance().sum
    assert.not_equal(told, app:room("lobby"):storage "sum" or 0)
    app:stop()
  end)

  it("does the same for the same seed", function()
    assert.equal(failure_of(Sum, options()), failure_of(Sum, options()))
    assert.not_equal(failure_of(Sum, options()), failure_of(Sum, options { seed = 6 }))
  end)

  it("leaves what holds alone, and says what it has done", function()
    local Right = setmetatable({
      onMessage = function(self, text, conn)
        self.sum = self.sum + tonumber(text)
        self.room.storage:put("sum", self.sum)
        conn:send(party.json.encode { sum = self.sum })
      end,
    }, { __index = Sum })
    local result = party.fuzz(Right, options { runs = 5 })
    assert.equal(500, result.steps)
    assert.equal(5, result.seed)
    assert.is_true(result.counts.send > 100 and result.counts.crash > 0)
    assert.is_nil(result.counts.failCommits)
    assert.is_nil(result.counts.fetch)
  end)

  it("takes the error of a hook for a failure, unless it may raise", function()
    local Raising = { onMessage = function(self) error "boom" end }
    local given = { seed = 1, steps = 50, message = function() return "x" end }
    assert.matches("a hook raised:\n  spec/testing/fuzz_spec.lua:%d+: boom",
      failure_of(Raising, given))
    given.mayRaise = true
    party.fuzz(Raising, given)
  end)

  it("does what the spec adds, connects and asks as it says, and looks at the answers", function()
    local seen = { roles = {}, answers = 0, closed = 0, sent = 0 }
    party.fuzz({
      onConnect = function(self, conn, ctx) seen.roles[ctx.request.query.role] = true end,
      onRequest = function(self, request) return party.Response(request.query.n) end,
    }, {
      seed = 3, steps = 300, rooms = { "a", "b" },
      message = function() return { deep = { 1 } } end,
      sent = function() seen.sent = seen.sent + 1 end,
      connect = function(random) return { query = { role = random:pick { "mod", "user" } } } end,
      request = function(random) return "?n=" .. random(9) end,
      answered = function(_, step, answer)
        seen.answers = seen.answers + 1
        assert.equal(step.path, "?n=" .. answer.body)
      end,
      closed = function() seen.closed = seen.closed + 1 end,
      actions = { count = function(world) world.model.n = (world.model.n or 0) + 1 end },
      atRest = { ["actions were done"] = function(world) assert.is_true(world.model.n > 3) end },
    })
    assert.same({ mod = true, user = true }, seen.roles)
    assert.is_true(seen.answers > 3 and seen.closed > 3 and seen.sent > 3)
  end)

  it("refuses options that it does not have", function()
    assert.error_matches(function() party.fuzz(Sum, { step = 1 }) end,
      "no option 'step': did you mean 'steps'")
    assert.error_matches(function() party.fuzz(Sum, { weights = { crahs = 1 } }) end,
      "no kind of step 'crahs': did you mean 'crash'")
  end)
end)
