--- sys: the system calls specs need, through the FFI. Everything that waits has a deadline.

local ffi = require "ffi"

-- busted loads modules anew for each file, and the FFI knows a struct only once.
if not pcall(ffi.typeof, "pl_pollfd") then ffi.cdef [[
typedef struct { int fd; short events; short revents; } pl_pollfd;
typedef struct { char opaque[512]; } pl_spawn_actions;
typedef struct { char opaque[512]; } pl_spawn_attributes;
int posix_openpt(int flags);
int grantpt(int fd);
int unlockpt(int fd);
int ptsname_r(int fd, char *to, size_t len);
int posix_spawnattr_init(pl_spawn_attributes *attributes);
int posix_spawnattr_setflags(pl_spawn_attributes *attributes, short flags);
int posix_spawnattr_destroy(pl_spawn_attributes *attributes);
struct pl_sockaddr_in { uint16_t family; uint16_t port; uint32_t address; char zero[8]; };
struct pl_timespec { long sec; long nsec; };
int poll(pl_pollfd *fds, unsigned long count, int timeout);
int pipe2(int fds[2], int flags);
int fcntl(int fd, int command, ...);
long read(int fd, void *to, size_t len);
long write(int fd, const void *from, size_t len);
int close(int fd);
int kill(int pid, int signal);
int waitpid(int pid, int *status, int options);
int socket(int domain, int type, int protocol);
int connect(int fd, const void *address, unsigned len);
int shutdown(int fd, int how);
int setsockopt(int fd, int level, int name, const void *value, unsigned len);
int clock_gettime(int clock, struct pl_timespec *out);
char *strerror(int error);
char *getcwd(char *to, size_t len);
int posix_spawn_file_actions_init(pl_spawn_actions *actions);
int posix_spawn_file_actions_destroy(pl_spawn_actions *actions);
int posix_spawn_file_actions_adddup2(pl_spawn_actions *actions, int from, int to);
int posix_spawn_file_actions_addopen(pl_spawn_actions *actions, int fd, const char *path,
                                     int flags, unsigned mode);
int posix_spawn_file_actions_addchdir_np(pl_spawn_actions *actions, const char *path);
int posix_spawnp(int *pid, const char *file, const pl_spawn_actions *actions,
                 const void *attributes, char *const argv[], char *const envp[]);
extern char **environ;
]] end

local C = ffi.C
local POLLIN, POLLOUT = 1, 4
local EAGAIN, EINPROGRESS = 11, 115

local sys = { SIGTERM = 15, SIGKILL = 9, SIGINT = 2, SIGHUP = 1 }

local function fail(what)
  error(what .. ": " .. ffi.string(C.strerror(ffi.errno())), 3)
end

--- The working directory.
function sys.folder()
  return ffi.string(C.getcwd(ffi.new "char[4096]", 4096))
end

--- Seconds on a clock that only goes forward.
function sys.now()
  local t = ffi.new "struct pl_timespec"
  C.clock_gettime(1, t)
  return tonumber(t.sec) + tonumber(t.nsec) / 1e9
end

local function wait_for(fd, events, deadline)
  local fds = ffi.new("pl_pollfd[1]")
  fds[0].fd, fds[0].events = fd, events
  local left = math.max(0, math.ceil((deadline - sys.now()) * 1000))
  return C.poll(fds, 1, left) > 0
end

--- Lets others run for a moment: only for asking again what nobody tells (see party.eventually).
function sys.pause()
  C.poll(nil, 0, 5)
end

--- A TCP connection to 127.0.0.1, as a file descriptor.
function sys.connect(port, receive_bytes)
  -- AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC: a server that a spec starts must not
  -- keep another server's connections open.
  local fd = C.socket(2, 1 + 0x800 + 0x80000, 0)
  if fd < 0 then fail "socket" end
  if receive_bytes then
    C.setsockopt(fd, 1, 8, ffi.new("int[1]", receive_bytes), 4) -- SOL_SOCKET, SO_RCVBUF
  end
  local address = ffi.new "struct pl_sockaddr_in"
  address.family = 2
  address.port = bit.bor(bit.lshift(bit.band(port, 255), 8), bit.rshift(port, 8))
  address.address = 0x0100007f
  if C.connect(fd, address, ffi.sizeof(address)) ~= 0 and ffi.errno() ~= EINPROGRESS then
    local why = ffi.string(C.strerror(ffi.errno()))
    C.close(fd)
    error("connect: " .. why, 2)
  end
  return fd
end

local chunk = ffi.new("char[?]", 65536)

--- Some bytes; nil at the end of the stream; raises when none came in time.
function sys.read(fd, deadline)
  while true do
    local got = C.read(fd, chunk, 65536)
    if got > 0 then return ffi.string(chunk, got) end
    if got == 0 then return nil end
    if ffi.errno() ~= EAGAIN then return nil, ffi.string(C.strerror(ffi.errno())) end
    if not wait_for(fd, POLLIN, deadline) then error("nothing arrived in time", 2) end
  end
end

--- What is there now: bytes, "" when there is nothing, nil at the end.
function sys.read_now(fd)
  local got = C.read(fd, chunk, 65536)
  if got > 0 then return ffi.string(chunk, got) end
  if got < 0 and ffi.errno() == EAGAIN then return "" end
  return nil
end

--- Writes all of it; false when the other side is gone.
function sys.write(fd, bytes, deadline)
  local at, len = 0, #bytes
  local from = ffi.cast("const char *", bytes)
  while at < len do
    local wrote = C.write(fd, from + at, len - at)
    if wrote > 0 then
      at = at + tonumber(wrote)
    elseif ffi.errno() == EAGAIN then
      if not wait_for(fd, POLLOUT, deadline) then error("could not write in time", 2) end
    else
      return false
    end
  end
  return true
end

--- How much of it the kernel takes without waiting.
function sys.write_now(fd, bytes)
  local wrote = C.write(fd, bytes, #bytes)
  return wrote > 0 and tonumber(wrote) or 0
end

function sys.shutdown(fd)
  C.shutdown(fd, 1)
end

function sys.close(fd)
  C.close(fd)
end

--- Starts a program. Its output, both kinds, comes out of a pipe.
---@param argv string[]
---@param folder? string
---@param given? integer[]    descriptors that the program has as 3, 4, and so on
---@return integer pid
---@return integer pipe
function sys.spawn(argv, folder, given)
  local fds = ffi.new "int[2]"
  if C.pipe2(fds, 0x80000) ~= 0 then fail "pipe" end -- O_CLOEXEC
  C.fcntl(fds[0], 4, ffi.cast("int", 0x800)) -- F_SETFL, O_NONBLOCK: our end, and not the program's
  local actions = ffi.new "pl_spawn_actions"
  C.posix_spawn_file_actions_init(actions)
  C.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", 0, 0)
  C.posix_spawn_file_actions_adddup2(actions, fds[1], 1)
  C.posix_spawn_file_actions_adddup2(actions, fds[1], 2)
  for i, fd in ipairs(given or {}) do C.posix_spawn_file_actions_adddup2(actions, fd, i + 2) end
  if folder then C.posix_spawn_file_actions_addchdir_np(actions, folder) end
  local list = ffi.new("const char *[?]", #argv + 1)
  for i, arg in ipairs(argv) do list[i - 1] = arg end
  local pid = ffi.new "int[1]"
  local rc = C.posix_spawnp(pid, argv[1], actions, nil, ffi.cast("char *const *", list), C.environ)
  C.posix_spawn_file_actions_destroy(actions)
  C.close(fds[1])
  if rc ~= 0 then error("cannot start " .. argv[1] .. ": " .. ffi.string(C.strerror(rc)), 2) end
  return pid[0], fds[0]
end

local function open_terminal()
  local fd = C.posix_openpt(2 + 0x100 + 0x80000) -- O_RDWR | O_NOCTTY | O_CLOEXEC
  local name = ffi.new "char[64]"
  if fd < 0 or C.grantpt(fd) ~= 0 or C.unlockpt(fd) ~= 0 or C.ptsname_r(fd, name, 64) ~= 0 then
    fail "a terminal"
  end
  C.fcntl(fd, 4, ffi.cast("int", 0x800))
  return fd, ffi.string(name)
end

--- Starts a program at a terminal of its own, as the one in front of it.
---@return integer pid
---@return integer terminal    what it prints comes out, what is written in are keys pressed
function sys.spawn_terminal(argv, folder)
  local fd, name = open_terminal()
  local actions, attributes = ffi.new "pl_spawn_actions", ffi.new "pl_spawn_attributes"
  C.posix_spawnattr_init(attributes)
  C.posix_spawnattr_setflags(attributes, 0x80) -- POSIX_SPAWN_SETSID: then opening it makes it ours
  C.posix_spawn_file_actions_init(actions)
  C.posix_spawn_file_actions_addopen(actions, 0, name, 2, 0)
  C.posix_spawn_file_actions_adddup2(actions, 0, 1)
  C.posix_spawn_file_actions_adddup2(actions, 0, 2)
  if folder then C.posix_spawn_file_actions_addchdir_np(actions, folder) end
  local list = ffi.new("const char *[?]", #argv + 1)
  for i, arg in ipairs(argv) do list[i - 1] = arg end
  local pid = ffi.new "int[1]"
  local rc = C.posix_spawnp(pid, argv[1], actions, attributes, ffi.cast("char *const *", list),
    C.environ)
  C.posix_spawn_file_actions_destroy(actions)
  C.posix_spawnattr_destroy(attributes)
  if rc ~= 0 then error("cannot start " .. argv[1] .. ": " .. ffi.string(C.strerror(rc)), 2) end
  return pid[0], fd
end

function sys.kill(pid, signal)
  C.kill(pid, signal)
end

--- The exit code of a program that has ended or is about to; 128 and the signal when one ended it.
function sys.wait(pid)
  local status = ffi.new "int[1]"
  C.waitpid(pid, status, 0)
  local signal = bit.band(status[0], 127)
  return signal == 0 and bit.band(bit.rshift(status[0], 8), 255) or 128 + signal
end

return sys
