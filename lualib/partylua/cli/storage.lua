--- storage: `partylua storage VERB PARTY/ROOM`: what one room has stored, seen and changed from
--- outside. Each verb is a file in the folder beside this one.

return require("partylua.cli.verbs").command {
  name = "storage",
  summary = "look at what a room has stored, change it, export and import it",
  usage = " PARTY/ROOM",
  about = "What a room has stored. What reads works beside a running server; what writes goes "
    .. "through it.",
  verbs = { "list", "get", "put", "delete", "export", "import" },
  get = function(verb) return require("partylua.cli.storage." .. verb) end,
}
