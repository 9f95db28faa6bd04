local workers = require "partylua.ai.workers"

describe("a run at Workers AI", function()
  --- Where a run would go, and with which headers.
  local function target(options, service, model)
    local found
    local call = {
      model = model or "@cf/meta/llama-3.1-8b-instruct", options = options or {},
      service = service or { account = "abc" },
      post = function(_, path, inputs, headers)
        found = { path = path, inputs = inputs, headers = headers }
        return {}
      end,
      type_of = function() return "application/json" end,
      value = function() return { success = true, result = { response = "x" } } end,
      fail = function(_, reason) error(reason, 0) end,
    }
    workers.run(call, { prompt = "hi" })
    return found
  end

  it("goes to its model's path below the account, percent-encoded where it has to be", function()
    assert.equal("/accounts/abc/ai/run/@cf/meta/llama-3.1-8b-instruct", target().path)
    assert.equal("/accounts/a%2Fb/ai/run/a%20b/c%3Fd%23",
      target({}, { account = "a/b" }, "a b/c?d#").path)
  end)

  it("cannot be led to another path by a model's name", function()
    for model, part in pairs {
      ["../../../user/tokens"] = "..", ["a/.."] = "..", ["a/./b"] = ".", ["/a"] = "", ["a//b"] = "",
      ["a/"] = "",
    } do
      local ok, why = pcall(target, {}, nil, model)
      assert.is_false(ok)
      assert.equal(('"%s" cannot be a part of a URL'):format(part), why)
    end
    assert.equal("/accounts/abc/ai/run/%252e%252e/x", target({}, nil, "%2e%2e/x").path)
    assert.is_false((pcall(target, { gateway = { id = ".." } })))
  end)

  it("goes through the gateway of the configuration, or that of the run", function()
    local service = { account = "abc", gateway = "main" }
    assert.equal("https://gateway.ai.cloudflare.com/v1/abc/main/workers-ai/"
      .. "@cf/meta/llama-3.1-8b-instruct", target({}, service).path)
    local found = target({ gateway = { id = "other", cacheTtl = 60, skipCache = true,
      metadata = { room = "a" } } }, service)
    assert.matches("/v1/abc/other/workers-ai/", found.path, 1, true)
    assert.same({ ["cf-aig-cache-ttl"] = "60", ["cf-aig-skip-cache"] = "true",
      ["cf-aig-metadata"] = '{"room":"a"}' }, found.headers)
  end)
end)
