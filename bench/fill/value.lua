--- Prints the bytes of a stored value in hexadecimal digits, for `fill`.

local bytes = require("partylua.value").encode("stored long ago", 1000, "value")
print((bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)))
