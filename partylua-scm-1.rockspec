rockspec_format = "3.0"
package = "partylua"
version = "scm-1"

source = {
  url = "git+https://github.com/partylua/partylua.git",
}

description = {
  summary = "A realtime room server: rooms written in Lua, browsers over WebSocket and HTTP.",
  detailed = [[
    A room is a Lua class with hooks such as onConnect and onMessage; partylua serves it to
    browsers that connect with partysocket, a plain WebSocket or fetch. Its API is that of
    PartyKit's Party.Server.
  ]],
  homepage = "https://github.com/partylua/partylua",
  license = "MIT",
  labels = { "websocket", "http", "server", "realtime" },
}

-- LuaJIT is linked into the program, which loads what this interpreter's version can load.
dependencies = {
  "lua == 5.1",
  "lua-cjson >= 2.1.0",
  "argparse >= 0.7.1",
}

external_dependencies = {
  UV = { header = "uv.h", library = "uv" },
  CRYPTO = { header = "openssl/evp.h", library = "crypto" },
  WSLAY = { header = "wslay/wslay.h", library = "wslay" },
  LMDB = { header = "lmdb.h", library = "lmdb" },
  CURL = { library = "curl" },
  ZLIB = { header = "zlib.h", library = "z" },
}

build = {
  type = "make",
  build_target = "release",
  install_target = "install",
  build_variables = {
    CPPFLAGS = "-I$(UV_INCDIR) -I$(WSLAY_INCDIR) -I$(CRYPTO_INCDIR) -I$(LMDB_INCDIR) "
      .. "-I$(ZLIB_INCDIR)",
    LDFLAGS = "-L$(UV_LIBDIR) -L$(WSLAY_LIBDIR) -L$(CRYPTO_LIBDIR) -L$(LMDB_LIBDIR) "
      .. "-L$(ZLIB_LIBDIR)",
  },
  install_variables = {
    PREFIX = "$(PREFIX)",
    BINDIR = "$(BINDIR)",
    LUADIR = "$(LUADIR)",
    CPPFLAGS = "-I$(UV_INCDIR) -I$(WSLAY_INCDIR) -I$(CRYPTO_INCDIR) -I$(LMDB_INCDIR) "
      .. "-I$(ZLIB_INCDIR)",
    LDFLAGS = "-L$(UV_LIBDIR) -L$(WSLAY_LIBDIR) -L$(CRYPTO_LIBDIR) -L$(LMDB_LIBDIR) "
      .. "-L$(ZLIB_LIBDIR)",
  },
}

test = {
  type = "command",
  command = "make spec",
}
