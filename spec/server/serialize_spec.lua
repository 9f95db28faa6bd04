local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local Response = party.Response
local Strict, Loose = { options = { serialize = true } }, {}

local function note(self, text)
  self.lines = self.lines or {}
  self.lines[#self.lines + 1] = text
end

local Base = {}

function Base:onConnect(conn, ctx)
  note(self, "+connect")
  party.sleep(0.01)
  note(self, "-connect")
end

function Base:onMessage(message, conn)
  note(self, "+" .. message)
  if message == "fail" then
    party.sleep(0.01)
    note(self, "-fail")
    error "failed"
  end
  if message == "all" then
    party.all { function() party.sleep(0.01) end, function() party.sleep(0.005) end }
  elseif message == "itself" then
    local ok, why = pcall(function()
      return self.room.context.parties[self.room.name]:get(self.room.id):fetch():text()
    end)
    note(self, ok and "answered" or why)
  else
    party.sleep(0.01)
  end
  note(self, "-" .. message)
  conn:send("done " .. message)
end

function Base:onRequest(request)
  note(self, "+request")
  party.sleep(0.005)
  note(self, "-request")
  return Response(table.concat(self.lines, " "))
end

for name, hook in pairs(Base) do Strict[name], Loose[name] = hook, hook end

function Strict:onStart()
  party.every(0.001, function() self.ticks = (self.ticks or 0) + 1 end)
end

return party.app { main = Strict, parties = { loose = Loose } }
]]

describe("a room with options.serialize", function()
  local server
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)

  local function talk(path, messages, answers)
    local one, two = server:connect(path), server:connect(path)
    for i, message in ipairs(messages) do (i % 2 == 1 and one or two):send(message) end
    for i, message in ipairs(messages) do
      if message ~= "fail" then
        assert.equal("done " .. message, (i % 2 == 1 and one or two):receive())
      end
    end
    return server:get(path).body, answers
  end

  --- Whether no hook begins before the one before it has ended.
  local function is_in_turn(lines)
    local open = false
    for sign in lines:gmatch "([+-])%l" do
      if (sign == "+") == open then return false end
      open = sign == "+"
    end
    return not open
  end

  it("runs one hook after the other, whatever they wait for", function()
    local lines = talk("/party/strict", { "a", "b", "all", "fail", "c", "d" })
    assert.is_true(is_in_turn(lines), lines)
  end)

  it("is not what others are", function()
    assert.is_false(is_in_turn(talk("/parties/loose/room", { "a", "b", "c", "d" })))
  end)

  it("refuses a call that would wait for itself", function()
    local lines = talk("/party/itself", { "itself", "a" })
    assert.matches("that room is busy until it has ended", lines, 1, true)
    assert.matches("answered -itself", talk("/parties/loose/itself", { "itself" }), 1, true)
  end)
end)
