--- server: a user's class as this server takes it: checked, explained, ready to make rooms of.
---
--- A room's class is a plain table whose hooks are declared with `:`. What is misspelt, declared
--- with `.`, or in a place where it is never called is found when the app is loaded, not when the
--- first client wonders.

local failure = require "partylua.config.failure"
local hint = require "partylua.hint"

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

---@class partylua.Definition
---@field name string    the party's
---@field class table
---@field file? string    it was loaded from, for people
---@field private metatable table    of the class's instances
local Definition = {}
Definition.__index = Definition

--- Where a function was written: `app.lua:24` and that line of the source.
local function place_of(fn)
  local info = debug.getinfo(fn, "S")
  if info.what == "C" then return "a C function" end
  local place = ("%s:%d"):format(info.short_src, info.linedefined)
  local file = info.source:sub(1, 1) == "@" and io.open(info.source:sub(2))
  if not file then return place end
  local at = 0
  for line in file:lines() do
    at = at + 1
    if at == info.linedefined then
      file:close()
      return ("%s: %s"):format(place, line:match "^%s*(.-)%s*$")
    end
  end
  file:close()
  return place
end

--- on_connect, onconnect and onConect all look like a hook that never is called.
local function looks_like_hook(name)
  return name:find "^on%u" or name:find "^on_" or name:lower():find "^on" and is_hook[name]
end

local function check_name(party, name, value)
  if is_hook[name] or type(value) ~= "function" or type(name) ~= "string" then return end
  local plain = name:gsub("_", ""):lower()
  for _, hook in ipairs(hooks) do
    if hook:lower() == plain then
      failure.raise(("party %s: '%s' is not a hook\n  %s"):format(party, name, place_of(value)),
        ("did you mean '%s'?"):format(hook))
    end
  end
  if looks_like_hook(name) then
    failure.raise(("party %s: '%s' is not a hook\n  %s"):format(party, name, place_of(value)),
      hint.did_you_mean(name, hooks) or "the hooks are " .. table.concat(hooks, ", "))
  end
end

--- LuaJIT names a function's parameters; where they were stripped it says nothing, and so do we.
local function check_colon(party, name, fn)
  local info = debug.getinfo(fn, "Su")
  if info.what == "C" or info.isvararg and info.nparams == 0 then return end
  local first = info.nparams > 0 and debug.getlocal(fn, 1) or nil
  if first == "self" or first == "class" or info.nparams > 0 and first == nil then return end
  failure.raise(("party %s: the hook '%s' must be declared with ':'\n  %s")
    :format(party, name, place_of(fn)),
    ("write function Name:%s(...) instead of Name.%s(...), so that it gets self")
      :format(name, name))
end

local function check_hook(party, name, value)
  if type(value) ~= "function" then
    failure.raise(("party %s: %s should be a function, got %s"):format(party, name, type(value)))
  end
  check_colon(party, name, value)
end

--- What is only ever asked of the main party.
local function warnings_for(party, class)
  local warnings = {}
  for name in pairs(ONLY_ON_MAIN) do
    if party ~= "main" and class[name] then
      warnings[#warnings + 1] = ("party %s: %s is called on the main party only, not here (%s)")
        :format(party, name, place_of(class[name]))
    end
  end
  table.sort(warnings)
  return warnings
end

--- Raises a failure unless a party's file has returned a table.
---@param class any
---@param path string
function server.check_class(class, path)
  if type(class) == "table" then return end
  failure.raise(("%s must return the party's class, a table; it returned %s")
    :format(path, (class == nil or class == true) and "nothing" or type(class)),
    "end the file with 'return " .. "Name'")
end

--- Checks a class and makes it the definition of a party. Raises a failure with place and hint.
---@param party string
---@param class any    what the party's file returned
---@param path string    that file, for errors
---@return partylua.Definition
---@return string[] warnings
function server.define(party, class, path)
  server.check_class(class, path)
  for name, value in pairs(class) do check_name(party, name, value) end
  for _, name in ipairs(hooks) do
    if class[name] ~= nil then check_hook(party, name, class[name]) end
  end
  local options = class.options
  if options ~= nil and type(options) ~= "table" then
    failure.raise(("party %s: options should be a table such as { hibernate = true }, got %s")
      :format(party, type(options)))
  end
  local definition = setmetatable({ name = party, class = class }, Definition)
  definition.metatable = { __index = class }
  return definition, warnings_for(party, class)
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
      require("partylua.native").log("warn", "app",
        ("party %s: %s on the room's object is never called: declare it on the class")
          :format(self.name, name))
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
