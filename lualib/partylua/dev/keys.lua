--- keys: what single keys do at the terminal of `partylua dev`.

local native = require "partylua.native"
local screen = require "partylua.dev.screen"

local keys = {}

---@class partylua.dev.KeyActions
---@field url fun(): string
---@field inspector fun(): string?
---@field restart fun()

--- As a word for sh.
local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Opens a URL in whatever the desktop, or $BROWSER, opens URLs with.
---@param url string
function keys.open_browser(url)
  local browser = os.getenv "BROWSER"
  local command = browser and browser ~= "" and quoted(browser) or "xdg-open"
  os.execute(("%s %s >/dev/null 2>&1 </dev/null &"):format(command, quoted(url)))
  screen.say("opening " .. url, "faint")
end

local function next_level()
  local level = screen.next_level()
  native.log_configure(level, "silent")
  screen.say("log level: " .. level, "faint")
end

local function actions_of(actions)
  local function stop() native.stop() end
  return {
    b = function() keys.open_browser(actions.url()) end,
    i = function()
      local url = actions.inspector()
      if url then keys.open_browser(url) end
    end,
    r = actions.restart,
    l = next_level,
    c = function()
      screen.clear()
      screen.keys(actions.inspector() ~= nil)
    end,
    h = function() screen.keys(actions.inspector() ~= nil) end,
    x = stop, q = stop,
    ["\4"] = stop, -- Ctrl-D: the terminal has no more to say
    ["\n"] = function() native.say "\n" end,
  }
end

--- Listens to keys; false when there is no terminal to read from.
---@param actions partylua.dev.KeyActions
---@return boolean
function keys.start(actions)
  local by_key = actions_of(actions)
  return native.read_keys(function(key)
    local action = by_key[key:lower()]
    if action then action() end
  end)
end

return keys
