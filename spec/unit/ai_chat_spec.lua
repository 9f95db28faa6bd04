local chat = require "partylua.ai.chat"

local function fragment(index, id, name, arguments)
  return { choices = { { delta = { tool_calls = { {
    index = index, id = id, ["function"] = { name = name, arguments = arguments },
  } } } } } }
end

local FINISH = { choices = { { delta = {}, finish_reason = "tool_calls" } } }

describe("calls of tools in a stream", function()
  it("are given in the order of their indexes, however they come", function()
    local reader, indexes = chat.reader(1e6), { 8, 4001, 2, 77, 300, 0, 12, 96, 511, 1024 }
    for _, index in ipairs(indexes) do
      reader:read(fragment(index, "id" .. index, "name" .. index, '{"n":'))
    end
    for i = #indexes, 1, -1 do reader:read(fragment(indexes[i], nil, nil, indexes[i] .. "}")) end
    table.sort(indexes)
    local calls = reader:read(FINISH).tool_calls
    assert.equal(#indexes, #calls)
    for i, index in ipairs(indexes) do
      assert.same({ "id" .. index, "name" .. index, { n = index } },
        { calls[i].id, calls[i].name, calls[i].arguments })
    end
  end)
end)
