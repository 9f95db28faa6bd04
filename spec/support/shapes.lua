--- shapes: the classes of the public types that are plain tables given to hooks, or options that
--- calls take. spec/server/shapes_spec.lua compares them with a running server, so
--- spec/types_spec.lua need not.

return {
  --- Given to hooks and by calls: what a running server puts into them.
  given = { "partylua.ConnectionContext", "partylua.SocketEvent", "partylua.Cron",
    "partylua.RoomContext", "partylua.FetchSocket", "partylua.HistoryItem", "partylua.Person" },
  --- Taken by calls: what these look at.
  taken = { "partylua.RequestInit", "partylua.ResponseInit", "partylua.FetchInit",
    "partylua.WriteOptions", "partylua.ListOptions", "partylua.HistoryOptions",
    "partylua.HistoryListOptions", "partylua.PresenceOptions", "partylua.RateLimitOptions",
    "partylua.JwtSignOptions", "partylua.JwtVerifyOptions", "partylua.WebSocketInit" },
  --- Of bindings that need more than a server: specs whose names begin so use each field.
  shown = {
    ["partylua.AiOptions"] = "ai", ["partylua.AiModelParams"] = "ai", ["partylua.AiModel"] = "ai",
    ["partylua.AiError"] = "ai", ["partylua.Vector"] = "vector",
    ["partylua.VectorMatch"] = "vector", ["partylua.VectorMatches"] = "vector",
    ["partylua.VectorMutation"] = "vector", ["partylua.VectorIndexDetails"] = "vector",
    ["partylua.QueryOptions"] = "vector",
  },
}
