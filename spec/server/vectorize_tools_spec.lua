--- partylua vectorize: indexes of a data folder, beside a server and without one.

local Process = require "spec.support.process"
local json = require "partylua.json"
local nearest = require "spec.support.nearest"
local party = require "spec.support.party"

local root, data

before_each(function()
  root = party.make_folder()
  data = root .. "/state"
end)

local function run(...)
  local argv = { party.program, "vectorize", ... }
  argv[#argv + 1] = "--data=" .. data
  return Process.run(argv, root)
end

--- What a command prints that must end well.
local function output_of(...)
  local code, output = run(...)
  assert.equal(0, code, output)
  return output
end

--- What a command says that must fail.
local function complaint(...)
  local code, output = run(...)
  assert.equal(1, code, output)
  return (output:gsub("^partylua: ", ""):gsub("\n$", ""))
end

local function lines_of(text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = json.decode(line) end
  return lines
end

local function write(lines)
  return (party.write_file("vectors.ndjson", table.concat(lines, "\n") .. "\n", root))
end

local function make_index(...)
  output_of("create", "notes", "--dimensions", "3", "--metric", "euclidean", ...)
end

--- How many vectors the index has.
local function count()
  return json.decode(output_of("get", "notes", "--json")).vectorsCount
end

describe("partylua vectorize create", function()
  it("makes an index of dimensions and a metric", function()
    assert.equal("made the index 'notes': 3 dimensions, dot-product\n",
      output_of("create", "notes", "--dimensions", "3", "--metric", "dot-product"))
    local got = json.decode(output_of("get", "notes", "--json"))
    assert.same({ "notes", 3, "dot-product", 0 },
      { got.name, got.config.dimensions, got.config.metric, got.vectorsCount })
  end)

  it("makes an index for a model, and prints it as JSON", function()
    local got = json.decode(output_of("create", "notes", "--json", "--description", "of all",
      "--preset=@cf/baai/bge-large-en-v1.5"))
    assert.same({ "of all", 1024, "cosine", "@cf/baai/bge-large-en-v1.5" }, { got.description,
      got.config.dimensions, got.config.metric, got.config.preset })
  end)

  it("says what is wrong with its arguments", function()
    make_index()
    assert.equal("the index 'notes': it exists already",
      complaint("create", "notes", "--dimensions", "3", "--metric", "euclidean"))
    assert.equal("the name 'a b' may only have the characters a-z, A-Z, 0-9, _ and -",
      complaint("create", "a b", "--dimensions", "3", "--metric", "euclidean"))
    assert.matches("^vectorize create: %-%-dimensions must be a whole number, from 1 to 1536",
      complaint("create", "a", "--dimensions", "1537", "--metric", "euclidean"))
    assert.matches("^vectorize create: %-%-dimensions must be", complaint("create", "a",
      "--dimensions", "x", "--metric", "euclidean"))
    assert.matches("^vectorize create: %-%-metric must be one of .*did you mean 'cosine'%?$",
      complaint("create", "a", "--dimensions", "3", "--metric", "cosinus"))
    assert.matches("^vectorize create: what it is made of is missing", complaint("create", "a"))
    assert.matches("^vectorize create: a preset stands for", complaint("create", "a",
      "--preset", "openai/text-embedding-ada-002", "--dimensions", "3"))
  end)

  it("makes larger ones where the limit says so", function()
    party.write_file("partylua.json", '{ "limits": { "vectorize-dimensions": 3072 } }', root)
    assert.matches("3072 dimensions", output_of("create", "large", "--dimensions", "3072",
      "--metric", "cosine", "--config", root .. "/partylua.json"))
  end)
end)

describe("partylua vectorize list", function()
  it("prints a table, or a line of JSON for each", function()
    make_index()
    output_of("create", "more", "--preset", "@cf/baai/bge-small-en-v1.5")
    assert.equal(table.concat({
      "INDEX   VECTORS   DIMENSIONS   METRIC      PRESET                       DESCRIPTION",
      "more          0          384   cosine      @cf/baai/bge-small-en-v1.5   -",
      "notes         0            3   euclidean   -                            -", "",
    }, "\n"), output_of("list"))
    local lines = lines_of(output_of("list", "--json"))
    assert.same({ "more", "notes" }, { lines[1].name, lines[2].name })
  end)

  it("is empty for a store that never had one", function()
    local server = party.serve("return {}\n", { "--data", data })
    server:stop()
    assert.equal("", output_of("list", "--json"))
    assert.matches("^the index 'a': it does not exist\n  hint: 'partylua vectorize list'",
      complaint("get", "a"))
  end)
end)

describe("partylua vectorize insert", function()
  it("inserts what is new, in batches", function()
    make_index()
    local lines = {}
    for i = 1, 25 do
      lines[i] = ('{"id":"v%d","values":[%d,0,0],"metadata":{"n":%d}}'):format(i, i, i)
    end
    lines[26] = '{"id":"v3","values":[9,9,9]}'
    local path = write(lines)
    assert.equal("wrote 25 of 26 vectors into 'notes'\n",
      output_of("insert", "notes", "--file", path, "--batch-size", "7"))
    assert.equal('{"read":26,"written":0}\n',
      output_of("insert", "notes", "--file", path, "--json"))
    assert.equal(25, count())
    assert.equal('{"read":26,"written":26}\n',
      output_of("insert", "notes", "--file", path, "--json", "--upsert", "--batch-size", "25"))
    assert.equal(25, count())
  end)

  it("names the line of what is wrong, and keeps the batches before", function()
    make_index()
    local path = write { '{"id":"a","values":[1,2,3]}', "", '{"id":"b","values":[1,2]}' }
    assert.equal(path .. ":3: the index 'notes': the vector 'b' has 2 dimensions, and the index "
      .. "has 3\n  hint: the lines before them are written, and they are not",
      complaint("insert", "notes", "--file", path, "--batch-size", "1"))
    assert.equal(1, count())
    path = write { '{"id":"c","values":[1,2,3]}', "{" }
    assert.matches("vectors.ndjson:2: invalid JSON", complaint("insert", "notes", "--file", path))
    path = write { "[]" }
    assert.matches(":1: the id of vector 1 must be a string", complaint("insert", "notes",
      "--file", path))
    path = write { '{"id":"' .. ("x"):rep(2 ^ 20) .. '"}' }
    assert.matches(":1: the line is longer than 1048576 bytes", complaint("insert", "notes",
      "--file", path))
    assert.equal(1, count())
  end)

  it("says what is wrong with its arguments", function()
    make_index()
    assert.matches("no file is named", complaint("insert", "notes"))
    assert.matches("cannot read ", complaint("insert", "notes", "--file", "nowhere"))
    local path = write { '{"id":"a","values":[1,2,3]}' }
    assert.matches("%-%-batch%-size must be a whole number from 1 to 1000", complaint("insert",
      "notes", "--file", path, "--batch-size", "1001"))
    assert.matches("the index 'other': it does not exist", complaint("insert", "other", "--file",
      path))
  end)
end)

describe("partylua vectorize query", function()
  before_each(function()
    make_index()
    output_of("insert", "notes", "--file", write {
      '{"id":"a","values":[0,0,0],"namespace":"n","metadata":{"x":1}}',
      '{"id":"b","values":[0,3,4]}',
    })
  end)

  it("prints the nearest of a vector, or of an id", function()
    assert.same({ { id = "a", score = 0, namespace = "n" }, { id = "b", score = 5 } },
      lines_of(output_of("query", "notes", "--vector", "[0,0,0]")))
    assert.same({ { id = "b", score = 0 } },
      lines_of(output_of("query", "notes", "--id", "b", "--top-k", "1")))
  end)

  it("takes the options of a query", function()
    assert.same({ { id = "a", score = 1, namespace = "n", values = { 0, 0, 0 },
      metadata = { x = 1 } } },
      lines_of(output_of("query", "notes", "--vector", "[1,0,0]", "--namespace", "n", "--filter",
        '{"x":{"$gt":0}}', "--values", "--metadata")))
  end)

  it("says what is wrong", function()
    assert.equal("vectorize query: give either --vector or --id", complaint("query", "notes"))
    assert.matches("vectorize query: %-%-vector: invalid JSON", complaint("query", "notes",
      "--vector", "["))
    assert.equal("vectorize query: the index 'notes': the query has 1 dimensions, and the index "
      .. "has 3", complaint("query", "notes", "--vector", "[1]"))
    assert.matches("filter: '%$gtt' of 'x' is no operator; did you mean '%$gt'%?",
      complaint("query", "notes", "--id", "b", "--filter", '{"x":{"$gtt":0}}'))
  end)
end)

describe("partylua vectorize delete", function()
  it("deletes an index with everything in it", function()
    make_index()
    output_of("insert", "notes", "--file", write { '{"id":"a","values":[1,2,3]}' })
    assert.equal("deleted the index 'notes' with 1 vector\n",
      output_of("delete", "notes", "--force"))
    assert.equal("", output_of("list", "--json"))
    make_index()
    assert.equal(0, count())
  end)

  it("asks, and deletes nothing where nobody can be asked", function()
    make_index()
    assert.equal("the index 'notes' has 0 vectors, and nobody can be asked\n  hint: --force "
      .. "deletes it without asking", complaint("delete", "notes"))
    assert.equal(0, count())
  end)
end)

describe("partylua vectorize delete --json", function()
  it("prints what it has deleted", function()
    make_index()
    assert.same({ deleted = "notes", vectorsCount = 0 },
      json.decode(output_of("delete", "notes", "--force", "--json")))
  end)
end)

describe("partylua vectorize's verbs for metadata indexes", function()
  local NEEDLESS = "nothing to do: the index 'notes' can be filtered by everything in its "
    .. "metadata\n"

  it("do nothing, as none is needed, and say so", function()
    make_index()
    assert.equal(NEEDLESS, output_of("create-metadata-index", "notes", "--property-name", "lang",
      "--type", "string"))
    assert.equal(NEEDLESS, output_of("list-metadata-index", "notes"))
    assert.equal("[]\n", output_of("list-metadata-index", "notes", "--json"))
    assert.equal(NEEDLESS, output_of("delete-metadata-index", "notes", "--property-name", "lang"))
  end)

  it("say that there is no such index", function()
    make_index()
    assert.matches("^the index 'other': it does not exist",
      complaint("list-metadata-index", "other"))
  end)
end)

describe("a server", function()
  local CONFIG = '{ "vectorize": { "notes": "notes" } }'
  local APP = [[
    local party = require "partylua"
    local App = {}
    function App:onRequest(request)
      local found = self.room.context.vectorize.notes:query(request:json())
      return party.Response.json(found)
    end
    return App
  ]]

  it("searches what the command has inserted, and the command what the server has", function()
    make_index()
    local lines, vectors = {}, {}
    math.randomseed(3)
    for i = 1, 500 do
      vectors["v" .. i] = { values = nearest.random(3) }
      lines[i] = json.encode { id = "v" .. i, values = vectors["v" .. i].values }
    end
    output_of("insert", "notes", "--file", write(lines))
    local config = party.write_file("partylua.json", CONFIG, root)
    local server = party.serve(APP, { "--config", config, "--data", data })
    finally(function() server:stop() end)
    local query = nearest.random(3)
    local expected = nearest.search("euclidean", vectors, query, 5, function() return true end)
    local answer = server:request("POST", "/parties/main/a", { body = json.encode(query) })
    local beside = lines_of(output_of("query", "notes", "--vector", json.encode(query)))
    for i, match in ipairs(json.decode(answer.body).matches) do
      assert.equal(expected[i].id, match.id)
      assert.equal(expected[i].id, beside[i].id)
    end
    assert.equal(500, count())
    assert.matches("is in use by a running server", complaint("delete", "notes", "--force"))
    assert.matches("is in use by a running server", complaint("create", "more", "--dimensions", "3",
      "--metric", "cosine"))
    assert.matches("is in use by a running server", complaint("insert", "notes", "--file",
      write { '{"id":"a","values":[1,2,3]}' }))
  end)

  it("keeps indexes in backups, and takes them out of one again", function()
    make_index()
    output_of("insert", "notes", "--file", write { '{"id":"a","values":[1,2,3]}' })
    local copy = root .. "/copy.mdb"
    assert.equal(0, (Process.run { party.program, "backup", copy, "--data", data }))
    data = root .. "/restored"
    assert.equal(0, (Process.run { party.program, "restore", copy, "--data", data }))
    assert.equal(1, count())
    assert.same({ { id = "a", score = 0 } }, lines_of(output_of("query", "notes", "--id", "a")))
  end)
end)
