--- Every call and field of the public API stands in an example of docs/, all of which run
--- (spec/docs_spec.lua). What editors are told of (lualib/partylua/types) is what counts as public.

local annotations = require "spec.support.annotations"
local dir = require "pl.dir"
local markdown = require "spec.support.markdown"

local examples = {}
for _, block in ipairs(markdown.all "lua") do
  if block.page:find "^docs/" then examples[#examples + 1] = block.text end
end
examples = table.concat(examples, "\n")

--- Named as a method, a field, or a key of a table.
local function is_shown(name)
  local word = name:gsub("%p", "%%%0")
  return examples:find("[.:]" .. word .. "%f[^%w_]") or examples:find("%f[%w_]" .. word .. " =")
end

local paths = {}
for _, path in ipairs(dir.getfiles("lualib/partylua/types", "*.lua")) do
  if not path:find "native%.lua$" then paths[#paths + 1] = path end
end

describe("the examples of docs/", function()
  for name, class in pairs(annotations.read(paths)) do
    it("show everything of " .. name, function()
      local missing = {}
      for call, declared in pairs(class.functions) do
        if not declared.is_hidden and not is_shown(call) then missing[#missing + 1] = call end
      end
      for field in pairs(class.fields) do
        local plain = field:gsub("%?$", "")
        if plain:find "^[%w_]+$" and not is_shown(plain) then missing[#missing + 1] = plain end
      end
      table.sort(missing)
      assert.same({}, missing)
    end)
  end
end)
