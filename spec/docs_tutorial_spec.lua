--- docs: the tutorial, walked from an empty folder by its text alone.
---
--- A block whose first line is a comment with a file's name is that file, byte for byte as in the
--- step's folder of examples/tutorial; another block of Lua is a part of one. Commands run as they
--- stand, and a `text` block after them is what they print, where `…` is anything. What the text
--- asks to be done in a browser is done by VISITS, and in one by spec/browser.

local Reader = require "spec.support.reader"
local dir = require "pl.dir"
local file = require "pl.file"
local http = require "spec.support.http"
local markdown = require "spec.support.markdown"
local party = require "spec.support.party"
local path = require "pl.path"

local function heard(socket, from, text)
  assert.same({ from = from, text = text }, socket:receive_json())
end

--- What is done in the browser after the first, second … `partylua serve` of a step.
local VISITS = {
  ["1-first-room"] = { function(open)
    local socket = open "/parties/main/kitchen"
    socket:send "hello"
    assert.equal("Welcome to kitchen", socket:receive())
    assert.equal("You said: hello", socket:receive())
  end },

  ["2-two-tabs"] = { function(open)
    local ann, bob = open "/parties/main/lobby", open "/parties/main/lobby"
    ann:send_json { text = "hello" }
    heard(ann, "Somebody", "hello")
    heard(bob, "Somebody", "hello")
  end },

  ["3-names"] = { function(open)
    local hal = open "/parties/main/lobby?name=Hal&role=host"
    heard(hal, "room", "Hal came")
    open("/parties/main/lobby?name=Ann"):close(1000)
    heard(hal, "room", "Ann came")
    heard(hal, "room", "Ann left")
  end },

  ["4-memory"] = {
    function(open)
      local ann = open "/parties/main/lobby?name=Ann"
      ann:send_json { text = "hello" }
      heard(ann, "Ann", "hello")
    end,
    function(open) heard(open "/parties/main/lobby?name=Ann", "Ann", "hello") end,
  },

  ["5-tests"] = {},

  ["6-lobby"] = { function(open)
    local watcher = open "/parties/lobby/main"
    assert.same({ rooms = {} }, watcher:receive_json())
    open "/parties/main/kitchen"
    assert.same({ rooms = { { room = "kitchen", people = 1 } } }, watcher:receive_json())
  end },

  ["7-alarms"] = {
    function(open, port)
      local ann = open "/parties/main/lobby?name=Ann"
      heard(ann, "Ann", "hello") -- of step 4
      return function() -- after the next command
        heard(ann, "room", "time for tea")
        assert.equal(403, http.request(port, "POST", "/parties/main/lobby").status)
      end
    end,
    function(open) heard(open "/parties/main/lobby?name=Ann", "Ann", "hello") end,
  },
}

--- The name in the first line of a block, if it is a file's.
local function file_of(block)
  local first = block.text:match "^[^\n]*"
  local name = first:match "^%-%- (%S+)$" or first:match "^// (%S+)$"
    or first:match "^<!%-%- (%S+) %-%->$"
  return name and name:find "%.%l+$" and name
end

local function files_of(folder)
  local files = {}
  for _, each in ipairs(dir.getallfiles(folder)) do
    local name = each:sub(#folder + 2)
    local is_ours = not name:find "^%.partylua/" and name ~= "tutorial.backup"
    if is_ours then files[name] = file.read(each) end
  end
  return files
end

local function is_part_of_any(text, files)
  for _, content in pairs(files) do
    if content:find(text, 1, true) then return true end
  end
  return false
end

local function follow(reader, page, step)
  local expected = files_of("examples/tutorial/" .. step)
  reader.serves, reader.output = 0, nil
  for _, block in ipairs(markdown.blocks(page)) do
    local name = file_of(block)
    if name then
      assert.equal(expected[name], block.text, block.place)
      party.write_file(name, block.text, reader.folder)
    elseif block.language == "lua" then
      assert.is_true(is_part_of_any(block.text, expected), block.place .. " is in no file")
    elseif block.language == "sh" then
      reader:type(block, VISITS[step])
    elseif block.language == "text" and reader.output then
      reader:compare(block)
    else -- typed into the console of a browser, whose text follows
      assert.is_true(block.language == "js" or block.language == "text", block.place)
      reader.output = nil
    end
  end
  assert.equal(#VISITS[step], reader.serves)
  assert.same(expected, files_of(reader.folder))
end

describe("the tutorial", function()
  local steps = {}
  for _, page in ipairs(markdown.pages()) do
    local step = page:match "^docs/tutorial/(%d.*)%.md$"
    if step then steps[#steps + 1] = { page = page, step = step } end
  end

  it("has seven steps, each with a folder, and each leads to the next", function()
    assert.equal(7, #steps)
    for i, each in ipairs(steps) do
      assert.equal(tostring(i), each.step:sub(1, 1))
      assert.truthy(path.isdir("examples/tutorial/" .. each.step))
      assert.matches("\n## What you have learnt\n", file.read(each.page), 1, true)
      local last = file.read(each.page):match "\n## What you have learnt\n(.*)$"
      local following = steps[i + 1] and steps[i + 1].step .. ".md" or "../lua-api.md"
      assert.matches("](" .. following .. ")", last, 1, true)
    end
    assert.equal(7, #dir.getdirectories "examples/tutorial")
  end)

  it("can be followed from an empty folder to its end", function()
    local reader = Reader.new()
    finally(function() reader:stop() end)
    for _, each in ipairs(steps) do follow(reader, each.page, each.step) end
    reader:stop()
    assert.truthy(path.isfile(reader.folder .. "/tutorial.backup"))
  end)
end)
