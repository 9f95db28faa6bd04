local file = require "pl.file"
local options = require "partylua.config.options"
local project = require "spec.support.project"

local write = project.write
local loaded = project.loaded
local serving = project.serving
local refused = project.refused
local settings_of = project.settings_of
local refused_file = project.refused_file

local root

before_each(function() root = project.open() end)
after_each(project.close)

describe("options", function()
  before_each(function() write("app.lua", "return {}") end)

  it("have the documented defaults", function()
    local settings = serving()
    assert.equal("127.0.0.1", settings.host)
    assert.equal(1999, settings.port)
    assert.equal("info", settings.log_level)
    assert.equal(10000, settings.drain_timeout_ms)
    assert.equal(root .. "/.partylua/state", settings.data)
    assert.is_false(settings.dev_endpoints)
    assert.equal(1048576, settings.limits.message_bytes)
    assert.equal(30000, settings.limits.ping_interval_ms)
  end)

  it("are all present in the settings", function()
    local settings = serving()
    for _, option in ipairs(options.general) do
      local is_optional = (option.shown_default or ""):find "^none" ~= nil
      assert.equal(not is_optional, settings[options.setting(option)] ~= nil, option.name)
    end
    for _, option in ipairs(options.limits) do
      assert.is_number(settings.limits[options.setting(option)])
    end
  end)

  it("have the defaults of the C side", function()
    local text = assert(file.read "runtime/base/limits.c")
    local checked = 0
    for _, option in ipairs(options.limits) do
      local field = options.setting(option):gsub("^max_", "")
      local product = text:match("%." .. field .. " = ([%d* ]+),")
      if not option.in_lua then
        assert.is_string(product, field .. " is not in limits.c")
        assert.equal(loadstring("return " .. product)(), option.default, option.name)
        checked = checked + 1
      end
    end
    assert.equal(select(2, text:gsub("\n%s+%.[%w_]+ = ", "")), checked)
  end)

  it("come from the flag, else the environment, else the file, else the default", function()
    write("partylua.json", '{ "main": "app.lua", "port": 3, "limits": { "room-idle": 3 } }')
    local variables = { PARTYLUA_PORT = "2", PARTYLUA_ROOM_IDLE = "2", PARTYLUA_HOST = "" }
    local flags = { port = "1", ["room-idle"] = "1" }
    local settings = loaded({ flags = flags }, variables)
    assert.same({ 1, 1000 }, { settings.port, settings.limits.room_idle_ms })
    settings = loaded({}, variables)
    assert.same({ 2, 2000 }, { settings.port, settings.limits.room_idle_ms })
    assert.equal("127.0.0.1", settings.host)
    settings = loaded()
    assert.same({ 3, 3000 }, { settings.port, settings.limits.room_idle_ms })
  end)

  it("take sizes and times with units", function()
    local limits = serving({ flags = {
      ["message-bytes"] = "64KiB", ["body-bytes"] = "2m", ["queued-bytes"] = "8192",
      ["header-timeout"] = "500ms", ["idle-timeout"] = "2min", ["body-timeout"] = "1.5",
    } }).limits
    assert.same({ 65536, 2097152, 8192 },
      { limits.message_bytes, limits.body_bytes, limits.queued_bytes })
    assert.same({ 500, 120000, 1500 },
      { limits.header_timeout_ms, limits.idle_timeout_ms, limits.body_timeout_ms })
  end)

  it("take the same from the file, as numbers or texts", function()
    local settings = settings_of [[{
      "host": "0.0.0.0", "logLevel": "debug", "logFormat": "json",
      "trustedProxies": ["10.0.0.0/8"],
      "limits": { "message-bytes": "1KiB", "ping-interval": 0.5 } }]]
    assert.equal("0.0.0.0", settings.host)
    assert.same({ "debug", "json" }, { settings.log_level, settings.log_format })
    assert.same({ "10.0.0.0/8" }, settings.trusted_proxies)
    local limits = settings.limits
    assert.same({ 1024, 500 }, { limits.message_bytes, limits.ping_interval_ms })
  end)

  it("are refused out of bounds or unreadable, under the name they were given by", function()
    local cases = {
      port = { "65536", "-1", "x", "80.5", "", "1e3", "0x50" },
      ["message-bytes"] = { "0", "1TiB", "1.5", "-5", "257MiB", "nan", "inf" },
      ["header-timeout"] = { "0", "2days", "61min", "soon", "-1s" },
      ["header-count"] = { "0", "ten" },
      ["log-format"] = { "xml" },
    }
    for name, texts in pairs(cases) do
      for _, text in ipairs(texts) do
        local message = refused { main = "app.lua", flags = { [name] = text } }
        assert.matches("--" .. name .. " must be ", message, 1, true)
        assert.matches('not "' .. text .. '"', message, 1, true)
      end
    end
    assert.equal('PARTYLUA_PORT must be a whole number, from 0 to 65535, not "many"',
      (refused({ main = "app.lua" }, { PARTYLUA_PORT = "many" })))
    local message, hint = refused { main = "app.lua", flags = { ["log-level"] = "wran" } }
    assert.equal('--log-level must be one of error, warn, info, debug, not "wran"', message)
    assert.equal("did you mean 'warn'?", hint)
    assert.matches('partylua.json:1:30: limits."message-bytes" must be a number of bytes',
      refused_file '{"limits": {"message-bytes": 0}}', 1, true)
  end)

  it("have the data folder where --data or persist says", function()
    assert.equal(root .. "/d", serving({ flags = { data = "d" } }).data)
    assert.equal("/d", serving({}, { PARTYLUA_DATA = "/d" }).data)
    assert.equal(root .. "/.partylua/state", serving().data)
    write("other/app.lua", "return {}")
    assert.equal(root .. "/.partylua/state", loaded({ main = "other/app.lua" }).data)
    write("a/partylua.json", '{ "main": "../app.lua", "persist": "kept" }')
    write("a/b/c", "")
    assert.equal(root .. "/a/b/kept", loaded({ directory = root .. "/a/b" }).data)
    assert.equal(root .. "/a/kept", loaded({ path = "a/partylua.json" }).data)
    assert.equal(root .. "/d",
      loaded({ path = "a/partylua.json", flags = { data = "d" } }).data)
  end)
end)

describe("the options of fetch", function()
  it("are lists of rules, in flags and variables with commas or blanks between", function()
    project.write("app.lua", "return {}")
    local settings = project.serving { flags = { ["fetch-allow"] = "10.0.0.0/8,db.internal:5432" } }
    assert.same({ "10.0.0.0/8", "db.internal:5432" }, settings.fetch_allow)
    assert.same({}, settings.fetch_deny)
    settings = project.serving({ flags = {} }, { PARTYLUA_FETCH_DENY = "1.1.1.1 [::1]:80" })
    assert.same({ "1.1.1.1", "[::1]:80" }, settings.fetch_deny)
  end)

  it("stand in the file under fetch, paths relative to it", function()
    project.write("ca.pem", "x")
    local settings = project.settings_of [[
      { "fetch": { "allow": ["10.0.0.0/8"], "deny": [], "proxy": "http://p:1", "ca": "ca.pem" } }]]
    assert.same({ { "10.0.0.0/8" }, {}, "http://p:1" },
      { settings.fetch_allow, settings.fetch_deny, settings.fetch_proxy })
    assert.matches("^/.*/ca%.pem$", settings.fetch_ca)
  end)

  it("are refused where they are wrong", function()
    project.write("app.lua", "return {}")
    for option, words in pairs {
      ["fetch-allow"] = "must be a list, each item an address, a range such as 10.0.0.0/8 or a",
      ["fetch-proxy"] = "must be a URL", ["fetch-ca"] = "names a file that cannot be read",
    } do
      local message = project.refused { main = "app.lua", flags = { [option] = "10.0.0.0/33" } }
      assert.matches(("--%s %s"):format(option, words), message, 1, true)
    end
    assert.matches("partylua.json:1:34: fetch.deny[2] must be an address, a range",
      project.refused_file '{ "fetch": { "deny": ["1.1.1.1", "http://a/"] } }', 1, true)
    assert.matches("fetch.ca names a file that cannot be read",
      project.refused_file '{ "main": "app.lua", "fetch": { "ca": "none.pem" } }', 1, true)
  end)
end)
