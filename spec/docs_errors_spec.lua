--- docs: docs/errors.md explains each code that can be found, and no other.

local codes = require "partylua.check.codes"
local dir = require "pl.dir"
local file = require "pl.file"

--- Every code that a source of the library names.
local function codes_in_sources()
  local found = {}
  for _, path in ipairs(dir.getallfiles("lualib/partylua", "*.lua")) do
    if not path:find "check/codes%.lua$" then
      for code in file.read(path):gmatch '"(P0%d%d)"' do found[code] = path end
    end
  end
  return found
end

describe("docs/errors.md", function()
  local text = file.read "docs/errors.md"

  it("has an entry for each code, under its title", function()
    local count = 0
    for code, title in pairs(codes) do
      count = count + 1
      assert.truthy(text:find(("\n### %s: %s\n\n"):format(code, title), 1, true), code)
    end
    assert.is_true(count >= 28, count .. " codes")
    for code in text:gmatch "\n### (P%d+)" do assert.truthy(codes[code], code) end
  end)

  it("has them in order", function()
    local last = ""
    for code in text:gmatch "\n### (P%d+)" do
      assert.is_true(code > last, code)
      last = code
    end
  end)

  it("knows the codes that the sources give, and those are all", function()
    local found = codes_in_sources()
    for code, path in pairs(found) do assert.truthy(codes[code], code .. " of " .. path) end
    for code in pairs(codes) do assert.truthy(found[code], code .. " is given by nobody") end
  end)
end)
