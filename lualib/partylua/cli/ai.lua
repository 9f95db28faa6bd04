--- ai: `partylua ai VERB`: the configured provider of models. Each verb is a file in the folder
--- beside this one.

return require("partylua.cli.verbs").command {
  name = "ai",
  summary = "list the models of the configured provider, and run one",
  usage = "",
  about = "The models of what \"ai\" of the configuration names.",
  verbs = { "models", "run" },
  get = function(verb) return require("partylua.cli.ai." .. verb) end,
}
