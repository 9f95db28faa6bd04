--- docs/partykit-differences.md names every scenario that does not count, and no other. That it
--- says of each what is so is checked where they are played (spec/conformance/check.mjs).

local dir = require "pl.dir"
local file = require "pl.file"
local json = require "partylua.json"
local markdown = require "spec.support.markdown"

--- The names of the advisory scenarios of the kit, with their notes.
local function advisory()
  local notes = {}
  for _, path in ipairs(dir.getfiles("spec/conformance/kit/scenarios", "*.json")) do
    local group = json.decode(file.read(path))
    for _, scenario in ipairs(group.scenarios) do
      if scenario.level ~= "must" then notes[scenario.name] = scenario.note end
    end
  end
  return notes
end

describe("the page of differences", function()
  local page = file.read "docs/partykit-differences.md"
  local told = {}
  for _, row in ipairs(markdown.rows(page)) do
    if row[1]:find "^[%a-]+/[%w-]+$" then
      assert(not told[row[1]], row[1] .. " is there twice")
      told[row[1]] = row
    end
  end

  it("lists every advisory scenario with our answer", function()
    local count = 0
    for name in pairs(advisory()) do
      count = count + 1
      local row = told[name]
      assert.truthy(row, name .. " is not listed")
      assert.truthy(row[2] == "same" or row[2] == "differs", name .. " is neither same nor differs")
      assert.is_true(#row[3] > 0, name .. " has no answer")
    end
    assert.equal(tonumber(page:match "The other (%d+) recorded"), count)
  end)

  it("gives the reason of everything that is done otherwise on purpose", function()
    local chapter = page:match "\n## What is done otherwise on purpose\n(.-)\n## "
    local rows = markdown.rows(chapter)
    assert.is_true(#rows > 30)
    for _, row in ipairs(rows) do assert.is_true(#row[3] > 0, row[1] .. ": no reason is given") end
  end)

  it("lists no scenario that is not advisory", function()
    local notes = advisory()
    for name in pairs(told) do assert.truthy(notes[name], name .. " is not advisory") end
  end)
end)
