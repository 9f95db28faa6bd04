--- systemd: starts a server as systemd does, with sockets that listen already, and hears its news.

local Process = require "spec.support.process"
local ffi = require "ffi"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

if not pcall(ffi.typeof, "struct pl_sockaddr_un") then ffi.cdef [[
struct pl_sockaddr_un { uint16_t family; char path[108]; };
int bind(int fd, const void *address, unsigned len);
int listen(int fd, int backlog);
int open(const char *path, int flags, ...);
int getsockname(int fd, void *address, unsigned *len);
]] end

local C = ffi.C
local SECONDS = tonumber(os.getenv "SPEC_SECONDS") or 10
local HIGH = 200 -- above what the program has as 3, 4, and so on

local systemd = {}

local function check(rc, what)
  if rc < 0 then error(what .. ": errno " .. ffi.errno(), 3) end
  return rc
end

--- A descriptor that no program inherits, out of the way of those that are handed over.
local function lift(fd)
  local lifted = check(C.fcntl(fd, 1030, ffi.cast("int", HIGH)), "fcntl") -- F_DUPFD_CLOEXEC
  C.close(fd)
  return lifted
end

--- A TCP socket of the loopback address that listens, unless it is told not to.
---@param listens? boolean
---@return integer fd
---@return integer port
function systemd.tcp(listens)
  local fd = lift(check(C.socket(2, 1, 0), "socket"))
  local address, len = ffi.new "struct pl_sockaddr_in", ffi.new("unsigned[1]", 16)
  address.family, address.address = 2, 0x0100007f
  check(C.bind(fd, address, 16), "bind")
  if listens ~= false then check(C.listen(fd, 64), "listen") end
  C.getsockname(fd, address, len)
  local port = address.port
  return fd, bit.bor(bit.lshift(bit.band(port, 255), 8), bit.rshift(port, 8))
end

--- A Unix socket of a kind (1 stream, 2 datagram). A name with "@" is in the abstract namespace.
local function unix(name, kind)
  local fd = lift(check(C.socket(1, kind + 0x800, 0), "socket")) -- SOCK_NONBLOCK
  local address = ffi.new "struct pl_sockaddr_un"
  address.family = 1
  ffi.copy(address.path, (name:gsub("^@", "\0")), #name)
  check(C.bind(fd, address, 2 + #name), "bind")
  return fd
end

--- A Unix socket that listens.
function systemd.unix(path)
  local fd = unix(path, 1)
  check(C.listen(fd, 64), "listen")
  return fd
end

--- A file, which is no socket at all.
function systemd.file(path)
  return lift(check(C.open(path, 0), "open"))
end

---@class spec.Service
---@field process table
---@field notify integer
---@field heard string[]    datagrams, in their order
local Service = {}
Service.__index = Service

--- Waits for the next datagram that matches; gives its captures, or all of it.
function Service:expect_news(pattern)
  local deadline = sys.now() + SECONDS
  while true do
    local ok, news = pcall(sys.read, self.notify, deadline)
    if not ok then
      error(("no news like %q; there were:\n%s\nthe log says:\n%s"):format(pattern,
        table.concat(self.heard, "\n"), self.process:read_output()), 2)
    end
    self.heard[#self.heard + 1] = news
    local found = { news:match(pattern) }
    if found[1] then return unpack(found) end
  end
end

--- What is put in front of a command so that its pid is in LISTEN_PID, as systemd has it.
local function launcher(variables)
  local argv = { "env" }
  for name, value in pairs(variables) do argv[#argv + 1] = name .. "=" .. value end
  for _, word in ipairs { "sh", "-c",
    'LISTEN_PID="${LISTEN_PID:-$$}" WATCHDOG_PID="${WATCHDOG_PID:-$$}" exec "$@"', "sh" } do
    argv[#argv + 1] = word
  end
  return argv
end

---@class spec.ServiceOptions
---@field sockets? integer[]    handed over
---@field variables? table<string, string>
---@field notify? string    name of the socket for news
---@field app? string
---@field data? string    the data folder

--- Starts `partylua serve` on an app.
---@param options spec.ServiceOptions
function systemd.start(options)
  local folder = party.make_folder()
  local name = options.notify or folder .. "/notify"
  local variables = { NOTIFY_SOCKET = name }
  if options.sockets then variables.LISTEN_FDS = #options.sockets end
  for key, value in pairs(options.variables or {}) do variables[key] = value end
  local argv = launcher(variables)
  party.write_file("app.lua", options.app or "return {}", folder)
  for _, word in ipairs { party.program, "serve", "app.lua", "--log-format", "text", "--data",
    options.data or folder .. "/data", "--port", "0" } do
    argv[#argv + 1] = word
  end
  local notify = unix(name, 2)
  local process = Process.start(argv, folder, false, options.sockets)
  return setmetatable({ process = process, notify = notify, heard = {}, folder = folder }, Service)
end

--- Ends it as `systemctl stop` does.
function Service:stop()
  self.process:signal(sys.SIGTERM)
  local code = self.process:wait()
  sys.close(self.notify)
  return code
end

return systemd
