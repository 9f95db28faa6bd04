--- inference: starts spec/support/inference.mjs, the provider of the specs on AI.

local Process = require "spec.support.process"
local http = require "spec.support.http"
local json = require "partylua.json"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

local Inference = {}
Inference.__index = Inference

local HERE = sys.folder()

function Inference.start()
  local process = Process.start { "node", HERE .. "/spec/support/inference.mjs" }
  local port = process:expect "http=(%d+)"
  return setmetatable({ process = process, port = tonumber(port) }, Inference)
end

--- What it has seen: requests, gone, mostActive, mostActiveInOne, active.
function Inference:stats()
  return json.decode(http.request(self.port, "GET", "/stats").body)
end

--- Lets the model wait-NAME or hold-NAME go on.
function Inference:go(name)
  return json.decode(http.request(self.port, "GET", "/go/" .. name).body).went
end

--- The key "ai" of a configuration that asks it.
function Inference:config(provider, more)
  local host = "http://127.0.0.1:" .. self.port
  local made = provider == "openai"
    and { provider = "openai", baseUrl = host .. "/v1", apiKey = "$SPEC_KEY" }
    or { provider = "workers-ai", baseUrl = host .. "/client/v4", apiAccount = "spec-account",
      apiToken = "$SPEC_KEY" }
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

--- Serves an app that asks it: by default one that runs the code it is sent.
---@param ai table    as config gives it
---@param app? string    source
---@param arguments? string[]
---@param more? table    further keys of the configuration
function Inference.serve(_, ai, app, arguments, more)
  app = app or "return dofile '" .. HERE .. "/spec/server/apps/run.lua'\n"
  local path, folder = party.write_file("app.lua", app)
  local config = { ai = ai }
  for key, value in pairs(more or {}) do config[key] = value end
  party.write_file("partylua.json", json.encode(config), folder)
  local all = { "--var", "SPEC_KEY=spec-key" }
  for _, word in ipairs(arguments or {}) do all[#all + 1] = word end
  return party.serve(path, all, folder)
end

--- Two functions that run code in a room of such a server, which sees `ai`: one for its result,
--- one for its error.
function Inference.runner(_, server)
  local function ask(code, room)
    local path = "/parties/main/" .. (room or "room")
    local body = "local ai = room.context.ai\n" .. code
    return json.decode(server:request("POST", path, { body = body }).body)
  end
  local function run(code, room)
    local answer = ask(code, room)
    assert(answer.error == nil, answer.error)
    return answer.result
  end
  local function fail(code, room)
    return assert(ask(code, room).error, "no error was raised")
  end
  return run, fail
end

function Inference:stop()
  self.process:kill()
end

return Inference
