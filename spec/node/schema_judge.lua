--- schema_judge: answers each line, the text of a partylua.json, with the codes and messages of
--- what the server's own rules find wrong in it. Run by schema.test.mjs.

local json = require "partylua.json"
local json5 = require "partylua.config.json5"
local schema = require "partylua.config.schema"
local source = require "partylua.config.source"
local validate = require "partylua.config.validate"

local function judge(text)
  local found = json.array {}
  local file = source.new(text, "partylua.json")
  validate.document(file, json5.parse(file), schema, function(failure)
    found[#found + 1] = { code = failure.code, message = failure.what }
  end)
  return found
end

for line in io.lines() do print(json.encode(judge(line))) end
