--- Every call of the Party API stands in an example of docs/, all of which run
--- (spec/docs_spec.lua), and every field in an example or in words. What editors are told of
--- (lualib/partylua/types) is what counts; docs/testing.md has a spec of its own.

local annotations = require "spec.support.annotations"
local dir = require "pl.dir"
local file = require "pl.file"
local markdown = require "spec.support.markdown"

local examples = {}
for _, block in ipairs(markdown.all "lua") do
  if block.page:find "^docs/" then examples[#examples + 1] = block.text end
end
examples = table.concat(examples, "\n")

local pages = {}
for _, page in ipairs(markdown.pages()) do
  if page:find "^docs/" then pages[#pages + 1] = file.read(page) end
end
pages = table.concat(pages, "\n")

--- Named as a method, a field, or a key of a table.
local function is_shown(name)
  local word = name:gsub("%p", "%%%0")
  return examples:find("[.:]" .. word .. "%f[^%w_]") or examples:find("%f[%w_]" .. word .. " =")
end

--- Between backquotes, or before a colon or comma there.
local function is_told(name)
  return pages:find("`[^`\n]*%f[%w_]" .. name .. "%f[^%w_][^`\n]*`") ~= nil
end

local paths = {}
for _, path in ipairs(dir.getfiles("lualib/partylua/types", "*.lua")) do
  local is_elsewhere = path:find "native%.lua$" or path:find "testing%.lua$"
  if not is_elsewhere then paths[#paths + 1] = path end
end

describe("docs/", function()
  for name, class in pairs(annotations.read(paths)) do
    it("shows every call of " .. name .. ", and tells of every field", function()
      local missing = {}
      for call, declared in pairs(class.functions) do
        if not declared.is_hidden and not is_shown(call) then missing[#missing + 1] = call end
      end
      for field in pairs(class.fields) do
        local plain = field:gsub("%?$", "")
        local is_there = not plain:find "^[%w_]+$" or is_shown(plain) or is_told(plain)
        if not is_there then missing[#missing + 1] = plain end
      end
      table.sort(missing)
      assert.same({}, missing)
    end)
  end
end)
