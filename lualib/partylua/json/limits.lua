--- Limits: the bounds of JSON texts and values, on one page.

return {
  -- Arrays and objects inside each other, both ways. lua-cjson and our writer recurse.
  DEPTH_MAX = 1000,
  -- Holes that a marked array may have; each is written as null.
  HOLES_MAX = 1000,
  -- A result longer than this is not worth keeping its buffer for.
  KEPT_BUFFER_BYTES = 64 * 1024,
}
