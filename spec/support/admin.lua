--- admin: a server under test, asked through its admin doors.

local Process = require "spec.support.process"
local http = require "partylua.cli.http"
local json = require "partylua.json"
local native = require "partylua.native"
local party = require "spec.support.party"

local admin = {}

local WITHIN_MS = 10000
local BODY_BYTES_MAX = 16 * 1024 * 1024

--- Serves an app with a data folder that the others find in `server.data`.
---@param app string
---@param arguments? string[]
function admin.serve(app, arguments)
  local all = { unpack(arguments or {}) }
  local data = party.make_folder() .. "/data"
  all[#all + 1], all[#all + 2] = "--data", data
  local server = party.serve(app, all)
  server.data = data
  return server
end

local function read(line, request)
  request.within_ms = WITHIN_MS
  local answer = http.send(line, request)
  return {
    status = answer.status, headers = answer.headers, body = answer:text(BODY_BYTES_MAX),
  }
end

--- One request at the admin socket of a data folder: { status, headers, body }.
function admin.request(data, method, path, body, headers)
  local line = assert(native.dial_local(data, "admin.sock"))
  local answer = read(line, {
    method = method, path = path, host = "admin", body = body, headers = headers,
  })
  line:close()
  return answer
end

--- The same for what is answered with JSON, which must be there.
function admin.ask(data, method, path, value)
  local answer = admin.request(data, method, path, value and json.encode(value))
  assert(answer.status == 200, ("%s %s: %d %s"):format(method, path, answer.status, answer.body))
  return json.decode(answer.body)
end

--- One request at an admin address. `headers` may have a Host of its own.
function admin.request_at(port, method, path, headers, body)
  local line = assert(native.dial("127.0.0.1", port, WITHIN_MS))
  local host = "127.0.0.1:" .. port
  local others = {}
  for _, each in ipairs(headers or {}) do
    local own = each:match "^Host: (.*)$"
    if own then host = own else others[#others + 1] = each end
  end
  local answer = read(line, {
    method = method, path = path, host = host, headers = others, body = body,
  })
  line:close()
  return answer
end

--- What happens, as it happens: a list that grows.
local Tail = {}
Tail.__index = Tail

function admin.tail(data, query)
  local line = assert(native.dial_local(data, "admin.sock"))
  local answer = http.send(line, {
    path = "/api/tail" .. (query or ""), host = "admin", within_ms = WITHIN_MS,
  })
  assert(answer.status == 200)
  assert(answer:read() == "\n") -- it is heard from here on
  return setmetatable({ line = line, next_line = answer:lines() }, Tail)
end

--- The next event, or the next of a type.
function Tail:next(kind)
  while true do
    local event = json.decode(assert(self.next_line(), "the stream has ended"))
    if not kind or event.type == kind then return event end
  end
end

function Tail:close() self.line:close() end

--- Runs a command with the server's data folder.
---@return integer code
---@return string output
function admin.run(data, ...)
  local words = { party.program, ... }
  words[#words + 1], words[#words + 2] = "--data", data
  return Process.run(words)
end

--- The same for one that must succeed.
function admin.output_of(data, ...)
  local code, output = admin.run(data, ...)
  assert(code == 0, output)
  return output
end

--- A command that goes on; input is what it reads.
function admin.start(data, input, ...)
  local words = { party.program, ... }
  words[#words + 1], words[#words + 2] = "--data", data
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = ("'%s'"):format(word:gsub("'", "'\\''")) end
  return Process.start { "sh", "-c", input .. table.concat(quoted, " ") }
end

return admin
