--- docs: what docs/testing.md shows runs, in this very process.
---
--- A block that begins with a file's name is that file; one with `describe` is a spec of its own;
--- any other stands in an `it`, where `app` is that of chat.lua and `room` its lobby.

local Process = require "spec.support.process"
local file = require "pl.file"
local markdown = require "spec.support.markdown"
local party = require "spec.support.party"

local PAGE = "docs/testing.md"

local AROUND = [[
local party = require "partylua.testing"
describe("docs", function()
  it("run", function()
    local app = party.app "chat.lua"
    local room = app:room "lobby"
    do
%s
    end
    app:stop()
  end)
end)
]]

describe(PAGE, function()
  local blocks, folder = {}, nil
  setup(function()
    folder = party.make_folder()
    for _, block in ipairs(markdown.blocks(PAGE)) do
      if block.language == "lua" then
        blocks[#blocks + 1] = block
        if block.file_name then party.write_file(block.file_name, block.text, folder) end
      end
    end
  end)

  it("shows specs that pass", function()
    local ran = 0
    for i, block in ipairs(blocks) do
      if not block.file_name then
        local text = block.text:find "describe%(" and block.text or AROUND:format(block.text)
        local name = ("block_%d_spec.lua"):format(i)
        party.write_file(name, text, folder)
        local code, output = Process.run({ party.program, "test", name }, folder)
        assert.equal(0, code, ("%s:\n%s"):format(block.place, output))
        ran = ran + 1
      end
    end
    assert.is_true(ran >= 9, ran .. " blocks ran")
  end)

  it("shows the room and the spec that stand in spec/testing", function()
    local page = file.read(PAGE)
    local spec = file.read "spec/testing/chat_spec.lua"
    assert.truthy(page:find("```lua\n" .. spec .. "```", 1, true))
    local room = file.read("spec/testing/chat.lua"):match "^%-%-%-[^\n]*\n\n(.*)$"
    assert.truthy(page:find("```lua\n-- chat.lua\n" .. room .. "```", 1, true))
  end)

  it("names every option there is", function()
    local page = file.read(PAGE)
    local types = file.read "lualib/partylua/types/testing.lua"
    for _, class in ipairs { "Options", "FuzzOptions", "Client", "Answer", "ConnectOptions" } do
      local fields = types:match("@class partylua.testing." .. class .. "\n(.-)\n\n")
      for name in fields:gmatch "%-%-%-@field ([%a]+)" do
        if name ~= "shrinkSeconds" and name ~= "statusText" then
          assert.truthy(page:find("`[^`]*%f[%w]" .. name .. "%f[%W]"), name .. " is not there")
        end
      end
    end
  end)
end)
