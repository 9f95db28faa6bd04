--- codes: what can be found, each with the name that docs/errors.md explains.

---@class partylua.check.Code
---@field title string

---@type table<string, string>
return {
  P001 = "the configuration cannot be read",
  P002 = "the configuration is not written correctly",
  P003 = "unknown key",
  P004 = "a value of the wrong kind",
  P005 = "a value that is not possible",
  P006 = "a key that may not be used",
  P007 = "a key without effect",
  P008 = "nothing to serve",
  P009 = "a file or folder that the configuration names is missing",
  P010 = "a party's file is missing",
  P011 = "a party is defined twice",
  P012 = "a name that is almost a hook",
  P013 = "a hook declared with a dot",
  P014 = "a hook that is no function",
  P015 = "a hook of the main party on another one",
  P016 = "options that are no table",
  P017 = "a file that gives no party",
  P018 = "a hook of the class on a room's object",
  P020 = "an option or variable with an impossible value",
  P021 = "a .env file that cannot be used",
  P022 = "a syntax error in Lua",
  P023 = "an error while a file is loaded",
  P024 = "a Lua module is missing",
  P030 = "crons that never run",
  P031 = "a cron line that is wrong",
  P032 = "a cron without a schedule",
  P033 = "an unknown time zone",
  P040 = "a syntax error in TypeScript",
  P041 = "TypeScript that is not supported",
  P042 = "an import that is not found",
}
