--- descriptions: what editors say about the keys of partylua.json, by path. The keys of options
--- have the words of their help.

return {
  ["$schema"] = "the JSON Schema of this file, for editors",
  name = "name of the project",
  main = "file of the party main; an app named on the command line counts instead",
  parties = "the other parties: a name, and the file",
  crons = "when onCron of the party main is called: a name, and a cron expression",
  ["crons.*.schedule"] = "minute hour day-of-month month day-of-week",
  ["crons.*.timezone"] = "IANA name of the time zone",
  cronTimezone = "IANA name of the time zone of the crons; UTC if left out",
  serve = "folder of static files, or an object with path and options",
  ["serve.path"] = "the folder, relative to this file",
  ["serve.singlePageApp"] = "answers what a browser navigates to, and is no file, with index.html",
  ["serve.browserTTL"] = "seconds for which a browser need not ask again",
  ["serve.edgeTTL"] = "seconds for which caches between need not ask again",
  ["serve.symlinks"] = "follows symbolic links, wherever they lead",
  ["serve.cors"] = "headers for pages of other origins; true lets all of them read",
  persist = "folder for what rooms store; false: it is gone when the server ends",
  strictAlarms = "false: room.id and room.context.parties work in onAlarm",
  vars = "values of room.env",
  define = "constants of parties in TypeScript: a name, and an expression",
  limits = "bounds of the server",
  fetch = "what rooms may fetch from",
  trustedProxies = "addresses and ranges of proxies that are believed",
  ai = "the language models of room.context.ai",
  vectorize = "the indexes of room.context.vectorize",
}
