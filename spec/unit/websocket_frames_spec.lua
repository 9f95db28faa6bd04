local Frames = require "partylua.websocket.frames"

--- A frame as a server sends it.
local function frame(first, payload, extra)
  local len = #payload
  local head
  if len < 126 then
    head = string.char(first, len + (extra or 0))
  elseif len < 65536 then
    head = string.char(first, 126 + (extra or 0), math.floor(len / 256), len % 256)
  else
    head = string.char(first, 127 + (extra or 0), 0, 0, 0, 0, math.floor(len / 2 ^ 24),
      math.floor(len / 65536) % 256, math.floor(len / 256) % 256, len % 256)
  end
  return head .. payload
end

local FIN, TEXT, BINARY, CLOSE, PING, PONG = 128, 1, 2, 8, 9, 10

--- Everything that pieces of a stream mean, in one text.
local function read(pieces, bytes_max)
  local frames, heard = Frames(bytes_max or 100000), {}
  for _, piece in ipairs(pieces) do
    frames:feed(piece)
    while true do
      local kind, data, extra = frames:next()
      if not kind then break end
      heard[#heard + 1] = ("%s %s %s"):format(kind, tostring(data), tostring(extra))
      if kind == "bad" then return heard end
    end
  end
  return heard
end

describe("frames of a WebSocket's server", function()
  local wire = frame(FIN + TEXT, "hello") .. frame(TEXT, "he") .. frame(FIN + PING, "p")
    .. frame(0, "l") .. frame(FIN, "lo") .. frame(FIN + PONG, "r") .. frame(FIN + TEXT, "")
    .. frame(FIN + BINARY, ("b"):rep(200)) .. frame(FIN + CLOSE, "\15\160bye")
  local expected = {
    "message hello false", "ping p nil", "message hello false", "pong r nil", "message  false",
    "message " .. ("b"):rep(200) .. " true", "close 4000 bye",
  }

  it("are read wherever the network cuts them", function()
    assert.same(expected, read { wire })
    for cut = 1, #wire - 1 do
      assert.same(expected, read { wire:sub(1, cut), wire:sub(cut + 1) })
    end
    local bytes = {}
    for byte in wire:gmatch "." do bytes[#bytes + 1] = byte end
    assert.same(expected, read(bytes))
  end)

  it("may be as long as the bound, in one or in pieces", function()
    for _, size in ipairs { 125, 126, 65535, 65536, 70000 } do
      local long = ("x"):rep(size)
      assert.same({ ("message %s false"):format(long) }, read({ frame(FIN + TEXT, long) }, size))
      assert.same({ "bad 1009 message is too long" }, read({ frame(FIN + TEXT, long) }, size - 1))
    end
    assert.same({ "bad 1009 message is too long" },
      read({ frame(TEXT, "123"), frame(FIN, "45") }, 4))
  end)

  --- Kibibytes that a stream of frames has taken when it is read, rubbish included.
  local function cost_of(wire_bytes)
    local frames = Frames(100000)
    collectgarbage()
    collectgarbage "stop"
    local before = collectgarbage "count"
    frames:feed(wire_bytes)
    repeat local kind = frames:next() until not kind
    local cost = collectgarbage "count" - before
    collectgarbage "restart"
    return cost
  end

  it("that are small and many cost what their bytes cost", function()
    local few, many = frame(FIN + PONG, "r"):rep(1000), frame(FIN + PONG, ""):rep(8000)
    assert.is_true(cost_of(many) < 16 * math.max(cost_of(few), 16))
  end)

  it("that add nothing to a message leave nothing behind", function()
    local frames = Frames(100000)
    frames:feed(frame(TEXT, "a"))
    assert.is_nil((frames:next()))
    collectgarbage()
    local before = collectgarbage "count"
    for _ = 1, 100 do
      frames:feed(frame(0, ""):rep(1000))
      assert.is_nil((frames:next()))
    end
    collectgarbage()
    assert.is_true(collectgarbage "count" - before < 100)
    frames:feed(frame(FIN, "b"))
    assert.same({ "message", "ab", false }, { frames:next() })
  end)

  it("that are too long are noticed by their header", function()
    assert.same({ "bad 1009 message is too long" },
      read { "\130\127\127\255\255\255\255\255\255\255" })
  end)

  for what, case in pairs {
    ["with reserved bits"] = { frame(FIN + 64 + TEXT, "a"), 1002 },
    ["that are masked"] = { frame(FIN + TEXT, "a", 128), 1002 },
    ["of an unknown opcode"] = { frame(FIN + 3, "a"), 1002 },
    ["of an unknown control opcode"] = { frame(FIN + 11, "a"), 1002 },
    ["that go on with nothing"] = { frame(FIN, "a"), 1002 },
    ["that begin inside a message"] = { frame(TEXT, "a") .. frame(FIN + TEXT, "b"), 1002 },
    ["of a fragmented ping"] = { frame(PING, "a"), 1002 },
    ["of a ping that is too long"] = { frame(FIN + PING, ("a"):rep(126)), 1002 },
    ["of a close with one byte"] = { frame(FIN + CLOSE, "a"), 1002 },
    ["of a close with a wrong code"] = { frame(FIN + CLOSE, "\3\237"), 1002 },
    ["of a close with a broken reason"] = { frame(FIN + CLOSE, "\3\232\255"), 1007 },
    ["of text that is not UTF-8"] = { frame(FIN + TEXT, "\255"), 1007 },
    ["of fragments that are not UTF-8 together"] = { frame(TEXT, "\195") .. frame(FIN, "a"), 1007 },
  } do
    it(what .. " are refused", function()
      local heard = read { case[1] }
      assert.matches(("^bad %d "):format(case[2]), heard[#heard])
    end)
  end

  it("of a text may be cut inside a character", function()
    assert.same({ "message \195\164 false" }, read { frame(TEXT, "\195") .. frame(FIN, "\164") })
  end)

  it("may close without a code", function()
    assert.same({ "close 1005 " }, read { frame(FIN + CLOSE, "") })
  end)
end)
