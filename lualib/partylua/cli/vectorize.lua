--- vectorize: `partylua vectorize VERB`: the indexes of a data folder, without a server. Each verb
--- is a file in the folder beside this one.

local failure = require "partylua.config.failure"
local hint = require "partylua.hint"

local vectorize = { summary = "make indexes of vectors, look at them, fill and search them" }

local VERBS = { "create", "list", "get", "delete", "insert", "query" }

-- Of Vectorize in its current form. Not listed: there is nothing for them to do.
local NEEDLESS = {
  ["create-metadata-index"] = true, ["list-metadata-index"] = true,
  ["delete-metadata-index"] = true,
}

---@return partylua.cli.Verb
local function verb(name)
  if NEEDLESS[name] then return require("partylua.cli.vectorize.metadata_index").verb(name) end
  for _, known in ipairs(VERBS) do
    if known == name then return require("partylua.cli.vectorize." .. name) end
  end
  return failure.raise(("vectorize: there is no '%s'"):format(name),
    hint.did_you_mean(name, VERBS) or "'partylua help vectorize' lists what there is")
end

--- All verbs, or one.
---@param name? string
---@return string
function vectorize.help(name)
  if name then return verb(name).help() end
  local lines = { "Usage: partylua vectorize VERB …", "",
    "The indexes that rooms search. What reads works beside a running server; what writes does "
      .. "not.", "" }
  for _, known in ipairs(VERBS) do
    lines[#lines + 1] = ("   %-10s %s"):format(known, verb(known).summary)
  end
  return table.concat(lines, "\n") .. "\n\n'partylua help vectorize VERB' says more about each."
end

---@param args string[]
---@return integer exit_code
function vectorize.run(args)
  if not args[1] then
    failure.raise("vectorize: what is to be done is missing",
      "'partylua help vectorize' lists what there is")
  end
  verb(args[1]).run { unpack(args, 2) }
  return 0
end

return vectorize
