--- command: runs the program in a folder of its own, and keeps what it prints.
---
--- Call `command.open` before each spec.

local party = require "spec.support.party"

local command = {}

local folder

--- Makes the folder, with these files in it.
---@param files? table<string, string>    texts by name
---@return string path
function command.open(files)
  folder = party.make_folder()
  for name, text in pairs(files or {}) do party.write_file(name, text, folder) end
  return folder
end

--- Adds a file.
function command.write(name, text)
  return (party.write_file(name, text, folder))
end

--- The text of a file, or nil.
function command.read(name)
  local file = io.open(folder .. "/" .. name, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

local function quoted(words)
  local parts = {}
  for i, word in ipairs(words) do parts[i] = "'" .. word:gsub("'", "'\\''") .. "'" end
  return table.concat(parts, " ")
end

--- Runs `partylua ARGUMENTS` there; `options` are environment variables and the input.
---@param arguments string[]
---@param options? { variables?: string[], input?: string }
---@return integer code
---@return string output
---@return string errors
function command.run(arguments, options)
  options = options or {}
  local errors = os.tmpname()
  local argv = { "env", unpack(options.variables or {}) }
  argv[#argv + 1] = party.program
  for _, argument in ipairs(arguments) do argv[#argv + 1] = argument end
  local input = options.input and "printf %s " .. quoted { options.input } .. " | " or ""
  local line = ("cd %s && %s%s 2>%s%s; echo \"code $?\""):format(quoted { folder }, input,
    quoted(argv), errors, options.input and "" or " </dev/null")
  local pipe = assert(io.popen(line))
  local output, code = pipe:read("*a"):match "^(.*)code (%d+)\n$"
  pipe:close()
  local file = assert(io.open(errors, "rb"))
  local said = file:read "*a"
  file:close()
  os.remove(errors)
  return tonumber(code), output, said
end

--- Runs it where it must go well; gives what it printed.
function command.ok(arguments, options)
  local code, output, errors = command.run(arguments, options)
  assert(code == 0, ("code %d\n%s%s"):format(code, output, errors))
  return output
end

--- Runs it where it must refuse; gives its one message.
function command.refused(arguments, options)
  local code, output, errors = command.run(arguments, options)
  assert(code == 1 and output == "", ("code %d\n%s%s"):format(code, output, errors))
  assert(not errors:find "traceback", errors)
  return errors
end

return command
