--- vectorize: `partylua vectorize VERB`: the indexes of a data folder, without a server. Each verb
--- is a file in the folder beside this one.

return require("partylua.cli.verbs").command {
  name = "vectorize",
  summary = "make indexes of vectors, look at them, fill and search them",
  usage = "",
  about = "The indexes that rooms search. What reads works beside a running server; what writes "
    .. "does not.",
  verbs = { "create", "list", "get", "delete", "insert", "query" },
  get = function(verb) return require("partylua.cli.vectorize." .. verb) end,
}
