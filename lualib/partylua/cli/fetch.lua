--- fetch: `partylua fetch PATH`: one HTTP request to a server.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local http = require "partylua.cli.http"
local native = require "partylua.native"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local server = require "partylua.cli.server"
local target = require "partylua.cli.target"

local fetch = { summary = "send a request to a room, or to any URL of the server" }

local BODY_BYTES_MAX = 64 * 1024 * 1024

local function build_parser()
  local made = server.parser("fetch", " PARTY/ROOM | PATH | URL", "Send a request and print the "
    .. "body of the answer. Fails when the status is 400 or more.")
  made:argument("target", "such as main/lobby, /status or http://127.0.0.1:1999/")
    :argname "PARTY/ROOM"
  made:option("-X --method", "of the request (default: GET, or POST with a body)"):argname "METHOD"
  made:option("-d --data-body", "body of the request; @FILE reads it from a file, @- from standard "
    .. "input"):argname "TEXT"
  made:option("--header", "a header of the request, 'Name: value'; repeatable")
    :argname("LINE"):count "*"
  made:option("--query", "a parameter of the URL; repeatable"):argname("NAME=VALUE"):count "*"
  made:flag("-i --include", "print the head of the answer, too")
  made:flag("--json", "the body is JSON, and says so")
  return made
end

function fetch.help()
  return build_parser():get_help()
end

local function body_of(result)
  local given = result.data_body
  if not given then return nil end
  local path = given:match "^@(.+)$"
  if not path then return given end
  if path ~= "-" then
    local text, message = fs.read(path)
    return text or failure.raise("cannot read " .. tostring(message))
  end
  local text = io.stdin:read(BODY_BYTES_MAX + 1) or ""
  if #text > BODY_BYTES_MAX then
    failure.raise(("the body is larger than %d bytes"):format(BODY_BYTES_MAX))
  end
  return text
end

local function method_of(result, body)
  local method = result.method or (body and "POST" or "GET")
  if not method:find "^%a+$" then
    failure.raise(('--method must be a word such as POST, not "%s"')
      :format(output.printable(method)))
  end
  return method:upper()
end

local function headers_of(result)
  local lines = { "Connection: close" }
  if result.json then lines[2] = "Content-Type: application/json" end
  for _, line in ipairs(result.header) do
    if line:find "%c" or not line:find "^[%w!#$%%&'*+.^_`|~-]+:" then
      failure.raise(('--header must be a line such as "Cookie: a=b", not "%s"')
        :format(output.printable(line)))
    end
    lines[#lines + 1] = line
  end
  return lines
end

---@param args string[]
---@return integer? exit_code
function fetch.run(args)
  local result = parser.parse(build_parser(), "fetch", args)
  if not result then return end
  native.loaded()
  local body, headers = body_of(result), headers_of(result)
  local method = method_of(result, body)
  local found = target.of(result.target, result)
  found.path = target.add_query(found.path, result.query)
  local answer = http.send(target.dial(found), {
    method = method, path = found.path, host = found.authority, headers = headers, body = body,
  })
  if result.include then output.write(answer.head, "\r\n\r\n") end
  for piece in answer.read, answer do
    output.write(piece)
    output.finish()
  end
  output.finish()
  if not answer.is_whole then failure.raise "the answer was cut" end
  if answer.status < 400 then return 0 end
  io.stderr:write(("partylua: the server answered %d %s\n"):format(answer.status, answer.reason))
  return 1
end

return fetch
