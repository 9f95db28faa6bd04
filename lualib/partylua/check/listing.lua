--- listing: what an app consists of, where nothing is wrong with it: parties with their hooks,
--- crons, bindings, static files, and the names of its variables.

local cron = require "partylua.cron"
local fs = require "partylua.fs"
local json = require "partylua.json"
local native = require "partylua.native"
local schedule = require "partylua.cron.schedule"
local server = require "partylua.server"

local listing = {}

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map or {}) do keys[#keys + 1] = tostring(key) end
  table.sort(keys)
  return keys
end

-- What stands for a class of TypeScript has these in any case.
local ALWAYS = { constructor = true, onStart = true }

local function hooks_of(class, own_names)
  local hooks = {}
  for _, name in ipairs(server.hooks) do
    local is_written = not own_names or own_names[name] or not ALWAYS[name]
    if class[name] ~= nil and is_written then hooks[#hooks + 1] = name end
  end
  return hooks
end

--- The main party first, then the others by name.
local function parties_of(all)
  local parties = {}
  for _, name in ipairs(sorted_keys(all.definitions)) do
    local class = all.definitions[name].class
    table.insert(parties, name == "main" and 1 or #parties + 1, {
      name = name, file = all.files[name], hooks = json.array(hooks_of(class, all.names[name])),
      hibernates = type(class.options) == "table" and class.options.hibernate == true,
    })
  end
  return parties
end

local function crons_of(planned, now_ms)
  local crons = {}
  for i, each in ipairs(planned) do
    local next_ms = each.expression:next(now_ms, each.zone)
    crons[i] = {
      name = each.name, schedule = each.definition, timezone = each.zone.name,
      next = next_ms and schedule.show(next_ms) or nil,
    }
  end
  return crons
end

--- Names alone: what they are bound to may hold keys.
local function bindings_of(settings)
  local names = {}
  local function add(kind, bound)
    for _, name in ipairs(sorted_keys(bound)) do names[#names + 1] = kind .. "." .. name end
  end
  if settings.ai then names[1] = "ai" end
  add("vectorize", settings.vectorize)
  return names
end

---@class partylua.check.Listing
---@field parties { name: string, file: string, hooks: string[], hibernates: boolean }[]
---@field crons { name: string, schedule: string, timezone: string, next?: string }[]
---@field bindings string[]
---@field variables string[]    names of room.env
---@field config? string
---@field serve? string    folder of static files

---@class partylua.check.Parties
---@field definitions table<string, partylua.Definition>
---@field files table<string, string>
---@field names table<string, table<string, true>>    of classes in TypeScript, their own

---@param settings partylua.Settings
---@param parties partylua.check.Parties
---@return partylua.check.Listing
function listing.of(settings, parties)
  local function display(path) return path and fs.display(path, settings.directory) end
  return {
    config = display(settings.config_file),
    serve = settings.serve and display(settings.serve.path),
    parties = json.array(parties_of(parties)),
    crons = json.array(crons_of(cron.load(settings), native.now())),
    bindings = json.array(bindings_of(settings)),
    variables = json.array(sorted_keys(settings.env)),
  }
end

-- As text ---------------------------------------------------------------------------------------

--- Rows with each column as wide as its widest cell.
local function columns(rows)
  local widths, lines = {}, {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, #cell) end
  end
  for i, row in ipairs(rows) do
    local padded = {}
    for j, cell in ipairs(row) do padded[j] = cell .. (" "):rep(widths[j] - #cell) end
    lines[i] = "  " .. table.concat(padded, "  "):gsub("%s+$", "")
  end
  return table.concat(lines, "\n")
end

local function add_section(parts, title, rows)
  if #rows > 0 then parts[#parts + 1] = title .. "\n" .. columns(rows) end
end

---@param list partylua.check.Listing
---@return string
function listing.text(list)
  local parties, crons, parts = {}, {}, {}
  for i, each in ipairs(list.parties) do
    local hooks = #each.hooks > 0 and table.concat(each.hooks, " ") or "no hooks"
    parties[i] = { each.name, each.file, hooks .. (each.hibernates and ", hibernates" or "") }
  end
  for i, each in ipairs(list.crons) do
    crons[i] = { each.name, each.schedule, each.timezone, "next " .. (each.next or "never") }
  end
  local others = {}
  for _, each in ipairs { { "config", list.config }, { "static files", list.serve },
    { "bindings", list.bindings[1] and table.concat(list.bindings, " ") },
    { "variables", list.variables[1] and table.concat(list.variables, " ") } } do
    if each[2] then others[#others + 1] = each end
  end
  add_section(parts, "Parties", parties)
  add_section(parts, "Crons", crons)
  add_section(parts, "Also", others)
  return table.concat(parts, "\n\n")
end

return listing
