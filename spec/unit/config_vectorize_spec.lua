local config = require "partylua.config"
local party = require "spec.support.party"

describe('"vectorize" of the configuration', function()
  local root
  before_each(function() root = party.make_folder() end)

  local function load(text, flags)
    party.write_file("app.lua", "return {}", root)
    party.write_file("partylua.json", ('{ "main": "app.lua", %s }'):format(text), root)
    return config.load { directory = root, flags = flags, getenv = function() end }
  end

  local function bindings(text)
    local settings, message = load(text)
    assert.is_nil(message)
    return settings.vectorize
  end

  local function complaint(text)
    local settings, message = load(text)
    assert.is_nil(settings)
    return (message:match "^[^\n]*"):gsub("^partylua.json:%d+:%d+: ", "")
  end

  it("binds a name to an index that is there, or to what it is made of", function()
    assert.same({
      a = { name = "one" },
      b = { name = "two" },
      c = { name = "three", shape = { dimensions = 3, metric = "euclidean" } },
      d = { name = "four", shape = {
        dimensions = 768, metric = "cosine", preset = "@cf/baai/bge-base-en-v1.5",
        description = "x",
      } },
    }, bindings [["vectorize": {
      "a": "one",
      "b": { "index_name": "two" },
      "c": { "index_name": "three", "dimensions": 3, "metric": "euclidean" },
      "d": { "index_name": "four", "preset": "@cf/baai/bge-base-en-v1.5", "description": "x" }
    }]])
    assert.is_nil(bindings '"port": 1')
  end)

  it("is refused where it is wrong", function()
    local function check(binding, message)
      local text = ('"vectorize": { "a": %s }'):format(binding)
      assert.equal("vectorize.a" .. message, complaint(text))
    end
    check('""', " is empty")
    check('"a b"', " may only have the characters a-z, A-Z, 0-9, _ and -")
    check(('"%s"'):format(("x"):rep(65)), " is longer than 64 bytes")
    check("{}", ' has no "index_name"')
    check('{ "index_name": "a/b" }',
      ".index_name may only have the characters a-z, A-Z, 0-9, _ and -")
    check('{ "index_name": "a", "dimensions": 1537, "metric": "cosine" }',
      ".dimensions must be a whole number, from 1 to 1536")
    check('{ "index_name": "a", "dimensions": 1.5, "metric": "cosine" }',
      ".dimensions must be a whole number, from 1 to 1536")
    check('{ "index_name": "a", "dimensions": 3 }',
      " does not fit together: dimensions need a metric beside them")
    check('{ "index_name": "a", "metric": "cosine" }',
      " does not fit together: a metric needs dimensions beside it")
    check('{ "index_name": "a", "dimensions": 3, "metric": "cosin" }',
      ".metric must be one of cosine, euclidean, dot-product")
    check('{ "index_name": "a", "preset": "gpt" }',
      ".preset must be one of @cf/baai/bge-base-en-v1.5, @cf/baai/bge-large-en-v1.5, "
      .. "@cf/baai/bge-small-en-v1.5, cohere/embed-multilingual-v2.0, "
      .. "openai/text-embedding-ada-002")
    check('{ "index_name": "a", "preset": "openai/text-embedding-ada-002", "metric": "cosine" }',
      " does not fit together: a preset stands for dimensions and metric, so they are not given "
      .. "beside it")
    check(('{ "index_name": "a", "description": "%s" }'):format(("x"):rep(1025)),
      ".description is longer than 1024 bytes")
    assert.equal('unknown key "size" in vectorize.a', complaint
      '"vectorize": { "a": { "index_name": "a", "size": 3 } }')
  end)

  it("may make larger indexes where the limit says so", function()
    local made = bindings [["limits": { "vectorize-dimensions": 3072 }, "vectorize": {
      "a": { "index_name": "a", "dimensions": 3072, "metric": "cosine" } }]]
    assert.equal(3072, made.a.shape.dimensions)
  end)
end)
