--- paths: which file a module's name in an import means.

local fs = require "partylua.fs"
local node_modules = require "ts2lua.host.node_modules"
local tsconfig = require "ts2lua.host.tsconfig"

local paths = {}

--- What may be left out at the end of a name, in the order in which it is tried.
local ENDINGS = { "", ".ts", ".tsx", ".mts", ".js", ".mjs", ".jsx", ".json", "/index.ts",
  "/index.tsx", "/index.js", "/index.mjs" }

--- A `.js` in a name may mean the `.ts` it will be made of.
local WRITTEN_AS = { [".js"] = { ".ts", ".tsx" }, [".mjs"] = { ".mts" }, [".jsx"] = { ".tsx" } }

--- Takes "." and ".." out of a path.
local function normal(path)
  local parts = {}
  for part in path:gmatch "[^/]+" do
    if part == ".." and #parts > 0 and parts[#parts] ~= ".." then
      parts[#parts] = nil
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return (fs.is_absolute(path) and "/" or "") .. table.concat(parts, "/")
end
paths.normal = normal

--- The file that a path without its ending means.
---@return string?
local function complete(path)
  for _, ending in ipairs(ENDINGS) do
    if fs.is_file(path .. ending) then return path .. ending end
  end
  local base, ending = path:match "^(.*)(%.[mc]?jsx?)$"
  for _, other in ipairs(WRITTEN_AS[ending] or {}) do
    if fs.is_file(base .. other) then return base .. other end
  end
  return nil
end

--- Tries the `paths` and the `baseUrl` of tsconfig.json.
local function by_config(name, config)
  for _, alias in ipairs(config.aliases) do
    local rest
    if alias.is_prefix then
      if name:sub(1, #alias.name) == alias.name then rest = name:sub(#alias.name + 1) end
    elseif name == alias.name then
      rest = ""
    end
    if rest then
      for _, target in ipairs(alias.targets) do
        local found = complete(normal(target .. rest))
        if found then return found end
      end
    end
  end
  return config.base and complete(normal(config.base .. "/" .. name))
end

--- The file that `name` means in the file `from`; nil when there is none.
---@param name string
---@param from string
---@return string?
function paths.resolve(name, from)
  local folder = fs.parent(from)
  if name:find "^%.%.?/" or name == "." or name == ".." then
    return complete(normal(folder .. "/" .. name))
  end
  if fs.is_absolute(name) then return complete(name) end
  local config = tsconfig.find(folder)
  local found = config and by_config(name, config)
  if found then return found end
  local entry = node_modules.find(name, folder)
  return entry and complete(normal(entry))
end

return paths
