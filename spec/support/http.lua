--- http: requests to a server under test, written by hand so that broken ones can be sent too.

local Tcp = require "spec.support.tcp"

local http = {}

--- A request as bytes. `headers` is a list of lines; Host and Content-Length come by themselves.
---@param method string
---@param path string
---@param options? { headers?: string[], body?: string, version?: string }
function http.format(method, path, options)
  options = options or {}
  local lines = { ("%s %s HTTP/%s"):format(method, path, options.version or "1.1"), "Host: test" }
  for _, line in ipairs(options.headers or {}) do lines[#lines + 1] = line end
  if options.body then lines[#lines + 1] = "Content-Length: " .. #options.body end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (options.body or "")
end

local function read_chunked(tcp)
  local pieces = {}
  while true do
    local size = tonumber(assert(tcp:take_until "\r\n", "a chunk is missing"):sub(1, -3), 16)
    pieces[#pieces + 1] = assert(tcp:take(size), "a chunk is cut")
    assert(tcp:take(2) == "\r\n")
    if size == 0 then return table.concat(pieces), #pieces - 1 end
  end
end

local function has_body(status, method)
  return method ~= "HEAD" and status >= 200 and status ~= 204 and status ~= 304
end

--- Reads one answer; nil when the connection ends instead.
---@return { status: integer, reason: string, headers: table<string, string>, body: string }?
function http.read(tcp, method)
  local head = tcp:take_until "\r\n\r\n"
  if not head then return nil end
  local version, status, reason = head:match "^HTTP/(%d%.%d) (%d+) ?([^\r]*)\r\n"
  local answer = {
    version = version, status = tonumber(status), reason = reason, headers = {}, head = head,
    body = "",
  }
  for name, value in head:gmatch "\r\n([^:\r]+): *([^\r]*)" do
    name = name:lower()
    local old = answer.headers[name]
    answer.headers[name] = old and old .. ", " .. value or value
  end
  if not has_body(answer.status, method) then return answer end
  if answer.headers["transfer-encoding"] == "chunked" then
    answer.body, answer.chunks = read_chunked(tcp)
  elseif answer.headers["content-length"] then
    answer.body = assert(tcp:take(tonumber(answer.headers["content-length"])), "the body is cut")
  else
    answer.body = tcp:take_all()
  end
  return answer
end

--- One request on a connection of its own.
function http.request(port, method, path, options)
  local tcp = Tcp.connect(port)
  tcp:send(http.format(method, path, options))
  local answer = http.read(tcp, method)
  tcp:close()
  return answer
end

return http
