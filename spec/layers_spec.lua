--- layers: the #include lines of runtime/ keep to the plan of the house.
---
---     cli
---     lab                 a server under test: clock, clients and commits of a spec
---     edge, lua           sockets and parsers for the party; LuaJIT for the party
---     party               rooms, connections, exchanges: the domain
---     vector              searching vectors
---     net, proto, store   libuv; llhttp, wslay, OpenSSL; LMDB
---     base                libc only
---
--- A folder includes the floors below its own; folders that share a floor do not know each other.

local dir = require "pl.dir"
local file = require "pl.file"

local FLOORS = {
  { "base" }, { "net", "proto", "store" }, { "vector" }, { "party" }, { "edge", "lua" }, { "lab" },
  { "cli" },
}

-- Neither of them knows sockets: tests and fuzz targets link them without libuv.
local EXCEPT = { party = { net = true }, vector = { net = true, proto = true } }

--- Where the headers of a library may be included: folders, or single files.
local HOMES = {
  { "^uv", "net" },
  { "^curl/", "net" },
  { "^lmdb%.h$", "store" },
  { "^llhttp%.h$", "proto" },
  { "^wslay/", "proto" },
  { "^zlib%.h$", "proto" },
  { "^openssl/", "net", "proto" },
  { "^lua", "lua", "lab/bind.h", "cli/state.c" },
  { "^lauxlib%.h$", "lua", "cli/state.c" },
}

--- Headers of libc and of the kernel, which every folder may include.
local SYSTEM = {}
for name in ([[
  arpa/inet assert ctype dirent dlfcn emmintrin errno fcntl ifaddrs immintrin inttypes libgen
  limits linux/sockios math net/if netdb netinet/in netinet/tcp
  poll pthread signal stdarg stdatomic stdbool stddef stdint stdio stdlib string
  strings sys/eventfd sys/file sys/ioctl sys/mman sys/random sys/resource sys/socket sys/stat
  sys/types sys/un sys/wait termios time unistd
]]):gmatch "%S+" do SYSTEM[name .. ".h"] = true end

--- The includes of one file, in order: { place, target, is_own }.
local function includes_of(path)
  local list, number = {}, 0
  for line in io.lines(path) do
    number = number + 1
    local quote, target = line:match '^%s*#%s*include%s*([<"])([^>"]+)'
    if target then
      list[#list + 1] = {
        place = ("%s:%d includes %s"):format(path, number, target),
        target = target, is_own = quote == '"',
      }
    end
  end
  return list
end

local function floor_of(folder)
  for floor, folders in ipairs(FLOORS) do
    for _, name in ipairs(folders) do
      if name == folder then return floor end
    end
  end
end

local function may_include(from, to)
  if from == to then return true end
  if EXCEPT[from] and EXCEPT[from][to] then return false end
  return floor_of(to) ~= nil and floor_of(to) < floor_of(from)
end

--- Whether a library's header may stand in this file: "lua/check.c" of folder "lua".
local function is_at_home(target, folder, name)
  if SYSTEM[target] then return true end
  for _, home in ipairs(HOMES) do
    if target:find(home[1]) then
      for i = 2, #home do
        if home[i] == folder or home[i] == name then return true end
      end
      return false
    end
  end
  return false
end

local files = {}
for _, path in ipairs(dir.getallfiles "runtime") do
  if path:find "%.[ch]$" then files[#files + 1] = path end
end
table.sort(files)

--- Calls `check(folder, name, include)` for each include of runtime/, where `name` is the file's
--- below runtime; gives the places where it answers false.
local function offenders(check)
  local places, seen = {}, 0
  for _, path in ipairs(files) do
    local name = path:match "^runtime/(.*)$"
    for _, include in ipairs(includes_of(path)) do
      seen = seen + 1
      if not check(name:match "^[^/]*", name, include) then places[#places + 1] = include.place end
    end
  end
  assert.is_true(seen > 300, "only " .. seen .. " includes were found")
  return places
end

describe("the folders of runtime", function()
  it("are those of the plan", function()
    for _, path in ipairs(files) do
      local folder = path:match "^runtime/([^/]*)/[^/]*$"
      assert.truthy(folder and floor_of(folder), path .. " is in no folder of the plan")
    end
  end)

  it("include only floors below their own", function()
    assert.same({}, offenders(function(folder, _, include)
      return not include.is_own or may_include(folder, include.target:match "^[^/]*")
    end))
  end)

  it("name headers of ours by their folder", function()
    assert.same({}, offenders(function(_, _, include)
      return not include.is_own or file.read("runtime/" .. include.target) ~= nil
    end))
  end)

  it("are the one home of each library", function()
    assert.same({}, offenders(function(folder, name, include)
      return include.is_own or is_at_home(include.target, folder, name)
    end))
  end)
end)

describe("each file of runtime", function()
  it("begins, as a header, with its name and what it is for", function()
    for _, path in ipairs(files) do
      if path:find "%.h$" then
        local text, name = file.read(path), path:match "[^/]*$"
        local words = text:match("^/%*\n %* " .. name:gsub("%p", "%%%0") .. " %-%- (%S[^\n]+)")
        assert.truthy(words, path .. " does not begin with '" .. name .. " -- ...'")
        assert.matches("\n#pragma once\n", text)
      end
    end
  end)

  it("includes its own header first, so that it proves itself complete", function()
    local compared = 0
    for _, path in ipairs(files) do
      local header = path:gsub("%.c$", ".h")
      if path:find "%.c$" and file.read(header) then
        compared = compared + 1
        local first = includes_of(path)[1]
        assert.equal(header:match "^runtime/(.*)$", first and first.target, path)
      end
    end
    assert.is_true(compared > 20, compared .. " files compared")
  end)
end)
