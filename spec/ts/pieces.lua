-- pieces: runs pieces of TypeScript for fuzz.mjs: one JSON text a line comes in, one JSON list of
-- lines, as spec/support/typescript.lua gives it, goes out.
package.path = "./ts2lua-shim/?.lua;./ts2lua-shim/?/init.lua;./?.lua;" .. package.path

local json = require "partylua.json"
local typescript = require "spec.support.typescript"

io.stdout:setvbuf "line"
if arg[1] == "--no-jit" then jit.off() end

for line in io.lines() do
  local ok, lines = pcall(typescript.run, json.decode(line))
  if not ok then lines = { "FAILED " .. tostring(lines) } end
  io.write(json.encode(json.array(lines)), "\n")
end
