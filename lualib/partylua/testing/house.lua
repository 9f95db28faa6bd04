--- house: the server of an app under test, from its opening to its end.

local application = require "partylua.application"
local cron = require "partylua.cron"
local host = require "partylua.host"
local memory = require "partylua.testing.memory"
local native = require "partylua.native"

---@class partylua.testing.House
---@field transport partylua.testing.Transport
local House = {}
House.__index = House

local house = {}

--- What a cron has raised is only ever logged, so that is where it is heard of.
local function hear_crons(on_error)
  local log = native.log
  native.log = function(level, topic, event, fields) -- luacheck: ignore
    if level == "error" and topic == "cron" and event:find " failed$" then
      local by_name = {}
      for i = 1, #fields, 2 do by_name[fields[i]] = fields[i + 1] end
      on_error {
        message = by_name.err, place = by_name.at, source = "", stack = "",
        hook = event:gsub(" failed$", ""),
      }
    end
    return log(level, topic, event, fields)
  end
  return function() native.log = log end
end

---@class partylua.testing.HouseOptions
---@field now number
---@field seed integer
---@field on_configured fun()    before anything of the app runs
---@field on_cron_error fun(fields: table)

--- Starts a server.
---@param settings partylua.testing.Settings
---@param definitions table<string, partylua.Definition>
---@param store partylua.testing.Store
---@param given partylua.testing.HouseOptions
---@return partylua.testing.House
function house.open(settings, definitions, store, given)
  local crons = application.crons(settings, definitions)
  local traits = application.configure(settings, definitions)
  given.on_configured()
  math.randomseed(given.seed)
  local port, why = native.lab_open(store.native, {
    hooks = host, parties = traits, limits = settings.limits,
    has_socket = definitions.main.class.onSocket ~= nil,
    now = given.now, seed = given.seed, is_real = settings.is_real,
    fetch_allow = settings.fetch_allow, fetch_deny = settings.fetch_deny,
    fetch_proxy = settings.fetch_proxy, fetch_ca = settings.fetch_ca,
  })
  if not port then error("cannot open a port: " .. why, 0) end
  native.log_configure("info", "text")
  local self = setmetatable({ unhear = hear_crons(given.on_cron_error) }, House)
  self.transport = settings.is_real
    and require("partylua.testing.sockets").new(port) or memory.new()
  cron.start(crons, definitions.main.class, "localhost")
  return self
end

--- Ends it at once, whatever is under way.
function House:close()
  self.unhear()
  native.lab_close()
  self.transport:close()
end

return house
