--- docs: the tables of docs/cli.md are what `partylua serve --help` prints.

local Process = require "spec.support.process"
local file = require "pl.file"
local markdown = require "spec.support.markdown"
local party = require "spec.support.party"
local project = require "spec.support.project"

local function help_of(...)
  local code, text = Process.run { party.program, ... }
  assert.equal(0, code, text)
  return text
end

--- The names of each option, and its words. Help has names on the left, as many lines as it
--- needs, and from column 35 on the words, which may begin beside the names or below them.
local function option_lines(help)
  local lines = {}
  for line in help:gmatch "[^\n]+" do
    local left = line:sub(1, 34):match "^ +(%-.-) *$"
    local words = line:sub(35)
    if line:find "^ +%-%-[%l-]+ %u+$" and #line > 34 then left, words = line:match "%S.*", "" end
    local last = lines[#lines]
    if left and last and last.names:find ",$" then
      last.names = last.names .. " " .. left
    elseif left then
      last = { names = left, words = "" }
      lines[#lines + 1] = last
    end
    local is_text = left or line:sub(1, 34):find "^ *$"
    if last and is_text and words ~= "" then
      last.words = last.words == "" and words or last.words .. " " .. words
    end
  end
  return lines
end

--- The options of the help by name: { names, default, bounds, meaning }.
local function options_of(help)
  local options = {}
  for _, line in ipairs(option_lines(help)) do
    local name = line.names:match "%-%-[%l-]+"
    local words, default = line.words:match "^(.*) %(default: (.*)%)$"
    words = words or line.words
    local meaning, bounds, off = words:match "^(.*); (%d[^;]* to [^;,]*),? ?([^;]*)$"
    if not bounds then meaning, bounds = words:match "^(.*): (%l+, %l.*)$" end
    if off and off ~= "" then meaning = meaning .. "; " .. off end
    options[name] = {
      short = line.names:match "^%-%l%f[%A]", argument = line.names:match "%-%-[%l-]+ (%u[%u=]*)",
      default = default, bounds = bounds, meaning = meaning or words,
    }
  end
  return options
end

--- The rows of docs/cli.md whose first cell is an option, by name.
local function documented_options(text)
  local options = {}
  for _, cells in ipairs(markdown.rows(text)) do
    local name = cells[1]:match "^%-%-[%l-]+"
    if name then
      assert.is_nil(options[name], name .. " is documented twice")
      options[name] = { short = cells[1]:match ", (%-%l)$", cells = cells }
    end
  end
  return options
end

describe("docs/cli.md", function()
  local text = file.read "docs/cli.md"
  local help = options_of(help_of("serve", "--help"))
  local documented = documented_options(text)

  it("has a row for each option, and for nothing else", function()
    local count = 0
    for name, option in pairs(help) do
      count = count + 1
      local row = assert(documented[name], name .. " is not documented")
      assert.equal(option.short, row.short, name)
    end
    for name in pairs(documented) do assert.truthy(help[name], name .. " is unknown") end
    assert.is_true(count >= 28, count .. " options")
  end)

  it("says of each option what its help says: default, bounds and meaning", function()
    local count = 0
    for name, option in pairs(help) do
      local cells = documented[name] and documented[name].cells
      if option.default then
        count = count + 1
        local said = { default = cells[2], bounds = cells[3], meaning = cells[4] }
        local expected = {
          default = option.default, bounds = option.bounds or "", meaning = option.meaning,
        }
        assert.same(expected, said, name)
      elseif cells and #cells > 2 then
        error(name .. " has a default in the docs and none in its help")
      end
    end
    assert.is_true(count >= 23, count .. " options with defaults")
  end)

  it("names the arguments of options as their help does", function()
    for name, option in pairs(help) do
      local argument = documented[name].cells[1]:match "^%-%-[%l-]+ (%u[%u=]*)"
      if argument then assert.equal(option.argument, argument, name) end
    end
  end)

  it("names no option that is nowhere", function()
    local all = " --version --lua --filter --output" -- of the program itself, and of busted
    for _, command in ipairs(require("partylua.cli.commands").names) do
      all = all .. help_of(command, "--help")
    end
    for _, verb in ipairs { "list", "get", "put", "delete", "export", "import" } do
      all = all .. help_of("storage", verb, "--help")
    end
    for _, verb in ipairs { "show", "hibernate", "send" } do
      all = all .. help_of("room", verb, "--help")
    end
    for _, verb in ipairs { "create", "list", "get", "delete", "insert", "query" } do
      all = all .. help_of("vectorize", verb, "--help")
    end
    for name in text:gmatch "%-%-%l[%l-]+" do
      assert.truthy(all:find(name, 1, true), name .. " is named and unknown")
    end
  end)

  it("has a row for each key of partylua.json, or says that it has no effect", function()
    local rows, seen = {}, 0
    local chapter = text:match "\n## partylua%.json\n(.-)\n## "
    for _, cells in ipairs(markdown.rows(chapter)) do
      for key in cells[1]:gmatch "[%w$]+" do rows[key] = true end
    end
    local without_effect = chapter:match "`src/chat.lua` is taken%. (.-) are accepted"
      or chapter:match "`src/chat.lua` is taken%. (.-)\nare accepted"
    local function check(rules, prefix)
      for key, rule in pairs(rules) do
        seen = seen + 1
        local name = prefix .. key
        local is_said = without_effect:find("`" .. name .. "`", 1, true) ~= nil
        if rule.unused then
          assert.is_true(is_said, name .. " has no effect, which is not said")
        elseif not rule.refused then
          assert.is_false(is_said, name .. " is said to have no effect")
          local where = prefix == "" and rows[key] or chapter:find("`" .. key .. "`", 1, true)
          assert.truthy(where, name .. " is not documented")
        end
      end
    end
    local fields = require("partylua.config.schema").fields
    check(fields, "")
    check(fields.serve.fields, "serve.")
    for key in pairs(rows) do
      local is_known = fields[key] or fields.serve.fields[key] or key == "key"
      assert.truthy(is_known or key == "of" or key == "serve", key .. " is documented and unknown")
    end
    assert.is_true(seen > 30, seen .. " keys")
  end)

  it("shows configuration that loads, here and on the other pages", function()
    project.open()
    finally(project.close)
    project.write("public/index.html", "")
    project.write("lobby.lua", "return {}")
    local shown = 0
    for _, block in ipairs(markdown.all "json") do
      if block.page:find "^docs/" then
        shown = shown + 1
        assert.same({}, project.settings_of(block.text).warnings)
      end
    end
    assert.is_true(shown >= 1)
  end)

  it("shows the commands that there are", function()
    local overview = help_of "help"
    local count = 0
    for name in overview:gmatch "\n   (%w+) " do
      count = count + 1
      assert.matches("\npartylua " .. name .. "%f[%A]", text)
    end
    assert.equal(#require("partylua.cli.commands").names, count)
  end)
end)
