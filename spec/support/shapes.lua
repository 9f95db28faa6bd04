--- shapes: the classes of the public types that are plain tables given to hooks, or options that
--- calls take. spec/server/shapes_spec.lua compares them with a running server, so
--- spec/types_spec.lua need not.

return {
  --- Given to hooks and listeners: what a running server puts into them.
  given = { "partylua.ConnectionContext", "partylua.SocketEvent", "partylua.Cron",
    "partylua.RoomContext", "partylua.FetchSocket" },
  --- Taken by calls: what these look at.
  taken = { "partylua.RequestInit", "partylua.ResponseInit", "partylua.FetchInit",
    "partylua.WriteOptions", "partylua.ListOptions" },
}
