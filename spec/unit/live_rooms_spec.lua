local live_rooms = require "partylua.cli.live_rooms"

--- A server with these rooms of the party "main" in its memory.
local function running(...)
  local rooms = {}
  for i, id in ipairs { ... } do rooms[i] = { party = "main", room = id } end
  return { ask = function() return { rooms = rooms, whole = true } end }
end

--- A store in which these rooms are found only when it was read anew.
local function store_without(...)
  local store, hidden = {}, {}
  for _, id in ipairs { ... } do hidden[id] = true end
  function store.room(_, _, id) return not hidden[id] end
  function store.refresh() end
  return store
end

local function rows_of(...)
  local ids, at = { ... }, 0
  return function()
    at = at + 1
    return ids[at] and { party = "main", id = ids[at] }
  end
end

local function merge(server, store, next_stored)
  local names = {}
  for row in live_rooms.merge(server, store, nil, next_stored) do
    names[#names + 1] = row.id .. (row.live and " live" or "")
  end
  return names
end

describe("rooms in memory among those that are stored", function()
  it("stand in the order of their names", function()
    assert.same({ "a live", "b", "c live", "d live" },
      merge(running("d", "a", "c"), store_without("a", "d"), rows_of("b", "c")))
  end)

  it("stand there once, also when they store something meanwhile", function()
    assert.same({ "a live", "b live", "c" },
      merge(running("a", "b"), store_without("a", "b"), rows_of("a", "b", "c")))
  end)
end)
