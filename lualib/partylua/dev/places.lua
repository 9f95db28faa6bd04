--- places: where a project has what it is made of, and where it can be reached.

local fs = require "partylua.fs"
local native = require "partylua.native"

local places = {}

local NAMES = { "partylua.json", "partykit.json", "partykit.json5", "partykit.jsonc" }
local ENV_NAMES = { ".env", ".env.local" }

--- The nearest file of a name at or above a folder, or where it would be looked for first.
local function nearest(name, folder)
  return fs.find_upward({ name }, folder) or fs.join(folder, name)
end

--- Files whose change is a change of the configuration, whether they are there or not.
---@param settings partylua.Settings
---@return string[] paths
function places.of(settings)
  local paths = { settings.main, settings.config_file }
  local folders = { settings.directory, fs.parent(settings.main) }
  for _, path in pairs(settings.parties or {}) do paths[#paths + 1] = path end
  for _, path in ipairs(settings.env_paths) do paths[#paths + 1] = path end
  for _, folder in ipairs(folders) do
    for _, name in ipairs(NAMES) do
      if not settings.config_file then paths[#paths + 1] = fs.join(folder, name) end
    end
    for _, name in ipairs(ENV_NAMES) do paths[#paths + 1] = nearest(name, folder) end
  end
  return paths
end

--- An address that a browser on this machine can use.
---@param host string
---@return string
function places.reachable(host)
  if host == "0.0.0.0" then return "127.0.0.1" end
  return host == "::" and "::1" or host
end

--- The URLs under which other machines find the server; none when it listens to this one only.
---@param host string
---@param port integer
---@return string[]
function places.network_urls(host, port)
  local urls = {}
  if host ~= "0.0.0.0" and host ~= "::" then return urls end
  for i, address in ipairs(native.network_addresses()) do
    urls[i] = ("http://%s:%d"):format(address, port)
  end
  return urls
end

--- Where rooms store, in words.
---@param settings partylua.Settings
---@return string
function places.storage(settings)
  if settings.persist == false then return "in memory only, gone when this ends" end
  return fs.display(settings.data, settings.directory) .. " (kept between runs)"
end

return places
