--- docs: the guide to cursors quotes its example, and the one to backups is followed by its text.

local Reader = require "spec.support.reader"
local file = require "pl.file"
local markdown = require "spec.support.markdown"
local party = require "spec.support.party"
local path = require "pl.path"

local APP = [[
return {
  onMessage = function(self, message)
    self.room.storage:put("greeting", message)
    self.room:broadcast "stored"
  end,
}]]

describe("docs/guides/cursors.md", function()
  it("quotes examples/cursors", function()
    local sources = {
      lua = file.read "examples/cursors/app.lua",
      js = file.read "examples/cursors/public/cursors.js",
    }
    local count = 0
    for _, block in ipairs(markdown.blocks "docs/guides/cursors.md") do
      local source = sources[block.language]
      if source then
        count = count + 1
        assert.truthy(source:find(block.text, 1, true), block.place .. " is not in the example")
      end
    end
    assert.is_true(count >= 8)
  end)
end)

describe("docs/guides/backup.md", function()
  it("can be followed, and what was lost is there again", function()
    local reader = Reader.new()
    finally(function() reader:stop() end)
    party.write_file("app.lua", APP, reader.folder)
    local visits = { function(open)
      local ann = open "/parties/main/lobby"
      ann:send "hello"
      assert.equal("stored", ann:receive())
    end }
    for _, block in ipairs(markdown.blocks "docs/guides/backup.md") do
      if block.language == "sh" then reader:type(block, visits) end
      if block.language == "text" then reader:compare(block) end
    end
    assert.matches("day%-%d.backup", reader:run("ls", "the folder"))
    assert.is_false(path.exists(reader.folder .. "/next.backup"))
    assert.equal('"hello"\n', reader:run("partylua storage get main/copy greeting", "at the end"))
  end)
end)
