std = "luajit"
max_line_length = 100
-- A hook is declared with all its arguments, whether its body needs them or not.
self = false
unused_args = false
exclude_files = { "build", "node_modules", "**/node_modules" }
files["spec"].std = "+busted"
-- Examples run under busted too, but only their specs may use its words.
files["**/*_spec.lua"].std = "+busted"
-- As it stands in docs/testing.md.
files["spec/testing/chat_spec.lua"].max_line_length = false
-- Declarations: their classes are filled and never used.
files["lualib/partylua/types"].ignore = { "211", "241" }
