--- docs: docs/limits.md has every limit there is, with the value that the code has.

local file = require "pl.file"
local markdown = require "spec.support.markdown"
local options = require "partylua.config.options"
local testing = require "partylua.testing"

local PAGE = "docs/limits.md"
local FACTORS = { bytes = 1, KiB = 1024, MiB = 1024 ^ 2, deep = 1, s = 1, [""] = 1 }

--- Options that are limits without being in that table.
local FURTHER = { ["drain-timeout"] = true, ["reload-timeout"] = true, ["map-bytes"] = true }

local by_option, fixed = {}, {}
for _, cells in ipairs(markdown.rows(file.read(PAGE))) do
  local name = (cells[2] or ""):match "^%-%-([%l-]+)$"
  if name then
    assert(not by_option[name], name .. " has two rows")
    by_option[name] = { default = cells[3], outcome = cells[4] }
  elseif cells[1] ~= "limit" then
    fixed[cells[1]] = cells[2]
  end
end

--- The statuses and close codes in a text.
local function codes_of(text)
  local codes = {}
  for code in text:gmatch "%f[%d]%d%d%d%d?%f[%D]" do codes[code] = true end
  return codes
end

describe(PAGE .. " has for each option", function()
  local limits = {}
  for _, option in ipairs(options.all) do
    if option.is_limit or FURTHER[option.name] then limits[#limits + 1] = option end
  end

  it("one row, with its default", function()
    for _, option in ipairs(limits) do
      local row = assert(by_option[option.name], option.name .. " has no row")
      local shown = options.show(option, option.default)
      if option.default == 0 then shown = shown .. ": " .. option.off end
      assert.equal(shown, row.default, option.name)
      by_option[option.name].is_known = true
    end
    for name, row in pairs(by_option) do assert.is_true(row.is_known, name .. " is unknown") end
    assert.is_true(#limits >= 35)
  end)

  it("the status or close code of its help", function()
    local count = 0
    for _, option in ipairs(limits) do
      for code in pairs(codes_of(option.help)) do
        count = count + 1
        assert.is_true(codes_of(by_option[option.name].outcome)[code], option.name)
      end
      local raises = option.help:find "raises? an error" ~= nil
      local says = by_option[option.name].outcome:find "raises? an error" ~= nil
      assert.is_true(not raises or says, option.name)
    end
    assert.is_true(count >= 10)
  end)

  it("the default that the server has without its command line", function()
    local settings, count = {}, 0
    for _, option in ipairs(limits) do
      settings[options.setting(option):gsub("^max_", "")] = option
    end
    for name, sum in file.read("runtime/base/limits.c"):gmatch "%.([%l_]+) = ([%d* ]+)" do
      local option = assert(settings[name], name .. " is no option")
      count = count + 1
      assert.equal(option.default, loadstring("return " .. sum)(), name)
    end
    for _, option in ipairs(limits) do
      if option.is_limit and not option.in_lua then count = count - 1 end
    end
    assert.equal(0, count)
  end)
end)

--- Where each fixed limit is set: a file, and the pattern of its value there.
local SOURCES = {
  ["a key"] = { "runtime/store/store.h", "PL_KEY_BYTES_MAX (%d+)" },
  ["a value, encoded"] = { "lualib/partylua/storage/limits.lua", "VALUE_BYTES_MAX = (%d+)" },
  ["keys or pairs in one call"] = { "lualib/partylua/storage/limits.lua", "PAIRS_MAX = (%d+)" },
  ["runs of an alarm that fails again and again"] = {
    "runtime/party/alarm.c", "RETRIES_MAX (%d+)", more = 1,
  },
  ["tags of a connection, its id included"] = { "runtime/base/limits.h", "PL_TAGS_MAX (%d+)" },
  ["a tag"] = { "runtime/base/limits.h", "PL_TAG_BYTES_MAX (%d+)" },
  ["the reason of a close"] = { "runtime/proto/ws.h", "PL_WS_REASON_BYTES_MAX (%d+)" },
  ["rooms that call each other, one from within the other"] = {
    "runtime/lua/bind_call.c", "CALL_DEPTH_MAX (%d+)",
  },
  ["changes of a room that wait for the disk"] = {
    "runtime/base/limits.h", "PL_PENDING_BYTES_MAX (%b())",
  },
  ["arrays and objects of JSON in each other"] = {
    "lualib/partylua/json/limits.lua", "DEPTH_MAX = (%d+)",
  },
  ["fields of a form"] = { "lualib/partylua/formdata.lua", "FIELDS_MAX = (%d+)" },
  ["headers of one part of a form"] = {
    "lualib/partylua/formdata.lua", "PART_HEADER_BYTES_MAX = (%d+)",
  },
  ["headers of a request of party.fetch, or of its answer"] = {
    "runtime/base/limits.h", "PL_FETCH_HEADERS_MAX (%d+)",
  },
  ["the head of an answer to party.fetch"] = {
    "runtime/base/limits.h", "PL_FETCH_HEAD_BYTES_MAX (%b())",
  },
  ["a token for jwt.verify"] = { "lualib/partylua/jwt.lua", "TOKEN_BYTES_MAX = (%d+)" },
  ["keys that a ratelimit remembers, unless it is told otherwise"] = {
    "lualib/partylua/ratelimit.lua", "local KEYS = (%d+)",
  },
  ["the configuration file"] = {
    "lualib/partylua/config/source.lua", "FILE_BYTES_MAX = ([%d* ]+)",
  },
  ["the expression of a cron"] = {
    "lualib/partylua/cron/expression.lua", "EXPRESSION_BYTES_MAX = (%d+)",
  },
  ["what is logged, or printed, while nobody reads it"] = {
    "runtime/base/limits.h", "PL_LOG_KEPT_BYTES_MAX %(%(size_t%)([%d* ]+)%)",
  },
  ["loading an app by partylua dev and check"] = {
    "lualib/partylua/patience.lua", "LOAD_SECONDS_MAX = (%d+)",
  },
}

describe(PAGE .. " has for each fixed limit", function()
  it("the value of the code", function()
    for limit, source in pairs(SOURCES) do
      local said = assert(fixed[limit], limit .. " has no row")
      local number, unit = said:match "^(%d+) ?(%a*)$"
      local sum = assert(file.read(source[1]):match(source[2]), source[2] .. " is not there")
      local value = loadstring("return " .. sum)() + (source.more or 0)
      assert.equal(value, tonumber(number) * FACTORS[unit], limit)
    end
    for limit in pairs(fixed) do assert.truthy(SOURCES[limit], limit .. " is from nowhere") end
  end)

  --- What a room does on a message: the limit itself is allowed, one more raises what matches.
  local REACHED = {
    ["Keys cannot be larger than 2048"] = function(room, is_beyond)
      room.storage:put(("k"):rep(is_beyond and 2049 or 2048), 1)
    end,
    ["Values cannot be larger than 131072"] = function(room, is_beyond)
      room.storage:put("k", ("v"):rep(is_beyond and 131200 or 131072))
    end,
    ["key value pairs is 128"] = function(room, is_beyond)
      local pairs_to_put = {}
      for i = 1, is_beyond and 129 or 128 do pairs_to_put["k" .. i] = i end
      room.storage:put(pairs_to_put)
    end,
    ["nested more than 1000 deep"] = function(_, is_beyond)
      local depth = is_beyond and 1001 or 1000
      testing.json.decode(("["):rep(depth) .. ("]"):rep(depth))
    end,
  }

  for message, reach in pairs(REACHED) do
    it("an end that is reached just there: " .. message, function()
      local app = testing.app {
        onMessage = function(self, text) reach(self.room, text == "beyond") end,
      }
      finally(function() app:stop() end)
      app:room("a"):connect():send "within"
      assert.same({}, app:takeErrors())
      app:room("b"):connect():send "beyond"
      assert.matches(message, app:takeErrors()[1].message)
    end)
  end

  it("and cuts the reason of a close", function()
    local app = testing.app {
      onMessage = function(self, _, sender) sender:close(4000, ("r"):rep(124)) end,
    }
    finally(function() app:stop() end)
    local client = app:room("a"):connect()
    client:send "close, please"
    assert.equal(("r"):rep(123), client.closed.reason)
  end)

  it("and says how often an alarm is tried", function()
    local runs = 0
    local app = testing.app {
      onRequest = function(self)
        self.room.storage:setAlarm(testing.now() + 1000)
        return testing.Response "set"
      end,
      onAlarm = function(self)
        runs = runs + 1
        error "not today"
      end,
    }
    finally(function() app:stop() end)
    app:room("a"):fetch "/"
    app:advance(3600)
    assert.equal(7, runs)
    assert.equal(7, #app:takeErrors())
  end)
end)
