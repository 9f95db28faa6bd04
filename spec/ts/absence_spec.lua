local party = require "spec.support.party"

describe("an app in Lua alone", function()
  local server
  teardown(function() server:stop() end)

  it("loads nothing of what TypeScript needs, and strings stay as they are", function()
    local _, folder = party.write_file("app.lua", [[
      local party = require "partylua"
      local App = {}
      function App:onRequest()
        local loaded = {}
        for name in pairs(package.loaded) do
          if name:find "^ts2lua" then loaded[#loaded + 1] = name end
        end
        return party.Response(("%d %s %s"):format(#loaded, tostring(("").trim),
          tostring(getmetatable(1))))
      end
      return App
    ]])
    server = party.serve("app.lua", nil, folder)
    assert.equal("0 nil nil", server:get("/parties/main/a").body)
  end)
end)
