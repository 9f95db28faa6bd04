--- metrics: what Lua code counts, read back strictly.

local metrics = require "partylua.metrics"
local prometheus = require "spec.support.prometheus"

local function value(name, labels)
  return prometheus.value(prometheus.read(metrics.text()), name, labels)
end

describe("a counter", function()
  it("counts by its labels", function()
    local count = metrics.counter("spec_one_total", "Words.", { "model", "outcome" })
    count("a", "ok")
    count("a", "ok")
    count("b", 'quoted " and \\ and \n')
    assert.equal(2, value("spec_one_total", { model = "a", outcome = "ok" }))
    assert.equal(1, value("spec_one_total", { model = "b", outcome = 'quoted " and \\ and \n' }))
  end)

  it("needs no labels", function()
    metrics.counter("spec_two_total", "Words.", {})()
    assert.equal(1, value "spec_two_total")
  end)

  it("keeps so many values apart, and counts further ones together", function()
    local count = metrics.counter("spec_three_total", "Words.", { "name" })
    for i = 1, 1000 do count("name " .. i) end
    for i = 1, 1000 do count("name " .. i) end
    assert.equal(2, value("spec_three_total", { name = "name 200" }))
    assert.is_nil(value("spec_three_total", { name = "name 201" }))
    assert.equal(1600, value("spec_three_total", { name = "other" }))
  end)

  it("goes on when it is made again, and has its name for itself", function()
    metrics.counter("spec_again_total", "Words.", { "a" })("x")
    metrics.counter("spec_again_total", "Words.", { "a" })("x")
    assert.equal(2, value("spec_again_total", { a = "x" }))
    assert.has_error(function() metrics.counter("spec_again_total", "Words.", {}) end,
      "there is another metric of the name spec_again_total")
  end)
end)

describe("a histogram", function()
  it("sorts durations into buckets", function()
    local add = metrics.histogram("spec_seconds", "Words.", { "index" })
    for _, seconds in ipairs { 0.0005, 0.001, 0.002, 100 } do add(seconds, "docs") end
    assert.equal(2, value("spec_seconds_bucket", { index = "docs", le = "0.001" }))
    assert.equal(3, value("spec_seconds_bucket", { index = "docs", le = "60" }))
    assert.equal(4, value("spec_seconds_count", { index = "docs" }))
    assert.is_true(math.abs(value("spec_seconds_sum", { index = "docs" }) - 100.0035) < 1e-9)
  end)
end)
