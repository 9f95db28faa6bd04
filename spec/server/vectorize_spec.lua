--- context.vectorize, in rooms of a server.

local admin = require "spec.support.admin"
local json = require "partylua.json"
local nearest = require "spec.support.nearest"
local party = require "spec.support.party"
local prometheus = require "spec.support.prometheus"
local sys = require "spec.support.sys"

local CONFIG = [[{
  "vectorize": {
    "docs": { "index_name": "docs", "dimensions": 3, "metric": "cosine" },
    "far": { "index_name": "distances", "dimensions": 8, "metric": "euclidean" },
    "product": { "index_name": "products", "dimensions": 8, "metric": "dot-product" },
    "angle": { "index_name": "angles", "dimensions": 8, "metric": "cosine" },
    "model": { "index_name": "model", "preset": "@cf/baai/bge-small-en-v1.5",
               "description": "of a model" },
    "missing": "nowhere"
  } %s
}]]

-- A room that runs code with its indexes, and answers with what that returns.
local APP = [[
local party = require "partylua"
local json = party.json
local App = {}
local function run(code, vectorize, room)
  local chunk = assert(loadstring(code, "=code"))
  setfenv(chunk, setmetatable({ vectorize = vectorize, room = room, party = party, json = json },
    { __index = _G }))
  local ok, result = pcall(chunk)
  return party.Response.json { result = ok and result or nil, error = not ok and tostring(result)
    or nil }
end
function App:onRequest(request)
  return run(request:text(), self.room.context.vectorize, self.room)
end
function App:onFetch(request, lobby) return run(request:text(), lobby.vectorize) end
return App
]]

local server, root

local function serve(more, ...)
  local config = party.write_file("partylua.json", CONFIG:format(more or ""), root)
  server = party.serve(APP, { "--config", config, "--data", root .. "/state", ... })
end

setup(function()
  root = party.make_folder()
  serve()
end)
teardown(function() server:stop() end)

local function answer(code, path)
  local response = server:request("POST", path or "/parties/main/room", { body = code })
  assert.equal(200, response.status, response.body)
  return json.decode(response.body)
end

--- What code gives; fails when it raises.
local function run(code, path)
  local got = answer(code, path)
  assert.is_nil(got.error)
  return got.result
end

--- What code raises.
local function fault(code)
  local got = answer(code)
  assert.is_string(got.error, "nothing was raised")
  return got.error
end

--- Runs a method of an index with arguments that JSON can say.
local function call(index, method, ...)
  local arguments = {}
  for i, argument in ipairs { ... } do
    arguments[i] = ("json.decode %q"):format(json.encode(argument))
  end
  return run(("return vectorize.%s:%s(%s)"):format(index, method, table.concat(arguments, ", ")))
end

local function clear(index, ids)
  for from = 1, #ids, 1000 do
    call(index, "deleteByIds", { unpack(ids, from, math.min(from + 999, #ids)) })
  end
end

describe("an index", function()
  after_each(function() clear("docs", { "a", "b", "c", "d" }) end)

  it("has the time of its queries counted for metrics", function()
    local function count()
      local text = admin.request(root .. "/state", "GET", "/metrics").body
      return prometheus.value(prometheus.read(text),
        "partylua_vectorize_query_duration_seconds_count", { index = "docs" }) or 0
    end
    local before = count()
    call("docs", "query", { 1, 0, 0 })
    call("docs", "insert", { { id = "a", values = { 1, 0, 0 } } })
    call("docs", "query", { 1, 0, 0 })
    assert.equal(before + 2, count())
  end)

  it("inserts what is new, and leaves what is there", function()
    local first = call("docs", "insert", { { id = "a", values = { 1, 0, 0 } } })
    assert.same({ 1, { "a" } }, { first.count, first.ids })
    local second = call("docs", "insert", {
      { id = "a", values = { 0, 0, 1 } }, { id = "b", values = { 0, 1, 0 } },
    })
    assert.same({ 1, { "b" } }, { second.count, second.ids })
    assert.same({ 1, 0, 0 }, call("docs", "getByIds", { "a" })[1].values)
    assert.is_true(tonumber(second.mutationId) > tonumber(first.mutationId))
  end)

  it("replaces whole records when it upserts", function()
    call("docs", "insert", { { id = "a", values = { 1, 0, 0 }, namespace = "n",
      metadata = { x = 1 } } })
    local got = call("docs", "upsert", { { id = "a", values = { 0, 1, 0 } },
      { id = "a", values = { 0, 0, 1 } } })
    assert.same({ 1, { "a" } }, { got.count, got.ids })
    assert.same({ { id = "a", values = { 0, 0, 1 } } }, call("docs", "getByIds", { "a" }))
    assert.equal(0, call("docs", "query", { 1, 1, 1 }, { namespace = "n" }).count)
  end)

  it("gives vectors by their ids, in their order, without those that are not there", function()
    call("docs", "insert", {
      { id = "a", values = { 1, 2, 3 }, metadata = { tags = { "x", "y" }, deep = { n = 1.5 },
        none = json.null, yes = true } },
      { id = "b", values = { 0.1, 0, 0 }, namespace = "n" },
    })
    assert.same({
      { id = "b", values = { nearest.float(0.1), 0, 0 }, namespace = "n" },
      { id = "a", values = { 1, 2, 3 }, metadata = { tags = { "x", "y" }, deep = { n = 1.5 },
        none = json.null, yes = true } },
    }, call("docs", "getByIds", { "b", "zz", "a", "b" }))
  end)

  it("deletes by ids, and says which were there", function()
    call("docs", "insert", { { id = "a", values = { 1, 0, 0 } } })
    local got = call("docs", "deleteByIds", { "a", "zz", "a" })
    assert.same({ 1, { "a" } }, { got.count, got.ids })
    assert.equal(0, #call("docs", "getByIds", { "a" }))
    assert.equal(0, call("docs", "query", { 1, 0, 0 }).count)
  end)

  it("returns scores alone, and values and metadata when asked to", function()
    call("docs", "insert", { { id = "a", values = { 3, 4, 0 }, metadata = { x = 1 } } })
    assert.same({ count = 1, matches = { { id = "a", score = 0.6 } } },
      call("docs", "query", { 2, 0, 0 }))
    for _, wanted in ipairs { true, "all", "indexed" } do
      local match = call("docs", "query", { 2, 0, 0 }, { returnMetadata = wanted }).matches[1]
      assert.same({ x = 1 }, match.metadata)
      assert.is_nil(match.values)
    end
    for _, wanted in ipairs { false, "none" } do
      local match = call("docs", "query", { 2, 0, 0 },
        { returnMetadata = wanted, returnValues = true }).matches[1]
      assert.same({ { 3, 4, 0 } }, { match.values, match.metadata })
    end
  end)

  it("searches for a vector of its own", function()
    call("docs", "insert",
      { { id = "a", values = { 1, 0, 0 } }, { id = "b", values = { 1, 1, 0 } } })
    local got = call("docs", "queryById", "b", { topK = 1 })
    assert.equal("b", got.matches[1].id)
    assert.matches("the index 'docs': it has no vector with the id 'zz'",
      fault 'vectorize.docs:queryById "zz"')
  end)

  it("gives five matches unless told otherwise", function()
    run [[
      local list = {}
      for i = 1, 150 do list[i] = { id = "v" .. i, values = { 1, i, 0 } } end
      vectorize.docs:insert(list)
    ]]
    assert.equal(5, call("docs", "query", { 1, 0, 0 }).count)
    assert.equal(100, call("docs", "query", { 1, 0, 0 }, { topK = 100 }).count)
    local full = call("docs", "query", { 1, 0, 0 }, { topK = 20, returnValues = true })
    assert.equal(20, #full.matches)
    run [[
      local ids = {}
      for i = 1, 150 do ids[i] = "v" .. i end
      vectorize.docs:deleteByIds(ids)
    ]]
  end)

  it("describes itself in both forms", function()
    call("docs", "insert", { { id = "a", values = { 1, 0, 0 } } })
    local got = call("docs", "describe")
    assert.same({ "docs", 3, "cosine", 1, 1, 3 }, { got.name, got.config.dimensions,
      got.config.metric, got.vectorsCount, got.vectorCount, got.dimensions })
    assert.is_string(got.processedUpToMutation)
    assert.is_number(got.processedUpToDatetime)
    local model = call("model", "describe")
    assert.same({ "@cf/baai/bge-small-en-v1.5", 384, "of a model" },
      { model.config.preset, model.dimensions, model.description })
  end)

  it("takes float32s as binary data", function()
    run [[
      local floats = require("ffi").new("float[3]", { 0, 0, 7 })
      local bytes = party.binary(require("ffi").string(floats, 12))
      vectorize.docs:insert { { id = "a", values = bytes } }
      assert(vectorize.docs:query(bytes).matches[1].score == 1)
    ]]
    assert.same({ 0, 0, 7 }, call("docs", "getByIds", { "a" })[1].values)
  end)

  it("is there for lobbies as well", function()
    assert.equal("docs", run("return vectorize.docs:describe().name", "/elsewhere"))
  end)

  it("has no vector that is near to nothing: the cosine of a zero is 0", function()
    call("docs", "insert",
      { { id = "a", values = { 0, 0, 0 } }, { id = "b", values = { 1, 0, 0 } } })
    assert.same({ { id = "b", score = 1 }, { id = "a", score = 0 } },
      call("docs", "query", { 1, 0, 0 }).matches)
    assert.equal(0, call("docs", "query", { 0, 0, 0 }).matches[1].score)
  end)
end)

-- Comparing -------------------------------------------------------------------------------------

local INDEXES = { far = "euclidean", product = "dot-product", angle = "cosine" }
local WORDS = { "red", "green", "blue" }

local function random_metadata()
  return {
    word = WORDS[math.random(4)], number = math.random(10), flag = math.random(2) == 1,
    inner = { n = math.random(3) }, list = { "red" },
    gone = math.random(2) == 1 and json.null or nil,
  }
end

local function random_vector(id)
  return { id = id, values = nearest.random(8), namespace = ({ "x", "y" })[math.random(3)],
    metadata = math.random(5) > 1 and random_metadata() or nil }
end

--- Filters, and what they mean.
local function field(vector, name)
  local value = vector.metadata and vector.metadata[name]
  if value == json.null then return nil end
  return value
end

local FILTERS = {
  function()
    local word = WORDS[math.random(3)]
    return { word = word }, function(v) return field(v, "word") == word end
  end,
  function()
    local word = WORDS[math.random(3)]
    return { word = { ["$ne"] = word } }, function(v) return field(v, "word") ~= word end
  end,
  function()
    local low, high = math.random(10), math.random(10)
    return { number = { ["$gte"] = low, ["$lt"] = high } }, function(v)
      local number = field(v, "number")
      return number ~= nil and number >= low and number < high
    end
  end,
  function()
    local low = math.random(10)
    return { number = { ["$gt"] = low }, flag = true }, function(v)
      return (field(v, "number") or 0) > low and field(v, "flag") == true
    end
  end,
  function()
    return { word = { ["$in"] = { "red", "blue" } } }, function(v)
      return field(v, "word") == "red" or field(v, "word") == "blue"
    end
  end,
  function()
    return { word = { ["$nin"] = { "red", json.null } } }, function(v)
      return field(v, "word") ~= "red" and field(v, "word") ~= nil
    end
  end,
  function()
    local n = math.random(3)
    return { ["inner.n"] = n }, function(v) return v.metadata ~= nil and v.metadata.inner.n == n end
  end,
  function() return { gone = json.null }, function(v) return field(v, "gone") == nil end end,
  function() return { list = "red" }, function() return false end end,
  function()
    return { word = { ["$lte"] = "green" } }, function(v)
      return field(v, "word") ~= nil and field(v, "word") <= "green"
    end
  end,
}

--- A query of an index, compared with what a plain search gives.
local function compare(index, metric, vectors)
  local query, count = nearest.random(8), math.random(20)
  local space = ({ "x", "y" })[math.random(4)]
  local filter, passes
  if math.random(4) > 1 then filter, passes = FILTERS[math.random(#FILTERS)]() end
  local expected = nearest.search(metric, vectors, query, count, function(vector)
    return (not space or vector.namespace == space) and (not passes or passes(vector))
  end)
  local got = call(index, "query", query, { topK = count, namespace = space, filter = filter })
  assert.equal(#expected, got.count, filter and json.encode(filter))
  for i, match in ipairs(got.matches) do
    assert.equal(expected[i].id, match.id)
    assert.is_true(math.abs(expected[i].score - match.score) < 1e-12)
  end
end

--- Changes an index and what is known of it.
local function change(index, vectors, ids)
  local list, gone = {}, {}
  for i = 1, 60 do
    local id = ids[math.random(#ids)]
    if i % 4 == 0 and vectors[id] then
      gone[#gone + 1], vectors[id] = id, nil
    else
      list[#list + 1] = random_vector(id)
    end
  end
  if #gone > 0 then call(index, "deleteByIds", gone) end
  call(index, "upsert", list)
  for _, vector in ipairs(list) do vectors[vector.id] = vector end
end

describe("a search", function()
  for index, metric in pairs(INDEXES) do
    it("gives what a plain one gives: " .. metric, function()
      local vectors, ids = {}, {}
      math.randomseed(17)
      for i = 1, 300 do ids[i] = "v" .. i end
      for round = 1, 6 do
        change(index, vectors, ids)
        for _ = 1, 15 do compare(index, metric, vectors) end
        if round == 4 then
          server:stop()
          serve()
        end
      end
      clear(index, ids)
    end)
  end

  it("of many vectors lets the room go on meanwhile", function()
    run [[
      for batch = 1, 20 do
        local list = {}
        for i = 1, 1000 do
          local n = batch * 1000 + i
          list[i] = { id = "v" .. n, values = { math.cos(n), math.sin(n), 1, 0, 0, 0, 0, n } }
        end
        vectorize.far:upsert(list)
      end
    ]]
    -- One alone may be over before the loop has come around. Between two of them the room waits
    -- for nothing else, so that turns can only be taken during one.
    local turns = run [[
      local turns, is_over = 0, false
      party.spawn(function()
        while not is_over do
          turns = turns + 1
          party.sleep(0)
        end
      end)
      party.sleep(0)
      local before = turns
      for _ = 1, 100 do
        vectorize.far:query({ 1, 1, 1, 1, 1, 1, 1, 1 }, { filter = { x = { ["$ne"] = 1 } } })
        if turns > before then break end
      end
      is_over = true
      return turns - before
    ]]
    assert.is_true(turns > 0)
  end)
end)

-- What lasts ------------------------------------------------------------------------------------

describe("what a call has changed", function()
  it("is there after a kill that follows at once", function()
    for round = 1, 5 do
      local id = ("killed-%d"):format(round)
      call("docs", "upsert", { { id = id, values = { 1, round, 0 }, metadata = { n = round } } })
      server.process:kill()
      serve()
      assert.same({ { id = id, values = { 1, round, 0 }, metadata = { n = round } } },
        call("docs", "getByIds", { id }))
      assert.equal(id, call("docs", "query", { 1, round, 0 }, { topK = 1 }).matches[1].id)
      call("docs", "deleteByIds", { id })
      server.process:kill()
      serve()
      assert.equal(0, #call("docs", "getByIds", { id }))
    end
  end)

  it("follows what the room has stored before", function()
    assert.same({ 1, "a" }, run [[
      room.storage:put("a", 1)
      vectorize.docs:insert { { id = "a", values = { 1, 1, 1 } } }
      return { room.storage:get "a", vectorize.docs:getByIds({ "a" })[1].id }
    ]])
    clear("docs", { "a" })
  end)

  it("is what every room sees, however many write at once", function()
    run [[
      local calls = {}
      for i = 1, 100 do
        calls[i] = function()
          vectorize.docs:upsert { { id = "v" .. i, values = { i, 1, 1 } } }
          assert(#vectorize.docs:getByIds { "v" .. i } == 1)
        end
      end
      party.all(calls)
    ]]
    assert.equal(100, run("return vectorize.docs:describe().vectorsCount", "/parties/main/other"))
    run 'local ids = {} for i = 1, 100 do ids[i] = "v" .. i end vectorize.docs:deleteByIds(ids)'
  end)
end)

-- What is refused -------------------------------------------------------------------------------

describe("a mistake", function()
  local function check(code, message)
    assert.equal("code:1: " .. message, fault(code))
  end

  it("with the name of an index says which there are", function()
    assert.matches('"vectorize" of the configuration has no "doc": it has angle, docs, far, '
      .. "missing, model, product; did you mean 'docs'?", fault "return vectorize.doc", 1, true)
    assert.matches("the index 'nowhere': it does not exist; 'partylua vectorize create nowhere'",
      fault "vectorize.missing:describe()", 1, true)
    server:expect_log "(context.vectorize.missing cannot be used: the index 'nowhere')"
  end)

  it("in a vector names it", function()
    check('vectorize.docs:insert { { id = "a", values = { 1, 2 } } }',
      "the index 'docs': the vector 'a' has 2 dimensions, and the index has 3")
    check('vectorize.docs:insert { { id = "a", values = { 1, 2, 0 / 0 } } }',
      "the vector 'a': value 3 is not a finite float32 number")
    check('vectorize.docs:insert { { id = "a", values = { 1, 2, 1e39 } } }',
      "the vector 'a': value 3 is not a finite float32 number")
    check('vectorize.docs:insert { { id = "a", values = { 1, "2", 3 } } }',
      "the vector 'a': value 2 is a string, not a number")
    check('vectorize.docs:insert { { id = "a", values = { 1, 2, 3e38 } } }',
      "the index 'docs': the values of the vector 'a' are too large")
    check('vectorize.docs:insert { { id = "a", values = {} } }', "the vector 'a' has no values")
    check('vectorize.docs:insert { { id = "a" } }',
      "the vector 'a' needs a list of numbers as values, got nil")
    check('vectorize.docs:insert { { id = "a", values = party.binary "12345" } }',
      "the vector 'a': its 5 bytes are no float32 numbers")
    check('vectorize.docs:insert { { id = 1, values = { 1, 2, 3 } } }',
      "the id of vector 1 must be a string, got number")
    check('vectorize.docs:insert { { id = "", values = { 1, 2, 3 } } }',
      "the id of vector 1 is empty")
    check('vectorize.docs:insert { { id = ("x"):rep(65), values = { 1, 2, 3 } } }',
      "the id of vector 1 is longer than 64 bytes: '" .. ("x"):rep(64) .. "…'")
    check('vectorize.docs:insert { { id = "a\\255", values = { 1, 2, 3 } } }',
      "the id of vector 1 is not valid UTF-8")
    check('vectorize.docs:insert { id = "a", values = { 1, 2, 3 } }',
      "a list of vectors expected, got a table without items")
    check('vectorize.docs:insert { { id = "a", values = { 1, 2, 3 }, namespace = ("n"):rep(65) } }',
      "the namespace of the vector 'a' is longer than 64 bytes: '" .. ("n"):rep(64) .. "…'")
    assert.equal(0, call("docs", "describe").vectorsCount)
  end)

  it("in metadata names its place", function()
    local function with(metadata, message)
      check(('vectorize.docs:insert { { id = "a", values = { 1, 2, 3 }, metadata = %s } }')
        :format(metadata), "the vector 'a': " .. message)
    end
    with("1", "metadata must be a table with names for keys, got number")
    with('{ "x" }', "metadata must be a table with names for keys, got a list")
    with('{ [""] = 1 }', "a key of metadata is empty")
    with('{ ["a.b"] = 1 }', "metadata: the key 'a.b' must not have a '.' or a '\"'")
    with('{ ["$a"] = 1 }', "metadata: the key '$a' must not begin with '$'")
    with("{ a = { 1 } }", "metadata.a: a list may only have strings")
    with("{ a = { b = { c = 1 } } }", "metadata.a.b: objects may be one level deep")
    with("{ a = print }", "metadata.a: a function cannot be kept")
    with('{ a = ("x"):rep(10240) }', "metadata has 10248 bytes of JSON, and may have 10240")
  end)

  it("in a query names the option", function()
    local function with(options, message)
      check(("vectorize.docs:query({ 1, 2, 3 }, %s)"):format(options), message)
    end
    check("vectorize.docs:query { 1, 2 }",
      "the index 'docs': the query has 2 dimensions, and the index has 3")
    check("vectorize.docs:query { 1, 2, 1 / 0 }",
      "the query: value 3 is not a finite float32 number")
    check("vectorize.docs:query()", "the query needs a list of numbers as values, got nil")
    with("{ topK = 0 }", "topK must be a whole number from 1, got 0")
    with("{ topK = 101 }", "topK is at most 100, and 101 was given")
    with("{ topK = 21, returnValues = true }",
      "topK is at most 20 with values or metadata, and 21 was given")
    with('{ topK = 21, returnMetadata = "all" }',
      "topK is at most 20 with values or metadata, and 21 was given")
    with('{ returnMetadata = "some" }',
      'returnMetadata must be a boolean, "none", "indexed" or "all"')
    with("{ returnValues = 1 }", "returnValues must be a boolean, got number")
    with("{ namespace = 1 }", "a namespace must be a string, got number")
    with("{ topk = 1 }", "a query has no option 'topk'; did you mean 'topK'?")
  end)

  it("of too many at once is refused", function()
    check('local list = {} for i = 1, 1001 do list[i] = { id = "v", values = { 1, 2, 3 } } end '
      .. "vectorize.docs:insert(list)",
      "1001 vectors are too many for one call, which takes 1000")
    check('local ids = {} for i = 1, 1001 do ids[i] = "v" end vectorize.docs:getByIds(ids)',
      "1001 ids are too many for one call, which takes 1000")
    assert.equal(0, call("docs", "insert", json.array {}).count)
  end)

  it("of waiting where nobody can wait changes nothing", function()
    local why = fault [[
      local co = coroutine.create(function()
        vectorize.docs:insert { { id = "a", values = { 1, 2, 3 } } }
      end)
      local ok, why = coroutine.resume(co)
      error(why, 0)
    ]]
    assert.matches("vectorize.insert waits, and waiting is not possible inside a coroutine", why)
    assert.equal(0, call("docs", "describe").vectorsCount)
  end)
end)

describe("the limits", function()
  it("are options of the server", function()
    server:stop()
    serve(', "limits": { "vectorize-top-k": 200, "vectorize-batch": 2 }', "--vectorize-vectors",
      "3")
    run [[
      vectorize.docs:insert {
        { id = "a", values = { 1, 2, 3 } }, { id = "b", values = { 1, 2, 3 } },
      }
      vectorize.docs:query({ 1, 2, 3 }, { topK = 200 })
      vectorize.docs:insert { { id = "c", values = { 1, 2, 3 } } }
    ]]
    assert.matches("which takes 2", fault "vectorize.docs:getByIds { 'a', 'b', 'c' }")
    assert.matches("it has 3 vectors, as many as it may have", fault
      'vectorize.docs:insert { { id = "d", values = { 1, 2, 3 } } }')
    clear("docs", { "a", "b" })
    clear("docs", { "c" })
    server:stop()
    serve()
  end)

  it("of memory are kept by what is searched", function()
    server:stop()
    serve(nil, "--vectorize-memory-bytes", "1MiB")
    for batch = 1, 40 do
      run(([[
        local list = {}
        for i = 1, 1000 do list[i] = { id = %d .. "-" .. i, values = { 1, i, %d } } end
        vectorize.docs:insert(list)
      ]]):format(batch, batch))
    end
    assert.matches("the index 'docs': it needs %d+ bytes of memory, and there are 1048576 for all",
      fault "vectorize.docs:query { 1, 2, 3 }")
    assert.equal("7-5", call("docs", "getByIds", { "7-5" })[1].id)
    server:stop()
    serve()
    assert.equal("7-5", call("docs", "query", { 1, 5, 7 }, { topK = 1 }).matches[1].id)
  end)
end)

describe("a server without indexes", function()
  it("has no context.vectorize", function()
    local other = party.serve(APP)
    finally(function() other:stop() end)
    local got = other:request("POST", "/parties/main/a", { body = "return tostring(vectorize)" })
    assert.equal('{"result":"nil"}', got.body)
  end)

  it("that ends while calls are under way ends in order", function()
    for i = 1, 30 do
      server:request("POST", "/parties/main/r" .. i, { body = [[
        for i = 1, 50 do
          party.spawn(function()
            vectorize.docs:upsert { { id = room.id .. i, values = { i, 1, 1 } } }
          end)
        end
      ]] })
    end
    server.process:signal(sys.SIGTERM)
    assert.equal(0, server.process:wait())
    serve()
    assert.equal(30, #call("docs", "getByIds", (function()
      local ids = {}
      for i = 1, 30 do ids[i] = ("r%d50"):format(i) end
      return ids
    end)()))
  end)
end)
