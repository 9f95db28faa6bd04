--- init: `partylua init [NAME]`: a new project from a template. It never overwrites.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local hint = require "partylua.hint"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local templates = require "partylua.templates"

local init = { summary = "make a new project from a template" }

local SHOWN_MAX = 5

local function build_parser()
  local words = {}
  for i, each in ipairs(templates.all) do words[i] = ("%s: %s"):format(each.name, each.summary) end
  local made = parser.new("init", "Make a new project: a room, its page, its spec, and settings "
    .. "for editors and tools. Files that are there are never overwritten.")
  made:epilog("Templates:\n   " .. table.concat(words, "\n   "))
  made:argument("name", "folder of the project (default: the current one)"):args "?"
  made:option("-t --template", "one of those below (default: asked for, else chat)")
    :argname("TEMPLATE"):choices(templates.names())
  made:flag("-y --yes", "ask nothing")
  made:flag("--dry-run", "only say what would be written"):target "dry_run"
  made:flag("-h --help", "show this")
  return made
end

function init.help()
  return build_parser():get_help()
end

-- What is asked ---------------------------------------------------------------------------------

--- One line of an answer; nil at the end of the input.
local function ask(question)
  output.write(question)
  output.finish()
  local answer = io.stdin:read "*l"
  return answer and answer:match "^%s*(.-)%s*$"
end

--- The template that was meant by a word at the prompt.
local function known(word)
  return templates.find(word) or failure.raise(("init: there is no template '%s'"):format(word),
    hint.did_you_mean(word, templates.names())
      or "the templates are " .. table.concat(templates.names(), ", "))
end

local function ask_template()
  for _, each in ipairs(templates.all) do
    output.write(("  %-11s %s\n"):format(each.name, each.summary))
  end
  local usual = templates.all[1]
  local answer = ask(("Template (%s): "):format(usual.name))
  return answer and answer ~= "" and known(answer) or usual
end

local function confirm(folder)
  local answer = ask(("Write these files to %s? (y) "):format(folder))
  if answer == nil or answer:lower():find "^n" then failure.raise "init: nothing was written" end
end

-- What is written -------------------------------------------------------------------------------

--- The project's name: that of its folder, with the characters that a name may have.
local function name_of(folder)
  local last = fs.join(fs.cwd(), folder):gsub("/+$", ""):match "[^/]*$"
  local name = last:lower():gsub("[^a-z0-9_-]+", "-"):gsub("^-+", ""):gsub("-+$", "")
  return name ~= "" and name or "app"
end

--- The folder as it was named, without what says nothing.
local function folder_of(given)
  if given == nil then return "." end
  local folder = given:gsub("^%./+", ""):gsub("/+$", "")
  if given == "" or given:find "%c" then
    failure.raise("init: the name of a folder is expected, such as my-app")
  end
  if folder == "" then return given:sub(1, 1) == "/" and "/" or "." end
  if fs.exists(folder) and not fs.is_folder(folder) then
    failure.raise(("init: %s is there already, and no folder"):format(folder))
  end
  return folder
end

--- Refuses when a file is there: nothing is written at all then.
local function check_free(folder, files)
  local taken = {}
  for _, file in ipairs(files) do
    if fs.exists(fs.join(folder, file.path)) then taken[#taken + 1] = file.path end
  end
  if #taken == 0 then return end
  local shown = table.concat(taken, ", ", 1, math.min(#taken, SHOWN_MAX))
  if #taken > SHOWN_MAX then shown = ("%s and %d more"):format(shown, #taken - SHOWN_MAX) end
  failure.raise(("init: nothing was written, as this is in %s already: %s")
    :format(folder == "." and "this folder" or folder, shown),
    "name a new folder: partylua init my-app")
end

local function write(folder, files)
  for _, file in ipairs(files) do
    local path = fs.join(folder, file.path)
    local ok, why = fs.make_folder(fs.parent(path))
    if ok then ok, why = fs.write_new(path, file.text) end
    if not ok then failure.raise("init: cannot write " .. why) end
  end
end

local function list(files)
  for _, file in ipairs(files) do output.write("  ", file.path, "\n") end
end

local function print_next(folder, name, chosen)
  output.write(("made %s from the template %s\n\n"):format(name, chosen.name))
  if folder ~= "." then output.write("  cd ", folder, "\n") end
  output.write([[
  partylua dev        http://127.0.0.1:1999/
  partylua check      what is wrong, without serving
  partylua test       run the specs

bash completes partylua's commands after 'source .partylua/completion/partylua.bash'; scripts for
zsh and fish are beside it, and 'partylua completion SHELL' prints each.
]])
end

---@param args string[]
---@return integer exit_code
function init.run(args)
  local result = parser.parse(build_parser(), "init", args)
  if not result then return 0 end
  local folder = folder_of(result.name)
  local is_asking = not result.yes and not result.dry_run and fs.is_terminal(0)
  local chosen = templates.find(result.template)
    or is_asking and ask_template() or templates.all[1]
  local name = name_of(folder)
  local files = templates.files(chosen, name)
  check_free(folder, files)
  if result.dry_run then
    output.write(("%s from the template %s would have:\n"):format(name, chosen.name))
    list(files)
  else
    if is_asking then
      list(files)
      confirm(folder == "." and "this folder" or folder)
    end
    write(folder, files)
    print_next(folder, name, chosen)
  end
  output.finish()
  return 0
end

return init
