--- App: one application under test: its rooms, its time, its commits.

local Answer = require "partylua.testing.answer"
local Client = require "partylua.testing.client"
local Program = require "partylua.testing.program"
local Room = require "partylua.testing.room"
local Store = require "partylua.testing.store"
local clock = require "partylua.testing.clock"
local cron_run = require "partylua.cron.run"
local errors = require "partylua.testing.errors"
local failure = require "partylua.config.failure"
local hint = require "partylua.hint"
local house = require "partylua.testing.house"
local native = require "partylua.native"
local settings_reader = require "partylua.testing.options"
local stand_ins = require "partylua.testing.stand_ins"

---@class partylua.testing.App
---@field private settings partylua.testing.Settings
---@field private given partylua.testing.Options
---@field private store partylua.testing.Store
---@field private program partylua.testing.Program
---@field private house partylua.testing.House    the server that runs, until it is restarted
---@field private faults partylua.testing.Error[]
local App = {}
App.__index = App

--- The app that runs now.
---@type partylua.testing.App?
local current

-- Life ------------------------------------------------------------------------------------------

--- Raises what went wrong with a place in the spec, since that is what can be mended.
local function blame(why, level)
  if failure.is(why) then why = failure.new(why.message, why.hint) end
  error(tostring(why), level + 1)
end

local function open_house(self, now)
  return house.open(self.settings, self.program.definitions, self.store, {
    now = now, seed = self.settings.seed + self.restarts * 1000003,
    on_configured = function() stand_ins.install(self.given, self.settings) end,
    on_cron_error = function(fault) self.faults[#self.faults + 1] = errors.new(fault) end,
  })
end

--- Loads an app beside the one that runs, which goes on when that fails.
local function load_beside(settings, level)
  local undo = current and current.program:forget()
  local ok, program = pcall(Program.load, settings)
  if ok then return program end
  if undo then undo() end
  blame(program, level + 1) -- no tail call: the level counts this frame
end

---@param source string|table
---@param given? partylua.testing.Options
---@param level integer    as in error(), counted from the caller
---@return partylua.testing.App
function App.open(source, given, level)
  if current then current:check_driving(level + 1) end
  local ok, settings = pcall(settings_reader.read, source, given)
  if not ok and not failure.is(settings) then error(settings, 0) end
  if not ok then blame(settings, level + 1) end
  local program = load_beside(settings, level + 1)
  if current then
    current.program = nil
    current:finish()
  end
  local self = setmetatable({
    settings = settings, given = given or {}, faults = {}, batch_depth = 0, restarts = 0,
    store = Store.open(settings.is_real),
  }, App)
  current = self
  self:begin(program, settings.now, level + 1)
  return self
end

--- Starts a server with what was loaded; without one the app is over.
---@private
function App:begin(program, now, level)
  self.program = program
  local ok, made = pcall(open_house, self, now)
  if not ok then
    current = nil
    stand_ins.remove()
    program:forget()
    self.store:close()
    blame(made, level + 1)
  end
  self.house = made
  clock.install()
  self:settle()
end

--- Ends the server that runs. What it has not written is lost.
---@private
function App:leave()
  self:gather()
  self.log_text = (self.log_text or "") .. native.lab_log()
  self.house:close()
  stand_ins.remove()
  clock.remove()
end

---@private
function App:finish()
  if current ~= self then return end
  current = nil
  self:leave()
  self.store:close()
  if self.program then self.program:forget() end
end

local UNSEEN = "a hook raised, and nobody looked (app:takeErrors):\n%s"

--- Ends the app. Raises when a hook has raised and nobody has looked.
function App:stop()
  if current ~= self then return end
  self:check_driving(2)
  self:finish()
  local faults = self.faults
  self.faults = {}
  if #faults > 0 then error(UNSEEN:format(errors.describe(faults)), 2) end
end

---@private
function App:check_running(level)
  if current ~= self then error("the app was stopped", level + 1) end
end

--- For whatever makes the server work: that cannot begin inside its own work.
---@private
function App:check_driving(level)
  self:check_running(level + 1)
  if native.lab_is_in_hook() then
    error("this is for a spec: a hook, or what stands in for a fetch, runs inside of it", level + 1)
  end
end

--- Loads the code again where it came from files, and starts a server on what was stored.
local function start_again(self, level)
  local now = native.now()
  self:leave()
  self.restarts = self.restarts + 1
  self.program:forget()
  local ok, program = pcall(Program.load, self.settings)
  if not ok then
    current = nil
    self.store:close()
    blame(program, level + 1)
  end
  self:begin(program, now, level + 1)
end

--- The longest that a stop waits for hooks, in seconds.
local DRAIN_SECONDS = 10

--- Stops the server in order and starts it again: clients are closed with 1012, hooks end, what
--- was stored stays. Hooks that wait for time get it, up to ten seconds.
function App:restart()
  self:check_driving(2)
  native.lab_slow_commits(0)
  native.lab_drain()
  self:settle()
  local left_ms = DRAIN_SECONDS * 1000
  while not native.lab_is_quiet() do
    local due_ms = native.lab_next_due()
    if not due_ms or due_ms > left_ms then break end
    left_ms = left_ms - due_ms
    native.lab_advance(due_ms)
    self:settle()
  end
  start_again(self, 2)
end

--- Kills the server and starts it again: clients lose their connection, no hook hears of it, and
--- only what was durable is there afterwards.
function App:crash()
  self:check_driving(2)
  start_again(self, 2)
end

-- Work ------------------------------------------------------------------------------------------

--- Runs all that follows from what has happened.
---@private
function App:settle()
  if self.batch_depth == 0 then self.house.transport:settle() end
end

--- Calls `fn`, and lets everything it does reach the server in one turn, before anything that
--- follows from it: messages that arrive at the same moment.
---@param fn fun()
function App:together(fn)
  self:check_driving(2)
  self.batch_depth = self.batch_depth + 1
  local ok, why = pcall(fn)
  self.batch_depth = self.batch_depth - 1
  if not ok then error(why, 0) end
  self:settle()
end

--- A room. It is not started until something reaches it.
---@param id string
---@param party? string    "main" if left out
---@return partylua.testing.Room
function App:room(id, party)
  self:check_running(2)
  party = party or "main"
  if type(id) ~= "string" or id == "" then error("a room's id is a text", 2) end
  if not self.program.definitions[party] then error(("there is no party '%s'"):format(party), 2) end
  return Room.new(self, party, id)
end

--- Connects a client to a URL of no party, for onSocket.
---@param path string
---@param options? partylua.testing.ConnectOptions
---@return partylua.testing.Client
function App:connect(path, options)
  self:check_driving(2)
  if type(path) ~= "string" or path:sub(1, 1) ~= "/" then error("a path begins with '/'", 2) end
  local client = Client.connect(self, path, options or {}, 2)
  return client
end

--- Sends a request to a URL, as `/index.html` or with a host; gives what is answered.
---@param url string
---@param init? partylua.RequestInit
---@return partylua.testing.Answer
function App:fetch(url, init)
  self:check_driving(2)
  local answer = Answer.request(self, url, init, 2)
  return answer
end

-- Time ------------------------------------------------------------------------------------------

--- Lets time pass. What is due meanwhile (timers, alarms, crons) happens in order.
---@param seconds number
function App:advance(seconds)
  self:check_driving(2)
  if type(seconds) ~= "number" or not (seconds >= 0 and seconds < 1e12) then
    error("a number of seconds from 0 expected, got " .. tostring(seconds), 2)
  end
  self:settle()
  self.house.transport:advance(math.ceil(seconds * 1000 - 1e-6)) -- as timers count
end

--- The machine's clock is set, forward or back, as by somebody who corrects it. Timers and sleeping
--- hooks go by what has passed and do not notice; alarms and crons go by the clock.
---@param seconds number
function App:jumpClock(seconds)
  self:check_driving(2)
  if type(seconds) ~= "number" or seconds ~= seconds or math.abs(seconds) > 1e12 then
    error("a number of seconds expected, got " .. tostring(seconds), 2)
  end
  native.lab_jump(seconds * 1000)
  self:settle()
end

--- The time, in milliseconds since 1970.
---@return number
function App:now()
  self:check_running(2)
  return native.now()
end

--- Runs a cron now, whatever its schedule says.
---@param name string
function App:cron(name)
  self:check_driving(2)
  local definition = self.settings.crons[name]
  if type(definition) == "table" then definition = definition.schedule end
  local class = self.program.definitions.main.class
  if not definition then
    local names = {}
    for each in pairs(self.settings.crons) do names[#names + 1] = each end
    local meant = hint.did_you_mean(tostring(name), names)
    error(("there is no cron '%s'%s"):format(tostring(name), meant and ": " .. meant or ""), 2)
  end
  if not class.onCron then error("the main party has no onCron", 2) end
  cron_run.start(class, cron_run.describe(name, definition, native.now()), "localhost")
  self:settle()
end

-- Commits ---------------------------------------------------------------------------------------

--- Makes the next commits fail, as on a full disk: their rooms are reset, clients closed with
--- 1011. `true` for all from now on, `false` for none.
---@param count? integer|boolean    1 if left out
---@param options? { kept?: boolean }    what is reported as failed is on the disk all the same
function App:failCommits(count, options)
  self:check_running(2)
  if count == nil then count = 1 end
  if count == true then count = -1 elseif count == false then count = 0 end
  if type(count) ~= "number" then error("failCommits takes a number, true or false", 2) end
  native.lab_fail_commits(count, options ~= nil and options.kept == true)
end

--- Makes each commit take some time; what depends on it waits. With math.huge commits wait until
--- another time is set: 0 writes all that waits.
---@param seconds number
function App:slowCommits(seconds)
  self:check_driving(2)
  if type(seconds) ~= "number" or seconds ~= seconds or seconds < 0 then
    error("slowCommits takes a number of seconds", 2)
  end
  native.lab_slow_commits(seconds >= 1e12 and -1 or math.ceil(seconds * 1000))
  self:settle()
end

-- Looking -----------------------------------------------------------------------------------------

---@private
function App:gather()
  errors.gather(self.faults)
end

--- What hooks have raised since the last call.
---@return partylua.testing.Error[]
function App:takeErrors()
  if current == self then self:gather() end
  local faults = self.faults
  self.faults = {}
  return faults
end

--- The lines that were logged so far, oldest first, without the time.
---@return string[]
function App:log()
  local text = (self.log_text or "") .. (current == self and native.lab_log() or "")
  self.log_text = text
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = (line:gsub("^%S+ ", "", 1)) end
  return lines
end

return App
