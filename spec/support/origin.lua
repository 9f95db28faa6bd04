--- origin: starts spec/support/origin.mjs, the other server of the specs on fetch.

local Process = require "spec.support.process"
local http = require "spec.support.http"
local json = require "partylua.json"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

local Origin = {}
Origin.__index = Origin

local HERE = sys.folder()

local function openssl(folder, ...)
  local code, output = Process.run({ "openssl", ... }, folder)
  assert(code == 0, output)
end

--- An authority of our own, and a certificate of it for "localhost".
local function make_certificates(folder)
  openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
    "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Spec CA", "-days", "2")
  openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
    "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=localhost")
  party.write_file("names.txt", "subjectAltName=DNS:localhost\n", folder)
  openssl(folder, "x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key",
    "-CAcreateserial", "-out", "cert.pem", "-days", "2", "-extfile", "names.txt")
end

--- Has `http`, `https` and `raw` ports, and the path `ca` of the authority's certificate.
---@param with_tls? boolean
function Origin.start(with_tls)
  local folder = party.make_folder()
  local argv = { "node", HERE .. "/spec/support/origin.mjs" }
  if with_tls then
    make_certificates(folder)
    argv[3], argv[4] = folder .. "/key.pem", folder .. "/cert.pem"
  end
  local process = Process.start(argv)
  local plain, secure, raw = process:expect "http=(%d+) https=(%d+) raw=(%d+)"
  return setmetatable({
    process = process, ca = folder .. "/ca.pem",
    http = tonumber(plain), https = tonumber(secure), raw = tonumber(raw),
  }, Origin)
end

--- Asks it for a path; gives the answer.
function Origin:get(path)
  return http.request(self.http, "GET", path)
end

--- What it has seen: connected, open, mostActive, gone, log.
function Origin:stats()
  return json.decode(http.request(self.http, "GET", "/stats").body)
end

--- What --fetch-allow takes to let rooms reach it.
function Origin:rules()
  local rules = { "127.0.0.1:" .. self.http, "127.0.0.1:" .. self.raw }
  if self.https > 0 then rules[3] = "localhost:" .. self.https end
  return table.concat(rules, ",")
end

--- Two functions that run code in a room of a server that serves spec/server/apps/run.lua, where
--- ORIGIN, SECURE and RAW are URLs of the origin: one for its result, one for its error.
---@param server table
---@return fun(code: string, room?: string): any
---@return fun(code: string, room?: string): string
function Origin:runner(server)
  local prelude = ("local ORIGIN, RAW = 'http://127.0.0.1:%d', 'http://127.0.0.1:%d'\n"
    .. "local SECURE = 'https://localhost:%d'\n"):format(self.http, self.raw, self.https)
  local function ask(code, room)
    local path = "/parties/main/" .. (room or "room")
    return json.decode(server:request("POST", path, { body = prelude .. code }).body)
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

function Origin:stop()
  self.process:kill()
end

return Origin
