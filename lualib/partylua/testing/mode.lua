--- mode: whether specs run over real sockets. `partylua test --real` says so, or the environment.

local mode = { is_real = os.getenv "PARTYLUA_TEST" == "real" }

return mode
