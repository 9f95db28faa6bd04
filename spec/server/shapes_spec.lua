--- shapes: what hooks are given, and which options calls look at, is what the types declare.

local annotations = require "spec.support.annotations"
local dir = require "pl.dir"
local file = require "pl.file"
local json = require "partylua.json"
local party = require "spec.support.party"
local shapes = require "spec.support.shapes"

-- Declared since code of PartyKit has them, and looked at by nobody.
local ACCEPTED = {
  ["partylua.WriteOptions"] = { allowConcurrency = true, noCache = true },
}
-- There when the configuration says so.
local CONFIGURED = { ["partylua.RoomContext"] = { ai = true, vectorize = true } }
-- JavaScript's own word, and a keyword in Lua.
local ALSO_READ = { ["partylua.ListOptions"] = { ["end"] = true } }

local function declared_fields(classes, name)
  local fields = {}
  local class = assert(classes[name], name .. " is not declared")
  for field in pairs(class.fields) do fields[field:gsub("%?$", "")] = true end
  return fields, class.parent
end

describe("the types declare", function()
  local files = {}
  for _, path in ipairs(dir.getallfiles("lualib/partylua/types", "*.lua")) do
    if not path:find "native" then files[#files + 1] = path end
  end
  local classes = annotations.read(files)

  --- What the server has seen, once it has seen all.
  local function observe()
    local server = party.serve("spec/server/apps/shapes.lua", { "--dev-endpoints" })
    local socket = server:connect "/parties/main/a"
    socket:send "hello"
    socket:close(1000, "bye")
    server:connect "/elsewhere"
    server:get "/__scheduled__?cron=any"
    local broken = server:connect "/parties/main/a"
    broken:send_frame(0xF, "") -- RFC 6455 5.2: an opcode that is reserved
    local seen
    party.eventually("everything is seen", function()
      seen = json.decode(server:get("/parties/main/a").body)
      local event = seen["partylua.SocketEvent"] or {}
      return event.data and event.code and event.message and seen["partylua.Cron"]
        and seen["partylua.FetchSocket"]
    end)
    server:stop()
    return seen
  end

  local seen
  setup(function() seen = observe() end)

  for _, name in ipairs(shapes.given) do
    it("all that " .. name .. " has, and nothing else", function()
      local declared = declared_fields(classes, name)
      for field in pairs(CONFIGURED[name] or {}) do declared[field] = nil end
      assert.same(declared, seen[name])
    end)
  end

  for _, name in ipairs(shapes.taken) do
    it("all that is looked at in " .. name .. ", and nothing else", function()
      local declared, parent = declared_fields(classes, name)
      local inherited = parent and declared_fields(classes, parent) or {}
      for field in pairs(seen[name]) do
        local is_known = declared[field] or inherited[field]
          or ALSO_READ[name] and ALSO_READ[name][field]
        assert.truthy(is_known, ("%s.%s is looked at and not declared"):format(name, field))
      end
      for field in pairs(declared) do
        local is_read = seen[name][field] or ACCEPTED[name] and ACCEPTED[name][field]
        assert.truthy(is_read, ("%s.%s is declared and nobody looks at it"):format(name, field))
      end
    end)
  end

  --- What specs and their helpers say whose names begin so.
  local function text_of_specs(beginning)
    local texts = {}
    for _, path in ipairs(dir.getallfiles("spec", "*.lua")) do
      if path:find("/" .. beginning .. "[^/]*$") then texts[#texts + 1] = file.read(path) end
    end
    return table.concat(texts)
  end

  for name, beginning in pairs(shapes.shown) do
    it("of " .. name .. " what specs of it show", function()
      local text = text_of_specs(beginning)
      for field in pairs((declared_fields(classes, name))) do
        assert.truthy(text:find("%f[%w]" .. field .. "%f[^%w]"), field .. " is shown nowhere")
      end
    end)
  end
end)
