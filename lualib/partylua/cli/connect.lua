--- connect: `partylua connect PARTY/ROOM`: a WebSocket at the terminal, or in a pipe.

local base64 = require "partylua.base64"
local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local json = require "partylua.json"
local native = require "partylua.native"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local server = require "partylua.cli.server"
local target = require "partylua.cli.target"
local units = require "partylua.config.units"
local websocket = require "partylua.cli.websocket"

local connect = { summary = "connect to a room: lines of input are messages, messages are printed" }

local FOREVER_MS = 1e12
local LINE_BYTES_MAX = 16 * 1024 * 1024
local CLOSE_MS = 5000

local function build_parser()
  local made = server.parser("connect", " PARTY/ROOM | URL", "Connect to a room: each line of "
    .. "standard input is sent as a message, and each message is printed as a line. At the end of "
    .. "the input it waits until nothing has come for a while, and closes.")
  made:argument("target", "such as main/lobby, or ws://127.0.0.1:1999/parties/main/lobby")
    :argname "PARTY/ROOM"
  made:option("--id", "the id of the connection (_pk); else a random one"):argname "ID"
  made:option("--query", "a parameter of the URL; repeatable"):argname("NAME=VALUE"):count "*"
  made:option("--header", "a header of the request, 'Name: value'; repeatable")
    :argname("LINE"):count "*"
  made:flag("--json", "check that each line is JSON, and print messages as lines of JSON")
  made:option("--wait", "silence at the end of the input, before it closes (default: 1 s)")
    :argname "TIME"
  return made
end

function connect.help()
  return build_parser():get_help()
end

local function wait_of(result)
  local ms = units.kinds.duration.read(result.wait or "1")
  return ms or failure.raise(('--wait must be a time, not "%s"'):format(result.wait))
end

--- Header lines that cannot end the head, or begin another one.
local function check_headers(lines)
  for _, line in ipairs(lines) do
    if line:find "%c" or not line:find "^[%w!#$%%&'*+.^_`|~-]+:" then
      failure.raise(('--header must be a line such as "Cookie: a=b", not "%s"')
        :format(output.printable(line)))
    end
  end
  return lines
end

--- One connection with its terminal.
local Talk = {}
Talk.__index = Talk

function Talk:print(message)
  if not self.is_json then
    local data = message.is_binary and ("(%d bytes)"):format(#message.data) or message.data
    if fs.is_terminal(1) then data = "< " .. output.printable(data) end
    return output.write(data, "\n")
  end
  local shown = { time = native.now() }
  if message.is_binary then
    shown.base64 = base64.encode(message.data)
  else
    local value, problem = json.tryDecode(message.data)
    if problem then shown.text = message.data else shown.json = value end
  end
  output.write(ordered.encode(shown), "\n")
end

function Talk:take(bytes)
  for _, message in ipairs(self.socket:take(bytes)) do self:print(message) end
  output.finish()
end

function Talk:send(line)
  if line == "" then return end
  if self.is_json then
    local _, problem = json.tryDecode(line)
    if problem then failure.raise("a line of the input is no JSON: " .. problem) end
  end
  if not native.utf8_valid(line) then failure.raise "a line of the input is no UTF-8" end
  self.socket:send(line)
end

--- Takes input; false at its end, when what is left without a line's end is sent too.
function Talk:take_input(bytes)
  local rest, at = self.input .. bytes, 1
  local stop = bytes ~= "" and rest:find("\n", #self.input + 1, true)
  while stop do
    self:send((rest:sub(at, stop - 1):gsub("\r$", "")))
    at = stop + 1
    stop = rest:find("\n", at, true)
  end
  self.input = rest:sub(at)
  if #self.input > LINE_BYTES_MAX then
    failure.raise(("a line of the input is longer than %d bytes"):format(LINE_BYTES_MAX))
  end
  if bytes ~= "" then return true end
  self:send(self.input)
  self.input = ""
  return false
end

--- Waits for what comes next of both sides; false when the connection is over.
function Talk:step()
  local line = self.socket.line
  local source, bytes
  if self.has_input then
    source, bytes = line:read_either(FOREVER_MS)
  else
    source = "line"
    bytes = line:read(self.socket.has_sent_close and CLOSE_MS or self.wait_ms)
    if not bytes and not self.socket.has_sent_close then
      self.socket:close(1000)
      return true
    end
  end
  if not source or not bytes then return false end
  if source == "input" then
    self.has_input = self:take_input(bytes)
    return true
  end
  if bytes == "" then return false end
  self:take(bytes)
  return not self.socket.is_over
end

function Talk:run()
  self:take ""
  while not self.socket.is_over and self:step() do end
  local socket = self.socket
  if not socket.is_over then
    failure.raise "the server closed the connection without a closing handshake"
  end
  if socket.code == 1000 or socket.code == 1005 then return end
  failure.raise(("the server closed the connection: %d %s"):format(socket.code,
    output.printable(socket.reason)))
end

---@param args string[]
function connect.run(args)
  local result = parser.parse(build_parser(), "connect", args)
  if not result then return end
  native.loaded()
  local wait_ms, headers = wait_of(result), check_headers(result.header)
  local found = target.of(result.target, result)
  found.path = target.add_query(found.path, result.query)
  if result.id then found.path = target.add_query(found.path, { "_pk=" .. result.id }) end
  local socket = websocket.open(target.dial(found), found, headers)
  if fs.is_terminal(0) then
    io.stderr:write(("connected to %s (end with Ctrl-D)\n"):format(found.path))
  end
  setmetatable({
    socket = socket, is_json = result.json, wait_ms = wait_ms, has_input = true, input = "",
  }, Talk):run()
end

return connect
