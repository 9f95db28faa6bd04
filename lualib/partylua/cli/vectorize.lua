--- vectorize: `partylua vectorize VERB`: the indexes of a data folder, without a server. Each verb
--- is a file in the folder beside this one.

-- Of Vectorize in its current form. Not listed: there is nothing for them to do.
local NEEDLESS = {
  ["create-metadata-index"] = true, ["list-metadata-index"] = true,
  ["delete-metadata-index"] = true,
}

return require("partylua.cli.verbs").command {
  name = "vectorize",
  summary = "make indexes of vectors, look at them, fill and search them",
  usage = "",
  about = "The indexes that rooms search. What reads works beside a running server; what writes "
    .. "does not.",
  verbs = { "create", "list", "get", "delete", "insert", "query" },
  get = function(verb) return require("partylua.cli.vectorize." .. verb) end,
  further = function(word)
    return NEEDLESS[word] and require("partylua.cli.vectorize.metadata_index").verb(word)
  end,
}
