--- templates: the projects that `partylua init` makes: their files, from the folder beside this.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local luarc = require "partylua.luarc"
local native = require "partylua.native"
local ordered = require "partylua.json.ordered"

local templates = {}

---@class partylua.Template
---@field name string
---@field summary string
---@field files string[]    of its own, besides those of every project

local LUA = { "app.lua", "spec/app_spec.lua" }
local PAGE = { "public/index.html", "public/page.css", "public/page.js" }

local function template(name, summary, files)
  local all = { "README.md", "partylua.json", unpack(files) }
  for _, file in ipairs(PAGE) do all[#all + 1] = file end
  return { name = name, summary = summary, files = all }
end

--- All of them; the first is the usual one.
---@type partylua.Template[]
templates.all = {
  template("chat", "people talk; history in storage, hibernation", LUA),
  template("cursors", "pointers of everybody on a page", LUA),
  template("poll", "votes, kept and counted once for each voter", LUA),
  template("game", "a loop on the server, players, a high score", LUA),
  template("typescript", "a shared list, in TypeScript",
    { "server.ts", "tsconfig.json", "partykit-server.d.ts", "spec/server_spec.lua" }),
}

-- Files of every project, by their name in the folder: no tool should take a template's own
-- settings for ours, so names with a dot begin with "_" there.
local COMMON = {
  [".gitignore"] = "_gitignore", [".busted"] = "_busted", [".luacheckrc"] = "_luacheckrc",
  ["public/line.js"] = "public/line.js", ["public/base.css"] = "public/base.css",
}

-- Files that are made, and not copied.
local MADE = {
  [".luarc.json"] = luarc.text,
  ["partylua.schema.json"] = function()
    return ordered.encode(require("partylua.config.json_schema").document(), true)
  end,
}

-- Each shell has its own custom for the name; nothing of them belongs into a repository.
local COMPLETION = { bash = "partylua.bash", zsh = "_partylua", fish = "partylua.fish" }
for shell, name in pairs(COMPLETION) do
  MADE[".partylua/completion/" .. name] = function()
    return require("partylua.cli.completion").script(shell)
  end
end

-- What editors know the API of TypeScript by stands beside that of Lua.
local OF_TYPES = { ["partykit-server.d.ts"] = true }

---@param name string
---@return partylua.Template?
function templates.find(name)
  for _, each in ipairs(templates.all) do
    if each.name == name then return each end
  end
end

--- The names of all.
---@return string[]
function templates.names()
  local names = {}
  for i, each in ipairs(templates.all) do names[i] = each.name end
  return names
end

--- The text of a file of ours.
local function read(path)
  local text, why = fs.read(("%s/partylua/%s"):format(native.lualib, path))
  if not text then failure.raise("cannot read a template: " .. why, "install partylua again") end
  return text
end

--- The text of a file of the templates, for a project.
local function fill(path, project)
  return (read("templates/" .. path):gsub("{{name}}", project))
end

---@class partylua.ProjectFile
---@field path string    below the project's folder
---@field text string

--- The files of a new project, in the order of their paths.
---@param chosen partylua.Template
---@param project string    the project's name
---@return partylua.ProjectFile[]
function templates.files(chosen, project)
  local files = {}
  local function add(path, text) files[#files + 1] = { path = path, text = text } end
  for path, source in pairs(COMMON) do add(path, fill("common/" .. source, project)) end
  for path, make in pairs(MADE) do add(path, make():match "^(.-)\n*$" .. "\n") end
  for _, path in ipairs(chosen.files) do
    local is_ours = OF_TYPES[path]
    add(path, is_ours and read("types/" .. path) or fill(chosen.name .. "/" .. path, project))
  end
  table.sort(files, function(a, b) return a.path < b.path end)
  return files
end

return templates
