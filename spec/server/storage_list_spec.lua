local party = require "spec.support.party"

local ROOMS, LISTS = 20, 250

describe("storage:list", function()
  local server
  before_each(function()
    server = party.serve("spec/server/list_app.lua", { "--data", party.make_folder() })
  end)
  after_each(function() server:stop() end)

  it("gives what a sorted table gives, for keys of any length and any options", function()
    local first = tonumber(os.getenv "SPEC_SEED") or os.time() % 1000000
    for seed = first, first + ROOMS - 1 do
      local path = ("/parties/main/room%d?seed=%d&lists=%d"):format(seed, seed, LISTS)
      local answer = server:get(path)
      assert.equal("equal", answer.body, ("with SPEC_SEED=%d"):format(seed))
    end
  end)
end)
