--- storage: `partylua storage VERB PARTY/ROOM`: what one room has stored, seen and changed from
--- outside. Each verb is a file in the folder beside this one.

local failure = require "partylua.config.failure"
local hint = require "partylua.hint"

local VERBS = { "list", "get", "put", "delete", "export", "import" }

local storage = {
  summary = "look at what a room has stored, change it, export and import it",
  parts = VERBS,
}

---@class partylua.cli.Verb
---@field summary string
---@field run fun(args: string[])
---@field help fun(): string

---@return partylua.cli.Verb
local function verb(name)
  for _, known in ipairs(VERBS) do
    if known == name then return require("partylua.cli.storage." .. name) end
  end
  return failure.raise(("storage: there is no '%s'"):format(name),
    hint.did_you_mean(name, VERBS) or "'partylua help storage' lists what there is")
end

--- All verbs, or one.
---@param name? string
---@return string
function storage.help(name)
  if name then return verb(name).help() end
  local lines = { "Usage: partylua storage VERB PARTY/ROOM …", "",
    "What a room has stored. What reads works beside a running server; what writes does not.", "" }
  for _, known in ipairs(VERBS) do
    lines[#lines + 1] = ("   %-10s %s"):format(known, verb(known).summary)
  end
  return table.concat(lines, "\n") .. "\n\n'partylua help storage VERB' says more about each."
end

---@param args string[]
---@return integer exit_code
function storage.run(args)
  if not args[1] then
    failure.raise("storage: what is to be done is missing",
      "'partylua help storage' lists what there is")
  end
  verb(args[1]).run { unpack(args, 2) }
  return 0
end

return storage
