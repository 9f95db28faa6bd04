--- Limits: the bounds of what is stored, on one page. They are PartyKit's.

local VALUE_BYTES_MAX = 131072

return {
  KEY_BYTES_MAX = 2048,
  -- Of an encoded value. Messages name this one.
  VALUE_BYTES_MAX = VALUE_BYTES_MAX,
  -- What PartyKit's platform adds for the encoding's own bytes.
  ENCODED_BYTES_MAX = VALUE_BYTES_MAX + 34,
  -- Keys, or pairs of a key and a value, of one call.
  PAIRS_MAX = 128,
}
