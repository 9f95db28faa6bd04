local Events = require "partylua.ai.events"

--- All data of a stream that comes in these pieces.
local function read(pieces, bytes_max)
  local events, all = Events.new(bytes_max or 1000), {}
  for _, piece in ipairs(pieces) do
    local data, why = events:feed(piece)
    if not data then return nil, why end
    for _, each in ipairs(data) do all[#all + 1] = each end
  end
  return all
end

describe("server-sent events", function()
  local STREAM = "\239\187\191data: one\n\n: a comment\r\nevent: x\r\ndata:two\rdata:  lines\r\r"
    .. "id: 7\ndata\n\n\n\nretry: 5\n\ndata: last\r\n\r\ndata: never ended\n"
  local DATA = { "one", "two\n lines", "", "last" }

  it("give the data of each event, whatever ends its lines", function()
    assert.same(DATA, read { STREAM })
  end)

  it("survive any split", function()
    for cut = 0, #STREAM do
      assert.same(DATA, read { STREAM:sub(1, cut), "", STREAM:sub(cut + 1) })
    end
    local bytes = {}
    for i = 1, #STREAM do bytes[i] = STREAM:sub(i, i) end
    assert.same(DATA, read(bytes))
  end)

  it("are bounded while they come: one line, many lines, and a line that is no data", function()
    for _, piece in ipairs { ("x"):rep(50), "data: x\n", "data: " .. ("x"):rep(90) .. "\n" } do
      local pieces = {}
      for i = 1, 30 do pieces[i] = piece end
      local all, why = read(pieces, 100)
      assert.same({ nil, "an event of its stream is too large" }, { all, why })
    end
  end)

  it("are bounded by themselves, not together", function()
    local pieces = {}
    for i = 1, 100 do pieces[i] = "event: x\n: comment\ndata: " .. ("y"):rep(60) .. "\n\n" end
    assert.equal(100, #read(pieces, 100))
    local comments = {}
    for i = 1, 100 do comments[i] = ": still here, still here, still here\n" end
    assert.same({}, read(comments, 100))
  end)

  it("cost what their bytes cost when they come one by one", function()
    local events, began = Events.new(10 * 1024 ^ 2), os.clock()
    for _ = 1, 500000 do assert(events:feed "x") end
    assert.is_true(os.clock() - began < 5)
  end)
end)
