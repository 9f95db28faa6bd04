--- server: a user's class as this server takes it: checked, explained, ready to make rooms of.
---
--- A room's class is a plain table whose hooks are declared with `:`. What is misspelt, declared
--- with `.`, or in a place where it is never called is found when the app is loaded, not when the
--- first client wonders.

local lazy = require "partylua.lazy"

local hint = lazy "partylua.hint" ---@module "partylua.hint"
local place = lazy "partylua.place" ---@module "partylua.place"

local server = {}

local ROOM_HOOKS = {
  "constructor", "onStart", "onConnect", "onMessage", "onClose", "onError", "onRequest", "onAlarm",
  "getConnectionTags",
}
local STATIC_HOOKS = { "onBeforeConnect", "onBeforeRequest", "onFetch", "onSocket", "onCron" }
local ONLY_ON_MAIN = { onFetch = true, onSocket = true, onCron = true }

local hooks, is_hook = {}, {}
for _, list in ipairs { ROOM_HOOKS, STATIC_HOOKS } do
  for _, name in ipairs(list) do
    hooks[#hooks + 1] = name
    is_hook[name] = true
  end
end

--- The names of all hooks.
---@type string[]
server.hooks = hooks

--- Which of them belong to the class, and not to the object of a room.
---@type string[]
server.static_hooks = STATIC_HOOKS

---@class partylua.Definition
---@field name string    the party's
---@field class table
---@field file? string    it was loaded from, for people
---@field private metatable table    of the class's instances
local Definition = {}
Definition.__index = Definition

--- on_connect, onconnect and onConect all look like a hook that never is called.
local function looks_like_hook(name)
  return name:find "^on%u" or name:find "^on_" or name:lower():find "^on" and is_hook[name]
end

--- What a name that is no hook was perhaps meant to be: a hint; nil for a name of the user's own.
---@param name string
---@return string?
function server.meant_hook(name)
  if is_hook[name] then return nil end
  local plain = name:gsub("_", ""):lower()
  for _, hook in ipairs(hooks) do
    if hook:lower() == plain then return ("did you mean '%s'?"):format(hook) end
  end
  if not looks_like_hook(name) then return nil end
  return hint.did_you_mean(name, hooks) or "the hooks are " .. table.concat(hooks, ", ")
end

local function check_name(party, name, value, report)
  local meant = type(value) == "function" and type(name) == "string" and server.meant_hook(name)
  if not meant then return end
  report(place.at_function(value, name, ("party %s: '%s' is not a hook"):format(party, name), meant,
    "P012"))
end

--- LuaJIT names a function's parameters; where they were stripped it says nothing, and so do we.
local function check_colon(party, name, fn, report)
  local info = debug.getinfo(fn, "Su")
  if info.what == "C" or info.isvararg and info.nparams == 0 then return end
  local first = info.nparams > 0 and debug.getlocal(fn, 1) or nil
  if first == "self" or first == "class" or info.nparams > 0 and first == nil then return end
  report(place.at_function(fn, name,
    ("party %s: the hook '%s' must be declared with ':'"):format(party, name),
    ("write function Name:%s(...) instead of Name.%s(...), so that it gets self")
      :format(name, name), "P013"))
end

local function check_hook(party, name, value, path, report)
  if type(value) == "function" then return check_colon(party, name, value, report) end
  report(place.at_word(path, name,
    ("party %s: %s should be a function, got %s"):format(party, name, type(value)), nil, "P014"))
end

--- What is only ever asked of the main party.
local function check_place(party, class, report)
  for _, name in ipairs(STATIC_HOOKS) do
    if ONLY_ON_MAIN[name] and party ~= "main" and type(class[name]) == "function" then
      local found = place.at_function(class[name], name,
        ("party %s: %s is called on the main party only, not here"):format(party, name), nil,
        "P015")
      found.is_warning = true
      report(found)
    end
  end
end

local function check_options(party, options, path, report)
  if options == nil or type(options) == "table" then return end
  report(place.at_word(path, "options",
    ("party %s: options should be a table such as { hibernate = true }, got %s")
      :format(party, type(options)), nil, "P016"))
end

--- Raises a failure unless a party's file has returned a table.
---@param class any
---@param path string
function server.check_class(class, path)
  if type(class) == "table" then return end
  error(place.at_end(path, ("%s must return the party's class, a table; it returned %s")
    :format(path, (class == nil or class == true) and "nothing" or type(class)),
    "end the file with 'return " .. "Name'", "P017"), 0)
end

local function sorted_names(class)
  local names = {}
  for name in pairs(class) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

--- Checks a class and makes it the definition of a party. Reports failures with place and hint;
--- some are warnings.
---@param party string
---@param class table    what the party's file returned
---@param path string    that file
---@param report fun(found: partylua.Failure)
---@return partylua.Definition
function server.define(party, class, path, report)
  for _, name in ipairs(sorted_names(class)) do check_name(party, name, class[name], report) end
  for _, name in ipairs(hooks) do
    if class[name] ~= nil then check_hook(party, name, class[name], path, report) end
  end
  check_options(party, class.options, path, report)
  check_place(party, class, report)
  local definition = setmetatable({ name = party, class = class }, Definition)
  definition.metatable = { __index = class }
  return definition
end

--- What is said of a hook of the class that is on a room's object.
---@param party string
---@param name string
---@return string
function server.misplaced_text(party, name)
  return ("party %s: %s on the room's object is never called: declare it on the class")
    :format(party, name)
end

--- The object of a room: `self.room` is set before its constructor runs.
---@param room partylua.Room
---@return table
function Definition:construct(room)
  local object = setmetatable({ room = room }, self.metatable)
  local constructor = self.class.constructor
  if constructor then constructor(object, room) end
  for _, name in ipairs(STATIC_HOOKS) do
    if rawget(object, name) ~= nil then
      require("partylua.native").log("warn", "app", server.misplaced_text(self.name, name))
    end
  end
  return object
end

--- What the native side wants to know of a party.
---@return table
function Definition:traits()
  local class = self.class
  return {
    name = self.name,
    has_request = class.onRequest ~= nil,
    has_before_request = class.onBeforeRequest ~= nil,
    has_before_connect = class.onBeforeConnect ~= nil,
  }
end

return server
