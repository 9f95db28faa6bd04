--- Every key of PartyKit's configuration works, is named in a warning, or is an error: none is
--- ignored in silence.

local config = require "partylua.config"
local party = require "spec.support.party"
local schema = require "partylua.config.schema"

--- A value of each kind that PartyKit's schema knows, as JSON.
local KEYS = {
  ["$schema"] = '"https://www.partykit.io/schema.json"', name = '"my-app"', team = '"us"',
  main = '"app.lua"', parties = '{ "other": "app.lua" }', port = "1234", preview = '"next"',
  crons = '{ "hourly": "0 * * * *" }', serve = '"public"', persist = "false",
  vars = '{ "A": [1] }', define = '{ "B": "2" }',
  build = '{ "command": "make", "cwd": ".", "watch": ["src"], "alias": { "a": "b" } }',
  minify = "true", compatibilityDate = '"2024-07-18"',
  compatibilityFlags = '["web_socket_compression"]', ai = "true",
  vectorize = '{ "docs": { "index_name": "docs" } }', domain = '"chat.example.com"',
  logpush = "true", tailConsumers = '["tail"]', analytics = '"set"',
  bindings = '{ "r2": { "files": "bucket" }, "kv": { "notes": "id" } }',
  placement = '{ "mode": "smart" }',
  observability = '{ "enabled": true, "head_sampling_rate": 0.5 }',
}

local SERVE = {
  path = '"public"', browserTTL = "60", edgeTTL = "null", singlePageApp = "true",
  build = '{ "entry": "a.ts", "bundle": true, "minify": true }',
  include = '["*.html"]', exclude = '["*.map"]',
}

--- What each key that works does to the settings.
local WORKS = {
  name = function(settings) return settings.name == "my-app" end,
  main = function(settings) return settings.main:find "/app.lua$" end,
  parties = function(settings) return settings.parties.other end,
  port = function(settings) return settings.port == 1234 end,
  crons = function(settings) return settings.crons.hourly == "0 * * * *" end,
  serve = function(settings) return settings.serve.path:find "/public$" end,
  persist = function(settings) return settings.persist == false end,
  vars = function(settings) return settings.env.A[1] == 1 end,
  vectorize = function(settings) return settings.vectorize.docs.name == "docs" end,
  path = function(settings) return settings.serve.path:find "/public$" end,
  browserTTL = function(settings) return settings.serve.browserTTL == 60 end,
  edgeTTL = function(settings) return settings.serve.edgeTTL == nil end,
  singlePageApp = function(settings) return settings.serve.singlePageApp end,
  ["$schema"] = function() return true end, -- an editor's
}

local REFUSED = { include = true, exclude = true }

describe("PartyKit's configuration key", function()
  local function load(text)
    local path, folder = party.write_file("partykit.json", text)
    party.write_file("app.lua", "return {}", folder)
    party.write_file("public/index.html", "home", folder)
    return config.load { path = path, directory = folder, getenv = function() end }
  end

  local function check(key, full_name, rule, text)
    local settings, message = load(text)
    if REFUSED[key] then
      assert.is_nil(settings)
      return assert.matches(("serve.%s is not implemented"):format(key), message, 1, true)
    end
    assert.truthy(settings, message)
    if rule.unused or key == "define" then -- no party here is in TypeScript
      local expected = "partykit.json: without effect here: " .. full_name
      assert.equal(1, #settings.warnings)
      return assert.equal(expected, settings.warnings[1]:sub(-#expected))
    end
    assert.same({}, settings.warnings)
    if WORKS[key] then assert.truthy(WORKS[key](settings), key .. " does nothing") end
  end

  for key, value in pairs(KEYS) do
    it(key .. " works, or is warned of once", function()
      local main = key == "main" and "" or '"main": "app.lua", '
      check(key, key, schema.fields[key], ('{ %s"%s": %s }'):format(main, key, value))
    end)
  end

  for key, value in pairs(SERVE) do
    it(("serve.%s works, is warned of once, or is an error"):format(key), function()
      local path = key == "path" and "" or '"path": "public", '
      check(key, "serve." .. key, schema.fields.serve.fields[key],
        ('{ "main": "app.lua", "serve": { %s"%s": %s } }'):format(path, key, value))
    end)
  end

  it("that nobody knows is an error", function()
    local settings, message = load '{ "main": "app.lua", "minfy": true }'
    assert.is_nil(settings)
    assert.matches('unknown key "minfy"', message, 1, true)
  end)
end)
