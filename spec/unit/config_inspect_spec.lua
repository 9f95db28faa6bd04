--- Looking for everything in a configuration and stopping at the first are one set of rules.

local config = require "partylua.config"
local project = require "spec.support.project"

-- Of a configuration: some pieces that are right, and some that are not.
local PIECES = {
  '"main": "app.lua"', '"main": "gone.lua"', '"main": 5', '"port": 80', '"port": 80000',
  '"port": "x"', '"port": []', '"prot": 1', '"name": "a"', '"name": "A B"', '"vars": { "A": 1 }',
  '"vars": []', '"parties": { "a": "app.lua", "b": "gone.lua" }', '"parties": { "main": "x" }',
  '"parties": { "A": 1 }', '"crons": { "a": "* * * * *", "b": { "schedule": "x" }, "c": {} }',
  '"crons": { "a": { "schedule": "* * * * *", "timezone": "Mars" } }', '"crons": 1',
  '"cronTimezone": "UTC"', '"cronTimezone": null', '"serve": "public"', '"serve": { "path": 1 }',
  '"serve": { "path": "public", "include": [], "cors": { "a b": "c" } }', '"serve": {}',
  '"limits": { "message-bytes": "1 KiB", "ping-interval": -1, "nme": 1 }', '"limits": null',
  '"persist": "state"', '"persist": []', '"fetch": { "allow": ["x/y"], "ca": "gone.pem" }',
  '"team": "us"', '"bindings": { "r2": {}, "x": {} }', '"port"', '"a": "\1"', "}", "[",
}

--- Random numbers, the same ones in every run (Park and Miller).
local function random_of(seed)
  return function(most)
    seed = seed * 16807 % 2147483647
    return seed % most + 1
  end
end

local function document(random)
  local parts = {}
  for i = 1, random(5) do parts[i] = PIECES[random(#PIECES)] end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

describe("config.inspect", function()
  before_each(project.open)
  after_each(project.close)

  it("finds what config.load stops at, and takes what it takes", function()
    local root = project.write("app.lua", "return {}"):match "^(.*)/"
    local random, refused = random_of(20), 0
    for round = 1, 400 do
      local text = document(random)
      project.write("partylua.json", text)
      local request = { directory = root, getenv = function() end }
      local errors, messages = 0, {}
      config.inspect(request, function(found)
        assert.is_string(found.code, found.message)
        messages[found.message] = true
        if not found.is_warning then errors = errors + 1 end
      end)
      local settings, message = config.load(request)
      local what = ("round %d: %s"):format(round, text)
      assert.equal(errors == 0, settings ~= nil, what)
      if message then
        refused = refused + 1
        assert.is_true(messages[message], what .. "\n" .. message)
      end
    end
    assert.is_true(refused > 200 and refused < 400, refused .. " refused")
  end)
end)
