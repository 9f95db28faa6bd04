--- docs: the commands of README, docs and the examples can be typed as they stand.
---
--- Whatever serves is served on a free port, which takes the place of 1999 in the commands that
--- follow it on the page. The tutorial and docs/guides/backup.md have specs of their own. What
--- cannot be run inside the tests, because it is all of them or goes to a package registry, is
--- looked at instead.

local Process = require "spec.support.process"
local dir = require "pl.dir"
local file = require "pl.file"
local http = require "spec.support.http"
local markdown = require "spec.support.markdown"
local party = require "spec.support.party"
local path = require "pl.path"
local sys = require "spec.support.sys"

-- The tests may run under a make, whose jobs and flags are not for ours.
local MAKE = { "env", "-u", "MAKEFLAGS", "-u", "MFLAGS", "-u", "MAKELEVEL", "make" }

local MAKE_SECONDS = 60 -- it installs what is missing, and builds

local function words_of(line)
  local words = {}
  for word in line:gmatch "%S+" do words[#words + 1] = word end
  return words
end

--- `first` and then the words of `rest`, in one list.
local function join(first, rest)
  local all = { unpack(first) }
  for _, word in ipairs(rest) do all[#all + 1] = word end
  return all
end

--- A folder with what a reader would have by now: an app, a spec, and partylua among the commands.
local function make_folder()
  local _, folder = party.write_file("bin/partylua",
    ('#!/bin/sh\nexec %q "$@"\n'):format(party.program))
  assert(os.execute(("chmod +x %q/bin/partylua"):format(folder)) == 0)
  party.write_file("app.lua", "return { onCron = function(self) end }", folder)
  party.write_file("server.ts", "export default class Server {}", folder)
  party.write_file("spec/app_spec.lua", [[
    describe("the app", function()
      it("is a table", function() assert.is_table(dofile "app.lua") end)
      it("runs in partylua", function() require "partylua.native" end)
    end)]], folder)
  return folder
end

--- A page that is read from top to bottom.
local Reader = {}
Reader.__index = Reader

function Reader.new()
  local folder = make_folder()
  return setmetatable({ folder = folder, directory = folder }, Reader)
end

--- Runs a script to its end, and fails when it fails.
function Reader:run(script, place)
  local start = ('PATH="%s/bin:$PATH"\nHOME=%s\ncurl() { command curl --silent --show-error '
    .. '--fail-with-body "$@"; }\n'):format(self.folder, self.folder)
  if self.port then script = script:gsub("127%.0%.0%.1:1999", "127.0.0.1:" .. self.port) end
  local code, output = Process.run({ "sh", "-eu", "-c", start .. script }, self.directory)
  assert.equal(0, code, ("%s:\n%s\n%s"):format(place, script, output))
  return output
end

function Reader:stop()
  if not self.serving then return end
  self.serving:signal(sys.SIGTERM)
  self.serving:wait()
  assert.matches("draining signal=Terminated", self.serving.output)
  self.serving, self.port = nil, nil
end

--- Serves with a command, until the next one.
function Reader:serve(argv, folder, seconds)
  self:stop()
  self.serving = Process.start(argv, folder)
  self.port = tonumber((self.serving:expect("url=%S-:(%d+)", seconds)))
  return http.request(self.port, "GET", "/")
end

--- `partylua serve APP`, or `dev`: an example is served where it is, app.lua in the reader's
--- folder.
function Reader:serve_directly(line)
  local words = words_of(line)
  local folder = words[3]:find "/" and sys.folder() or self.folder
  local argv = join({ party.program }, { unpack(words, 2) })
  local free = { "--port", "0", "--log-format", "text", "--data", self.folder .. "/state" }
  local answer = self:serve(join(argv, free), folder)
  assert.is_true(answer.status == 200 or answer.status == 404)
end

--- `cd FOLDER`: what follows on the page is typed there.
function Reader:enter(line)
  self.directory = self.directory .. "/" .. words_of(line)[2]
  assert.truthy(path.isdir(self.directory), line)
end

--- `partylua serve`, or dev: what the configuration there names.
function Reader:serve_here(line)
  local answer = self:serve({ party.program, words_of(line)[2], "--port", "0", "--log-format",
    "text" }, self.directory)
  assert.equal(200, answer.status)
end

--- `make serve APP=…`, which does not need what the tests have installed already.
function Reader:make_serve(line)
  local free = { "PORT=0", "DATA=" .. self.folder .. "/state" }
  local argv = join(MAKE, join({ unpack(words_of(line), 2) }, free))
  local answer = self:serve(argv, nil, MAKE_SECONDS)
  local app = line:match "APP=(%S+)" or "examples/chat"
  local has_page = path.isfile(app .. "/public/index.html")
  assert.equal(has_page and 200 or 404, answer.status)
  assert.equal(has_page, answer.body:find "<title>" ~= nil)
end

--- A make target that is not for inside the tests: it has to be there, and to do something.
function Reader.look_at_make(_, line)
  local code, output = Process.run(join(join(MAKE, { "-n" }), { unpack(words_of(line), 2) }))
  assert.equal(0, code, output)
  assert.matches("%S", output)
end

--- spec/build does this, in a tree of its own.
function Reader.look_at_luarocks(_, line)
  local test = file.read "spec/build/install.test.mjs"
  for _, word in ipairs(words_of(line)) do
    if not word:find "^%-%-tree=" then assert.matches(word, test, 1, true) end
  end
end

function Reader.look_at_rock(_, line)
  assert.matches("^%S+/bin/partylua version$", line)
end

--- Which way a line is run; the first that fits. What fits none runs as it stands.
local WAYS = {
  { "^make serve", Reader.make_serve },
  { "^make %l+", Reader.look_at_make },
  { "^luarocks ", Reader.look_at_luarocks },
  { "^build/rock/", Reader.look_at_rock },
  { "^partylua serve ", Reader.serve_directly },
  { "^partylua serve$", Reader.serve_here },
  { "^partylua dev$", Reader.serve_here },
  { "^cd %S+$", Reader.enter },
  { "^partylua dev ", Reader.serve_directly },
  { "^scripts/setup %l+$", function(_, line)
    local code, output = Process.run(words_of(line))
    assert.equal(0, code, output)
  end },
}

local function without_comment(line)
  return (line:gsub("%s+#.*$", ""))
end

function Reader:type(block)
  local rest = {}
  local function run_rest()
    if #rest > 0 then self:run(table.concat(rest, "\n"), block.place) end
    rest = {}
  end
  for line in block.text:gmatch "[^\n]+" do
    line = without_comment(line)
    local way
    for _, each in ipairs(WAYS) do way = way or line:find(each[1]) and each[2] end
    if way then
      run_rest()
      way(self, line)
    else
      rest[#rest + 1] = line
    end
  end
  run_rest()
end

--- The pages that are read here, each on its own.
local function own_pages()
  local pages = {}
  for _, page in ipairs(markdown.pages()) do
    local is_elsewhere = page:find "^docs/tutorial/%d" or page == "docs/guides/backup.md"
    if not is_elsewhere then pages[#pages + 1] = page end
  end
  return pages
end

describe("the commands of", function()
  local seen = 0
  for _, page in ipairs(own_pages()) do
    it(page .. " can be typed as they stand", function()
      local reader = Reader.new()
      finally(function() reader:stop() end)
      for _, block in ipairs(markdown.blocks(page)) do
        if block.language == "sh" then
          seen = seen + 1
          reader:type(block)
        end
      end
      reader:stop()
    end)
  end

  it("these pages are found", function()
    assert.is_true(seen >= 15, seen .. " blocks")
  end)
end)

describe("the links of", function()
  --- What a heading is called in a link, as GitHub makes it.
  local function anchors_of(page)
    local anchors = {}
    for line in io.lines(page) do
      local heading = line:match "^#+ (.*)$"
      if heading then
        anchors[heading:lower():gsub("[^%w _-]", ""):gsub(" ", "-")] = true
      end
    end
    return anchors
  end

  for _, page in ipairs(markdown.pages()) do
    it(page .. " lead somewhere", function()
      for target in file.read(page):gmatch "%]%(([^)%s]+)%)" do
        local place, anchor = target:match "^([^#]*)#?(.*)$"
        if not target:find "^https?:" then
          local linked = place == "" and page or path.normpath(path.join(path.dirname(page), place))
          assert.truthy(path.exists(linked), target .. " is not there")
          local has_anchor = anchor == "" or anchors_of(linked)[anchor]
          assert.truthy(has_anchor, target .. ": there is no such heading")
        end
      end
    end)
  end

  it("the list of examples are all examples there are", function()
    local readme = file.read "README.md"
    for _, folder in ipairs(dir.getdirectories "examples") do
      assert.matches("](" .. folder .. ")", readme, 1, true)
      assert.truthy(path.isfile(folder .. "/README.md"), folder .. " has no README")
    end
  end)
end)
