--- What `partylua dev` asks of the system, by the functions of the native module that are for it.

local Process = require "spec.support.process"
local disk = require "spec.support.disk"
local party = require "spec.support.party"

--- What a piece of code prints.
local function run(code, before)
  local argv = before or {}
  local whole = 'local native = require "partylua.native"\n' .. code
  for _, word in ipairs { party.program, "-e", whole } do argv[#argv + 1] = word end
  local status, output = Process.run(argv)
  assert.equal(0, status, output)
  return output
end

describe("native.subfolders", function()
  local folder
  before_each(function()
    folder = party.make_folder()
    os.execute(("cd %q && mkdir in out && touch file && ln -s in link"):format(folder))
  end)

  local function subfolders(before)
    return run(([[
      local names = native.subfolders(%q)
      table.sort(names)
      print(table.concat(names, " "))
    ]]):format(folder), before)
  end

  it("names folders, and neither files nor links", function()
    assert.equal("in out\n", subfolders())
  end)

  it("does so where the file system does not tell what an entry is", function()
    assert.equal("in out\n", subfolders(disk.kinds_hidden()))
  end)
end)

describe("native.read_keys", function()
  it("keeps nothing of what it was given where there is no terminal", function()
    assert.equal("false\tnil\n", run [[
      local kept = setmetatable({}, { __mode = "k" })
      local function start()
        local function on_key() return kept end
        kept[on_key] = true
        return native.read_keys(on_key)
      end
      local is_reading = start()
      native.stop_keys()
      collectgarbage()
      collectgarbage()
      print(is_reading, (next(kept)))
    ]])
  end)
end)
