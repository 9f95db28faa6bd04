--- builtins: the modules that Node brings itself, and what takes their place here.

local builtins = {}

local HINTS = {
  buffer = "use Uint8Array, TextEncoder and TextDecoder, atob and btoa",
  crypto = "the global crypto has randomUUID, getRandomValues and subtle.digest",
  events = "use EventTarget, or a Map of listeners",
  fs = "import a JSON file, or use room.storage",
  http = "use fetch", https = "use fetch", net = "use fetch", tls = "use fetch",
  path = "paths of URLs are taken apart by the global URL",
  process = "room.env has the variables",
  querystring = "use URLSearchParams", url = "use the globals URL and URLSearchParams",
  stream = "use ReadableStream and TransformStream",
  timers = "use the global setTimeout and setInterval",
  util = "use structuredClone, TextEncoder and TextDecoder",
}
HINTS["fs/promises"], HINTS["timers/promises"] = HINTS.fs, HINTS.timers

local OTHERS = {}
for name in ([[assert async_hooks child_process cluster console constants dgram
    diagnostics_channel dns domain inspector module os perf_hooks punycode readline repl
    string_decoder sys test tty v8 vm
    worker_threads zlib]]):gmatch "%S+" do
  OTHERS[name] = true
end

--- What to do instead of importing a module of Node; nil for every other name.
---@param name string    with or without "node:"
---@return string? hint
function builtins.hint(name)
  local bare = name:gsub("^node:", "")
  if HINTS[bare] then return HINTS[bare] end
  if OTHERS[bare] or bare ~= name then return "partylua runs no Node" end
  return nil
end

return builtins
