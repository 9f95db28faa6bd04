--- The keys of PartyKit's configuration: each of them works, or is said to be without effect.

local project = require "spec.support.project"

before_each(project.open)
after_each(project.close)

--- What is written, and where the settings have it; nothing for what only warns.
local KEYS = {
  ["$schema"] = { [[{ "$schema": "partylua.schema.json" }]], function() return true end },
  name = { [[{ "name": "my-app" }]], function(settings) return settings.name == "my-app" end },
  main = { [[{ "main": "app.lua" }]], function(settings) return settings.main:find "app.lua$" end },
  parties = { [[{ "parties": { "user": "app.lua" } }]],
    function(settings) return settings.parties.user:find "app.lua$" end },
  port = { [[{ "port": 1234 }]], function(settings) return settings.port == 1234 end },
  crons = { [[{ "crons": { "hourly": "0 * * * *" } }]],
    function(settings) return settings.crons.hourly == "0 * * * *" end },
  serve = { [[{ "serve": "public" }]],
    function(settings) return settings.serve.path:find "public$" end },
  ["serve.path"] = { [[{ "serve": { "path": "public" } }]],
    function(settings) return settings.serve.path:find "public$" end },
  ["serve.browserTTL"] = { [[{ "serve": { "path": "public", "browserTTL": 60 } }]],
    function(settings) return settings.serve.browserTTL == 60 end },
  ["serve.edgeTTL"] = { [[{ "serve": { "path": "public", "edgeTTL": 60 } }]],
    function(settings) return settings.serve.edgeTTL == 60 end },
  ["serve.singlePageApp"] = { [[{ "serve": { "path": "public", "singlePageApp": true } }]],
    function(settings) return settings.serve.singlePageApp end },
  persist = { [[{ "persist": false }]], function(settings) return settings.persist == false end },
  vars = { [[{ "vars": { "A": 1 } }]], function(settings) return settings.env.A == 1 end },
  ai = { [[{ "ai": true }]], function(settings) return settings.ai end },
  vectorize = { [[{ "vectorize": { "docs": "my-index" } }]],
    function(settings) return settings.vectorize.docs end },
  team = { [[{ "team": "us" }]] },
  preview = { [[{ "preview": "x" }]] },
  define = { [[{ "define": { "A": "1" } }]], function(settings) return settings.define.A end },
  build = { [[{ "build": { "command": "make", "cwd": ".", "watch": ["src"],
    "alias": { "a": "b" } } }]] },
  ["serve.build"] = { [[{ "serve": { "path": "public", "build": { "entry": "a.ts", "bundle": true,
    "splitting": true, "sourcemap": true, "outdir": "dist", "minify": true, "format": "esm",
    "define": {}, "alias": {}, "loader": {}, "external": [], "live": true } } }]] },
  minify = { [[{ "minify": true }]] },
  compatibilityDate = { [[{ "compatibilityDate": "2024-01-01" }]] },
  compatibilityFlags = { [[{ "compatibilityFlags": ["nodejs_compat"] }]] },
  domain = { [[{ "domain": "a.example" }]] },
  logpush = { [[{ "logpush": true }]] },
  tailConsumers = { [[{ "tailConsumers": ["a"] }]] },
  analytics = { [[{ "analytics": "a" }]] },
  bindings = { [[{ "bindings": { "r2": { "A": "b" }, "kv": { "A": "b" } } }]] },
  placement = { [[{ "placement": { "mode": "smart" } }]] },
  observability = { [[{ "observability": { "enabled": true, "head_sampling_rate": 1 } }]] },
}

--- Whether the warnings name a key, each of which they do once.
local function warnings_about(settings, key)
  local count = 0
  for _, warning in ipairs(settings.warnings) do
    for word in warning:gmatch "[%w_.$]+" do
      if word == key then count = count + 1 end
    end
  end
  return count
end

describe("PartyKit's configuration", function()
  before_each(function() project.write("public/index.html", "") end)

  for key, case in pairs(KEYS) do
    it(("has %s, which works or is said once to be without effect"):format(key), function()
      local settings = project.settings_of(case[1])
      local warned = warnings_about(settings, key)
      local works = case[2] and case[2](settings)
      if works and warned == 0 then return end
      assert.equal(1, warned, key .. " does nothing, in silence")
    end)
  end

  it("has define, which is said to do nothing where no party is in TypeScript", function()
    local text = '{ "define": { "A": "1" }, "parties": { "user": "%s" } }'
    for name, count in pairs { ["user.lua"] = 1, ["guest.ts"] = 0 } do
      project.write(name, "")
      assert.equal(count, warnings_about(project.settings_of(text:format(name)), "define"), name)
    end
    assert.equal(0, warnings_about(project.settings_of '{ "define": {} }', "define"))
  end)

  for _, key in ipairs { "include", "exclude" } do
    it(("has serve.%s, which is an error"):format(key), function()
      local message = project.refused_file(('{ "serve": { "path": "public", "%s": [] } }')
        :format(key))
      assert.matches("serve." .. key .. " is not implemented", message, 1, true)
    end)
  end
end)
