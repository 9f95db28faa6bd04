--- models: `partylua ai models`.

local json = require "partylua.json"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"

local function line_of(model)
  local line = model.name
  if model.task then line = line .. "   " .. model.task end
  local aliases = table.concat(model.aliases, ", ")
  if aliases ~= "" then line = ("%s   (%s)"):format(line, aliases) end
  return output.printable(line)
end

---@param ai partylua.Ai
---@param result table    of parser.parse
return function(ai, result)
  local models = ai:models { search = result.search }
  if result.json then
    output.write(ordered.encode(json.array(models), true), "\n")
  else
    for _, model in ipairs(models) do output.write(line_of(model), "\n") end
  end
  output.finish()
end
