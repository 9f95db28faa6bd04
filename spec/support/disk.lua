--- disk: serves an app on a disk that a spec can make full, broken, slow or forgetful.
---
--- What writes the store goes through spec/crash/faults.c, which says what can be asked for.

local Process = require "spec.support.process"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

local disk = {}

local Disk = {}
Disk.__index = Disk

local LIBRARY = sys.folder() .. "/build/test/faults.so"

local function is_there(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

local function check_library()
  if not is_there(LIBRARY) then error("make faults builds what this spec needs", 3) end
end

--- A disk with an empty data folder on it.
function disk.new()
  check_library()
  local folder = party.make_folder()
  local self = setmetatable({ folder = folder, orders = folder .. "/orders" }, Disk)
  self:work()
  return self
end

--- Says what the disk does from now on: "sync=hold", "write=ENOSPC after=2".
---@param orders string
function Disk:set(orders)
  local new = self.orders .. ".new"
  local file = assert(io.open(new, "w"))
  file:write(orders)
  file:close()
  assert(os.rename(new, self.orders)) -- at once: nobody sees half of it
end

--- From now on all is well.
function Disk:work()
  self:set ""
end

--- What a program is started with, so that no folder tells it which of its entries are folders.
function disk.kinds_hidden()
  check_library()
  return { "env", "LD_PRELOAD=" .. LIBRARY, "FAULTS_KINDS=hidden",
    "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0" }
end

--- What makes a program see this disk. `names`: of the files on it.
local function wrapper_of(self, names)
  local paths = {}
  for i, name in ipairs(names) do paths[i] = ("%s/state/%s"):format(self.folder, name) end
  return {
    "env", "LD_PRELOAD=" .. LIBRARY, "FAULTS_FILE=" .. self.orders,
    "FAULTS_DATA=" .. table.concat(paths, ":"),
    -- The library comes before the sanitizers' own, and interposes nothing of theirs.
    "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0",
  }
end

--- Serves an app whose rooms store on this disk.
---@param app string
---@param arguments? string[]
function Disk:serve(app, arguments)
  local argv = { "--data", self.folder .. "/state" }
  for _, argument in ipairs(arguments or {}) do argv[#argv + 1] = argument end
  return party.serve(app, argv, nil, wrapper_of(self, { "data.mdb", "journal" }))
end

--- Starts a server without waiting for it. `data`: the file that is on the disk.
function Disk:start(app, data)
  local argv = wrapper_of(self, { data })
  for _, word in ipairs { party.program, "serve", app, "--port", "0", "--host", "127.0.0.1",
    "--data", self.folder .. "/state" } do
    argv[#argv + 1] = word
  end
  return Process.start(argv)
end

return disk
