--- The commands that look into a data folder, beside a server and without one.

local Process = require "spec.support.process"
local file = require "pl.file"
local http = require "spec.support.http"
local json = require "partylua.json"
local party = require "spec.support.party"
local path = require "pl.path"
local sys = require "spec.support.sys"

local APP = "spec/support/storing.lua"

-- Sanitizers take more memory for themselves than any limit leaves.
local LITTLE_MEMORY = party.program:find("/stress/", 1, true) and "" or "ulimit -d 60000; "

local root, data, server

before_each(function()
  root = party.make_folder()
  data = root .. "/state"
end)

after_each(function()
  if server then server:stop() end
  server = nil
end)

--- Runs a command on the data folder; gives its exit code, and what it printed.
local function run(...)
  local argv = { party.program, ... }
  argv[#argv + 1] = "--data=" .. data
  return Process.run(argv)
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
  return output
end

local function lines_of(text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

local function serve(...)
  server = party.serve(APP, { "--data", data, ... })
  return server
end

local function stop()
  server:stop()
  server = nil
end

--- Has a room of the server do something; gives its answer.
local function ask(room, words)
  local answer = server:request("POST", "/parties/main/" .. room, { body = words })
  assert.equal(200, answer.status, answer.body)
  return answer.body
end

local function write(name, text)
  return (party.write_file(name, text, root))
end

--- A store with a few entries in main/lobby, made without a server.
local function make_store()
  local input = write("made.jsonl", '{"key":"a","value":1}\n{"key":"b","value":[true]}\n')
  output_of("storage", "import", "main/lobby", input)
end

local function export(room)
  return output_of("storage", "export", room)
end

--- The lines of an export without its head.
local function entries_of(room)
  return (export(room):gsub("^[^\n]*\n", ""))
end

-- Exporting and importing -----------------------------------------------------------------------

describe("partylua storage export and import", function()
  it("carry every value, key and alarm from room to room exactly", function()
    for seed = 1, 3 do
      serve()
      assert.equal("filled", ask("from", "fill " .. seed))
      stop()
      local exported = write("exported.jsonl", export "main/from")
      output_of("storage", "import", "main/to" .. seed, exported)
      serve()
      assert.equal("the same", ask("to" .. seed, "check " .. seed))
      stop()
      assert.equal(entries_of "main/from", entries_of("main/to" .. seed))
      output_of("storage", "delete", "main/from", "--all")
    end
  end)

  it("say in a head which room it was, how much, and its alarm", function()
    serve()
    ask("lobby", "fill 1")
    local head = json.decode(lines_of(export "main/lobby")[1])
    assert.same({ export = 1, party = "main", room = "lobby", alarm = { due = 33e11 + 1 } },
      { export = head.export, party = head.party, room = head.room, alarm = head.alarm })
    assert.equal(#lines_of(export "main/lobby") - 1, head.entries)
  end)

  it("keep what is known of an alarm that has failed", function()
    local head = '{"alarm":{"attempt":33000,"due":5000,"retries":2},"entries":0,"export":1,'
      .. '"party":"main","room":"x"}\n'
    output_of("storage", "import", "main/x", write("head.jsonl", head))
    assert.equal(head, export "main/x")
  end)

  it("work from standard input, and into a folder that is not there", function()
    local code, output = Process.run { "sh", "-c", ('printf \'{"key":"k","value":"v"}\' '
      .. "| %q storage import main/lobby --data=%q"):format(party.program, data) }
    assert.equal(0, code, output)
    assert.equal("imported 1 entry into main/lobby\n", output)
    assert.equal('{"key":"k","value":"v"}\n', output_of("storage", "list", "main/lobby"))
  end)

  it("go into a room that has stored something only when that is meant", function()
    make_store()
    local more = write("more.jsonl", '{"key":"b","value":2}\n{"key":"c","value":3}\n')
    assert.equal("partylua: main/lobby has stored something already\n  hint: --replace deletes "
      .. "that first, --merge keeps what is under other keys\n",
      complaint("storage", "import", "main/lobby", more))
    output_of("storage", "import", "main/lobby", more, "--merge")
    assert.equal('{"key":"a","value":1}\n{"key":"b","value":2}\n{"key":"c","value":3}\n',
      entries_of "main/lobby")
    output_of("storage", "import", "main/lobby", write("head.jsonl",
      '{"export":1,"alarm":{"due":99}}\n'), "--merge")
    output_of("storage", "import", "main/lobby", more, "--replace")
    assert.equal('{"entries":2,"export":1,"party":"main","room":"lobby"}\n'
      .. '{"key":"b","value":2}\n{"key":"c","value":3}\n', export "main/lobby")
  end)

  it("change nothing when a line is broken, and name it", function()
    make_store()
    local before = export "main/lobby"
    local good = ('{"key":"k","value":"%s"}\n'):format(("x"):rep(120000)):rep(30)
    for line, message in pairs {
      ['{"key":"k","value":tru}'] = "invalid JSON at column 20: unexpected 'tru', expected a value",
      ['{"key":"k"'] = "invalid JSON at column 11: the text ends where ',' or '}' should be",
      ['{"key":"k"}'] = 'an entry has a "key" and a "value"',
      ['{"key":1,"value":1}'] = "a key is a string",
      ['{"key":"k","value":1,"more":1}'] = '"more" is not known here',
      ['{"key":"k","value":{"$int64":"x"}}'] = '"$int64" takes the digits of one, as a string',
      ["[1]"] = "a line is an object",
      ['{"export":2}'] = "the export was made by a newer version of partylua",
      ['{"export":1}'] = "a head stands in the first line only",
      [('{"key":"%s","value":1}'):format(("k"):rep(2049))] = "the key is larger than 2048 bytes",
      [('{"key":"k","value":"%s"}'):format(("v"):rep(2 ^ 20))] =
        "the value is larger than 1048576 bytes",
      [('{"key":"k","value":%s1%s}'):format(("["):rep(101), ("]"):rep(101))] =
        "is tables more than 100 deep, which cannot be stored",
    } do
      local input = write("broken.jsonl", good .. line .. "\n")
      local said = complaint("storage", "import", "main/lobby", input, "--replace")
      assert.matches(":31: ", said, 1, true)
      assert.matches(message .. "\n  hint: nothing was changed\n", said, 1, true)
      assert.equal(before, export "main/lobby")
    end
  end)

  it("notice a file that was cut, or is empty", function()
    make_store()
    local exported = lines_of(export "main/lobby")
    local cut = write("cut.jsonl", exported[1] .. "\n" .. exported[2] .. "\n")
    assert.equal(("partylua: %s has 1 entries, and its head says 2\n  hint: nothing was changed\n")
      :format(cut), complaint("storage", "import", "main/other", cut))
    local empty = write("empty.jsonl", "\n \n")
    assert.equal(("partylua: %s has no entries\n  hint: nothing was changed\n"):format(empty),
      complaint("storage", "import", "main/lobby", empty, "--replace"))
    assert.equal(#exported, #lines_of(export "main/lobby"))
    assert.matches("^partylua: cannot read .*gone.jsonl: No such file",
      complaint("storage", "import", "main/lobby", root .. "/gone.jsonl"))
  end)

  it("take no more memory than a line may have", function()
    local input = root .. "/endless"
    assert.equal(0, os.execute(("truncate -s 2G %q"):format(input)))
    local code, output = Process.run { "sh", "-c",
      LITTLE_MEMORY .. ("exec %q storage import main/x %q --data=%q")
      :format(party.program, input, data) }
    assert.equal(1, code)
    assert.equal(("partylua: %s:1: the line is longer than 8388608 bytes\n"):format(input), output)
  end)

  --- As many entries as make a file of some megabytes.
  local function write_large(megabytes)
    local lines = {}
    for i = 1, megabytes * 10 do
      lines[i] = ('{"key":"k%04d","value":"%s"}\n'):format(i, ("x"):rep(100000))
    end
    return write("large.jsonl", table.concat(lines))
  end

  it("change nothing when they are killed, and leave no trace", function()
    make_store()
    local before, large = export "main/lobby", write_large(20)
    output_of("storage", "import", "main/other", large)
    output_of("storage", "delete", "main/other", "--all")
    local size = path.getsize(data .. "/data.mdb")
    local pipe = root .. "/pipe"
    assert.equal(0, os.execute(("mkfifo %q"):format(pipe)))
    for _ = 1, 3 do
      -- The import has read and written all of it, and waits for more.
      local writer = Process.start { "sh", "-c", ("exec 3<>%q; cat %q >&3; echo written; "
        .. "exec tail -f /dev/null"):format(pipe, large) }
      local import = Process.start { party.program, "storage", "import", "main/lobby", pipe,
        "--replace", "--data=" .. data }
      writer:expect "(written)"
      import:kill()
      writer:kill()
      assert.equal(before, export "main/lobby")
      assert.equal(2, #lines_of(output_of "rooms"))
    end
    output_of("storage", "put", "main/lobby", "a", "1")
    assert.equal(before, export "main/lobby")
    output_of("storage", "import", "main/other", large)
    assert.is_true(path.getsize(data .. "/data.mdb") < size * 1.5)
    serve()
    assert.equal("1", ask("lobby", "count 9"))
  end)

  it("change nothing when the store is full, and leave it as empty as it was", function()
    make_store()
    local before, large = export "main/lobby", write_large(20)
    for _, how in ipairs { "--merge", "--replace" } do
      local said = complaint("storage", "import", "main/lobby", how, large, "--map-bytes=12MiB")
      assert.equal("partylua: nothing was changed: No space left on device\n  hint: make room on "
        .. "the disk, or reserve more address space with --map-bytes\n", said)
      assert.equal(before, export "main/lobby")
    end
    output_of("storage", "import", "main/other", write_large(4), "--map-bytes=12MiB")
  end)

  --- Runs a command with little memory; output goes to a file when one is named.
  local function run_in_little(arguments, output_file)
    local code, output = Process.run { "sh", "-c",
      LITTLE_MEMORY .. ("exec %q storage %s --data=%q > %q"):format(party.program, arguments, data,
        output_file or "/dev/null") }
    assert.equal(0, code, output)
  end

  it("may be as large as the disk, in memory that is not", function()
    local large, exported = write_large(64), root .. "/exported"
    run_in_little(("import main/large %q"):format(large))
    run_in_little("list main/large", exported)
    assert.is_true(file.read(large) == file.read(exported))
    run_in_little(("import main/large %q --merge"):format(write("more.jsonl",
      '{"key":"z","value":1}\n')))
    run_in_little("export main/large", exported)
    assert.is_true('{"entries":641,"export":1,"party":"main","room":"large"}\n' .. file.read(large)
      .. '{"key":"z","value":1}\n' == file.read(exported))
    run_in_little "delete main/large --all"
  end)
end)

-- One entry -------------------------------------------------------------------------------------

describe("partylua storage get and put", function()
  before_each(make_store)

  it("read and write a value as JSON", function()
    assert.equal("stored 'a' in main/lobby\n",
      output_of("storage", "put", "main/lobby", "a", '{"list":[],"n":{"$number":"nan"}}'))
    assert.equal('{\n  "list": [],\n  "n": {\n    "$number": "nan"\n  }\n}\n',
      output_of("storage", "get", "main/lobby", "a"))
  end)

  it("read and write text and bytes as they are", function()
    output_of("storage", "put", "main/lobby", "text", "--raw", '{"a":\255')
    assert.equal('{"a":\255', output_of("storage", "get", "main/lobby", "text", "--raw"))
    output_of("storage", "put", "main/lobby", "binary", '{"$binary":"AAE="}')
    assert.equal("\0\1", output_of("storage", "get", "main/lobby", "binary", "--raw"))
    assert.equal("partylua: the value is no string and no binary data\n  hint: leave out --raw\n",
      complaint("storage", "get", "main/lobby", "b", "--raw"))
  end)

  it("take a key as JSON where no argument could say it", function()
    local key = '{"$bytes":"AP8="}'
    output_of("storage", "put", "main/lobby", key, "1", "--json-keys")
    assert.equal("1\n", output_of("storage", "get", "main/lobby", key, "--json-keys"))
    assert.equal('{"key":{"$bytes":"AP8="},"value":1}\n',
      output_of("storage", "list", "main/lobby", "--limit", "1"))
    assert.matches("^partylua: bad key x: invalid JSON",
      complaint("storage", "get", "main/lobby", "x", "--json-keys"))
    assert.equal("partylua: bad key 1: a key is a string\n",
      complaint("storage", "get", "main/lobby", "1", "--json-keys"))
  end)

  it("take a value from standard input", function()
    local code, output = Process.run { "sh", "-c", ("echo 42 | %q storage put main/lobby a - "
      .. "--data=%q"):format(party.program, data) }
    assert.equal(0, code, output)
    assert.equal("42\n", output_of("storage", "get", "main/lobby", "a"))
  end)

  it("are what the room sees", function()
    output_of("storage", "put", "main/lobby", "one", "41")
    serve()
    assert.equal("42", ask("lobby", "count 9"))
  end)

  it("say what is not there or cannot be stored", function()
    assert.equal("partylua: main/lobby has no entry 'x\\x1b'\n",
      complaint("storage", "get", "main/lobby", "x\27"))
    assert.equal("partylua: main/none has no entry 'a'\n",
      complaint("storage", "get", "main/none", "a"))
    assert.equal("partylua: bad value: invalid JSON at line 1, column 1: unexpected 'hello', "
      .. "expected a value\n  hint: VALUE is JSON; with --raw it is a string as it stands\n",
      complaint("storage", "put", "main/lobby", "a", "hello"))
    local code, output = Process.run { "sh", "-c", ("head -c 131106 /dev/zero | %q storage put "
      .. "main/lobby a - --raw --data=%q"):format(party.program, data) }
    assert.equal(1, code)
    assert.equal("partylua: the value is larger than 131106 bytes: it has 131107\n", output)
    assert.matches("^partylua: bad key k+: the key is larger than 2048 bytes\n",
      complaint("storage", "put", "main/lobby", ("k"):rep(2049), "1"))
    assert.equal("partylua: 'lobby' names no room\n  hint: write PARTY/ROOM, such as main/lobby\n",
      complaint("storage", "put", "lobby", "a", "1"))
    assert.matches("^partylua: storage put: missing argument 'value'\n",
      complaint("storage", "put", "main/lobby", "a"))
  end)
end)

describe("partylua storage delete", function()
  before_each(make_store)

  it("deletes the keys that are there", function()
    assert.equal("deleted 1 entry of main/lobby\n",
      output_of("storage", "delete", "main/lobby", "a", "a", "x"))
    assert.equal('{"key":"b","value":[true]}\n', entries_of "main/lobby")
    assert.equal("deleted 0 entries of main/none\n",
      output_of("storage", "delete", "main/none", "a"))
  end)

  it("deletes everything when that is said, and the room with it", function()
    output_of("storage", "import", "main/lobby", "--merge",
      write("head.jsonl", '{"export":1,"alarm":{"due":99}}\n'))
    assert.equal("deleted 2 entries of main/lobby\n",
      output_of("storage", "delete", "main/lobby", "--all"))
    assert.equal("partylua: main/lobby has stored nothing\n",
      complaint("storage", "export", "main/lobby"))
    assert.equal("", output_of("rooms", "--json"))
  end)

  it("asks for a key or for --all, and not for both", function()
    local before = export "main/lobby"
    assert.equal("partylua: storage delete: no key is named\n"
      .. "  hint: --all deletes everything of the room\n",
      complaint("storage", "delete", "main/lobby"))
    assert.equal("partylua: storage delete: --all takes no keys\n",
      complaint("storage", "delete", "main/lobby", "a", "--all"))
    assert.equal(before, export "main/lobby")
  end)
end)

describe("partylua storage list", function()
  it("prints entries in the order of their keys, from either end", function()
    local keys = { "", "a", "a1", "a2", "b", ("long"):rep(400), ("long"):rep(400) .. "!" }
    local lines = {}
    for i, key in ipairs(keys) do lines[i] = ('{"key":"%s","value":%d}\n'):format(key, i) end
    output_of("storage", "import", "main/lobby", write("keys.jsonl", table.concat(lines)))
    assert.equal(table.concat(lines), output_of("storage", "list", "main/lobby"))
    assert.equal('"a"\n"a1"\n"a2"\n', output_of("storage", "list", "main/lobby", "--prefix", "a",
      "--keys"))
    assert.equal('"a2"\n"a1"\n', output_of("storage", "list", "main/lobby", "--prefix", "a",
      "--keys", "--reverse", "--limit", "2"))
    assert.equal("", output_of("storage", "list", "main/lobby", "--limit", "0"))
    assert.equal("", output_of("storage", "list", "main/none"))
    assert.equal('partylua: --limit must be a whole number, not "x"\n',
      complaint("storage", "list", "main/lobby", "--limit", "x"))
  end)

  it("goes through more than a page of them, both ways", function()
    local lines = {}
    for i = 1, 2500 do
      lines[i] = ('{"key":"%05d","value":"%s"}\n'):format(i, ("x"):rep(i % 100 == 0 and 99999 or 1))
    end
    output_of("storage", "import", "main/lobby", write("many.jsonl", table.concat(lines)))
    assert.equal(table.concat(lines), output_of("storage", "list", "main/lobby"))
    local reversed = lines_of(output_of("storage", "list", "main/lobby", "--reverse", "--keys"))
    assert.equal(2500, #reversed)
    for i, key in ipairs(reversed) do assert.equal(('"%05d"'):format(2501 - i), key) end
  end)

  it("ends in silence when nobody reads on, and complains about a full disk", function()
    make_store()
    local code, output = Process.run { "sh", "-c",
      ("%q storage list main/lobby --data=%q | true"):format(party.program, data) }
    assert.same({ 0, "" }, { code, output })
    code, output = Process.run { "sh", "-c",
      ("exec %q storage list main/lobby --data=%q > /dev/full"):format(party.program, data) }
    assert.equal(1, code)
    assert.equal("partylua: cannot write the output: No space left on device\n", output)
  end)
end)

-- Rooms -----------------------------------------------------------------------------------------

describe("partylua rooms", function()
  local function import(room, lines)
    output_of("storage", "import", room, write("room.jsonl", lines))
  end

  it("lists rooms in the order of their names, with what they take and their alarms", function()
    make_store()
    local in_a_day = (os.time() + 25 * 3600) * 1000
    import("main/quiz-7", ('{"export":1,"alarm":{"due":%d}}\n{"key":"k","value":"%s"}\n')
      :format(in_a_day, ("x"):rep(2000)))
    import("cursors/home", '{"export":1,"alarm":{"due":5,"retries":2}}\n')
    assert.equal("PARTY     ROOM     ENTRIES   STORAGE   ALARM\n"
      .. "cursors   home           0       0 B   due (failed 2 times)\n"
      .. "main      lobby          2      16 B   -\n"
      .. "main      quiz-7         1    2.0 kB   in 1 d\n", output_of "rooms")
    assert.equal("PARTY     ROOM   ENTRIES   STORAGE   ALARM\n"
      .. "cursors   home         0       0 B   due (failed 2 times)\n",
      output_of("rooms", "cursors"))
    assert.equal("PARTY   ROOM   ENTRIES   STORAGE   ALARM\n", output_of("rooms", "cursor"))
  end)

  it("gives exact names and figures as JSON", function()
    make_store()
    import("main/\27[2J ä\255", '{"export":1,"alarm":{"due":7000}}\n')
    local rooms = {}
    for i, line in ipairs(lines_of(output_of("rooms", "--json"))) do
      rooms[i] = json.decode(line)
      assert.is_true(rooms[i].created <= os.time() * 1000 + 1000)
      rooms[i].created = nil
    end
    assert.same({
      { party = "main", room = { ["$bytes"] = "G1sySiDDpP8=" }, entries = 0, bytes = 0,
        alarm = { due = 7000 } },
      { party = "main", room = "lobby", entries = 2, bytes = 16 },
    }, rooms)
    assert.matches("main    \\x1b[2J \\xc3\\xa4\\xff         0", output_of "rooms", 1, true)
  end)

  it("goes through more than a page of rooms, each once", function()
    local native = require "partylua.native"
    local store = assert(native.store_open(data, {}))
    for i = 1, 1234 do
      assert(store:write(i % 2 == 0 and "even" or "odd", ("room%05d"):format(i), { "k", "\1\1" }))
    end
    store:close()
    assert.equal(1235, #lines_of(output_of "rooms"))
    local lines = lines_of(output_of("rooms", "even"))
    assert.equal(618, #lines)
    for i = 2, #lines do
      assert.matches(("^even    room%05d "):format(2 * (i - 1)), lines[i])
    end
  end)
end)

-- The folder ------------------------------------------------------------------------------------

describe("a data folder", function()
  it("is the one that a server of the same project has", function()
    local app, project = party.write_file("app.lua", file.read(APP))
    party.write_file("partylua.json", '{ "main": "app.lua", "persist": "kept" }', project)
    local code, output = Process.run({ "sh", "-c", ('echo \'{"key":"one","value":6}\' '
      .. "| %q storage import main/lobby"):format(party.program) }, project)
    assert.equal(0, code, output)
    assert.is_true(path.isfile(project .. "/kept/data.mdb"))
    local named = project .. "/partylua.json"
    local process = Process.start { party.program, "serve", "--config", named, "--port=0",
      "--log-format=text" }
    finally(function() process:kill() end)
    local port = process:expect "url=%S-:(%d+)"
    local answer = http.request(port, "POST", "/parties/main/lobby", { body = "count 9" })
    assert.equal("7", answer.body)
    for _, arguments in ipairs {
      { "--app", app }, { "--config", named }, { "--data", project .. "/kept" },
    } do
      code, output = Process.run({ party.program, "storage", "get", "main/lobby", "one",
        unpack(arguments) }, project)
      assert.same({ 0, "7\n" }, { code, output })
    end
    party.write_file("partylua.json", '{ "persist": false }', project)
    code, output = Process.run({ party.program, "rooms" }, project)
    assert.equal(1, code)
    assert.matches("persist is false, so nothing is stored\n.*hint: name a folder with %-%-data\n",
      output)
  end)

  it("must be there for those who read or change it", function()
    local message = ("partylua: the data folder %s holds no data\n  hint: name the folder with "
      .. "--data, or the app that it belongs to with --app\n"):format(data)
    for _, command in ipairs {
      { "rooms" }, { "storage", "list", "main/a" }, { "storage", "get", "main/a", "k" },
      { "storage", "put", "main/a", "k", "1" }, { "storage", "delete", "main/a", "k" },
      { "storage", "export", "main/a" }, { "backup", root .. "/backup" },
    } do
      assert.equal(message, complaint(unpack(command)))
    end
    assert.is_false(path.exists(data))
    assert.is_false(path.exists(root .. "/backup"))
  end)

  --- How much of the server's address space is the store's.
  local function mapped_bytes()
    local maps = file.read(("/proc/%d/maps"):format(server.process.pid))
    local first, last = maps:match "(%x+)%-(%x+) [^\n]*/data%.mdb\n"
    return tonumber(last, 16) - tonumber(first, 16)
  end

  it("is reserved large, and takes little", function()
    serve()
    ask("lobby", "count 9")
    assert.equal(2 ^ 40, mapped_bytes())
    assert.is_true(path.getsize(data .. "/data.mdb") < 2 ^ 20)
    stop()
    serve("--map-bytes", "64MiB")
    assert.equal("2", ask("lobby", "count 9"))
    assert.equal(2 ^ 26, mapped_bytes())
  end)

  --- Replaces bytes of the store's file.
  local function patch(from, to)
    local text, count = file.read(data .. "/data.mdb"), 0
    local at = text:find(from, 1, true)
    while at do
      count = count + 1
      text = text:sub(1, at - 1) .. to .. text:sub(at + #from)
      at = text:find(from, at + #to, true)
    end
    assert.is_true(count > 0)
    file.write(data .. "/data.mdb", text)
  end

  local COMMANDS = {
    { "rooms" }, { "storage", "get", "main/lobby", "a" },
    { "storage", "put", "main/lobby", "a", "2" }, { "storage", "delete", "main/lobby", "--all" },
    { "serve", APP, "--port=0" }, { "backup", "/nowhere" },
  }

  --- Every command refuses the folder with this sentence, and leaves the file as it is.
  local function assert_refused(sentence, hint)
    local before = file.read(data .. "/data.mdb")
    for _, command in ipairs(COMMANDS) do
      assert.equal(("partylua: the data folder %s %s\n  hint: %s\n"):format(data, sentence, hint),
        complaint(unpack(command)))
    end
    assert.equal(before, file.read(data .. "/data.mdb"))
  end

  it("of a newer format is refused", function()
    make_store()
    local number = ("\0"):rep(7)
    patch("partylua format" .. number .. "\2", "partylua format" .. number .. "\3")
    assert_refused("was made by a newer version of partylua",
      "install that version, or choose another folder with --data")
  end)

  it("of the format before is taken over", function()
    make_store()
    local number = ("\0"):rep(7)
    patch("partylua format" .. number .. "\2", "partylua format" .. number .. "\1")
    os.remove(data .. "/journal")
    assert.equal("1\n", output_of("storage", "get", "main/lobby", "a"))
    serve()
    ask("lobby", "count 9")
    stop()
    assert.equal("1\n", output_of("storage", "get", "main/lobby", "a"))
    patch("partylua format" .. number .. "\2", "partylua format" .. number .. "\3")
  end)

  it("whose data.mdb is not the one that its journal is for is refused", function()
    make_store()
    serve()
    ask("lobby", "count 9")
    server.process:kill()
    server = nil
    local killed = file.read(data .. "/journal")
    serve()
    ask("lobby", "count 9")
    stop()
    file.write(data .. "/journal", killed)
    assert_refused("holds a journal that belongs to another data.mdb",
      "put the data.mdb back that was there, or remove the journal and lose what it holds")
  end)

  it("with something else in it is refused", function()
    local hint = "choose another folder with --data"
    make_store()
    patch("partylua format", "something else.")
    assert_refused("holds files that are no data of partylua", hint)
    file.write(data .. "/data.mdb", ("some other file\n"):rep(1000))
    assert_refused("holds files that are no data of partylua", hint)
  end)
end)

-- Beside a server -------------------------------------------------------------------------------

describe("beside a running server", function()
  it("what reads works, and sees what was acknowledged", function()
    serve()
    for i = 1, 5 do
      ask("lobby", "count 9")
      assert.equal(i .. "\n", output_of("storage", "get", "main/lobby", "one"))
      assert.matches("lobby   awake ", output_of "rooms", 1, true)
      assert.equal(4, #lines_of(export "main/lobby"))
      assert.equal(3, #lines_of(output_of("storage", "list", "main/lobby")))
    end
  end)

  it("what cannot go through it is refused, and nothing is changed", function()
    serve()
    os.remove(data .. "/admin.sock") -- without it nothing can
    ask("lobby", "count 9")
    local before = export "main/lobby"
    local backup = root .. "/backup"
    output_of("backup", backup)
    local input = write("one.jsonl", '{"key":"one","value":100}\n')
    for _, command in ipairs {
      { "storage", "put", "main/lobby", "one", "100" },
      { "storage", "delete", "main/lobby", "one" },
      { "storage", "delete", "main/lobby", "--all" }, { "restore", backup },
      { "storage", "import", "main/lobby", input, "--replace" }, { "restore", backup, "--force" },
      { "serve", APP, "--port=0" },
    } do
      assert.equal(("partylua: the data folder %s is in use by a running server\n"
        .. "  hint: stop that server first, or choose another folder with --data\n"):format(data),
        complaint(unpack(command)))
    end
    assert.equal(before, export "main/lobby")
    assert.equal("2", ask("lobby", "count 9"))
  end)

  --- The entries of a room by key.
  local function values_of(room)
    local values = {}
    for _, line in ipairs(lines_of(output_of("storage", "list", room))) do
      local entry = json.decode(line)
      values[entry.key] = entry.value
    end
    return values
  end

  it("a backup is of one moment, however much is being written", function()
    local served = data
    serve()
    finally(function()
      ask("one", "calm")
      ask("two", "calm")
    end)
    ask("one", "storm")
    ask("two", "storm")
    for i = 1, 3 do
      data = served
      party.eventually("the rooms write on", function()
        local one, two = values_of "main/one", values_of "main/two"
        return one.one and one.one > i * 10 and two.one and two.one > i * 10
      end)
      local before = values_of "main/one"
      output_of("backup", root .. "/backup" .. i)
      local after = values_of "main/one"
      data = root .. "/restored" .. i
      output_of("restore", root .. "/backup" .. i)
      for _, room in ipairs { "main/one", "main/two" } do
        local values = values_of(room)
        assert.equal(values.one, values.two)
        assert.equal(("%09d"):format(values.one):rep(1000), values.filling)
      end
      local one = values_of("main/one").one
      assert.is_true(before.one <= one and one <= after.one)
    end
  end)

  it("a reader that was killed does not keep the store growing", function()
    serve()
    for i = 1, 10 do ask("large", ("put key%d %s"):format(i, ("x"):rep(30000))) end
    -- It prints more than a pipe takes, and nobody reads: so it holds its snapshot.
    local reader = Process.start { party.program, "storage", "export", "main/large",
      "--data=" .. data }
    reader:expect '"entries":10()'
    for _ = 1, 80 do ask("lobby", "count 90000") end
    reader:kill()
    -- More than what is held back between two checkpoints.
    for _ = 1, 500 do ask("lobby", "count 90000") end
    local size = path.getsize(data .. "/data.mdb")
    for _ = 1, 500 do ask("lobby", "count 90000") end
    assert.is_true(path.getsize(data .. "/data.mdb") <= size)
  end)
end)

-- Backups ---------------------------------------------------------------------------------------

describe("partylua backup and restore", function()
  local backup

  before_each(function()
    make_store()
    backup = root .. "/backup"
    output_of("backup", backup)
  end)

  it("make the same store again", function()
    serve()
    ask("other", "fill 3")
    ask("gone", "count 90000")
    stop()
    output_of("storage", "delete", "main/gone", "--all")
    local whole = root .. "/whole"
    local said = output_of("backup", whole)
    assert.equal(("wrote %s: %d bytes\n"):format(whole, path.getsize(whole)), said)
    assert.is_true(path.getsize(whole) < path.getsize(data .. "/data.mdb")) -- compact
    assert.is_false(path.exists(whole .. ".part"))
    local before, rooms = export "main/other", output_of("rooms", "--json")
    data = root .. "/restored/deep"
    assert.matches("^restored 2 rooms with %d+ entries into " .. data .. "\n$",
      output_of("restore", whole))
    assert.equal(before, export "main/other")
    assert.equal(rooms, output_of("rooms", "--json"))
    serve()
    assert.equal("the same", ask("other", "check 3"))
  end)

  it("never write over a file that is there", function()
    local before = file.read(backup)
    assert.equal(("partylua: %s is there already\n  hint: choose a new name: a backup replaces no "
      .. "other\n"):format(backup), complaint("backup", backup))
    assert.equal(before, file.read(backup))
    file.write(root .. "/next.part", "mine")
    assert.equal(("partylua: %s/next.part is there already\n  hint: another backup writes it, or "
      .. "one was cut short: then remove it\n"):format(root), complaint("backup", root .. "/next"))
    assert.equal("mine", file.read(root .. "/next.part"))
    assert.is_false(path.exists(root .. "/next"))
    assert.equal(("partylua: cannot write %s/no/where: No such file or directory\n"
      .. "  hint: the folder of the file has to be there\n"):format(root),
      complaint("backup", root .. "/no/where"))
  end)

  it("put nothing where there is data, unless forced", function()
    output_of("storage", "put", "main/lobby", "a", "2")
    local message = ("partylua: the data folder %s is not empty\n  hint: --force takes the place "
      .. "of what is stored there, and keeps that beside it\n"):format(data)
    assert.equal(message, complaint("restore", backup))
    assert.equal("2\n", output_of("storage", "get", "main/lobby", "a"))
    assert.equal(("restored 1 room with 2 entries into %s\n"
      .. "the data that was there is %s/data.mdb.before-restore\n"):format(data, data),
      output_of("restore", backup, "--force"))
    assert.equal("1\n", output_of("storage", "get", "main/lobby", "a"))
    assert.matches("data%.mdb%.before%-restore%-2\n$", output_of("restore", backup, "--force"))
    local kept = data .. "/data.mdb.before-restore"
    data = root .. "/kept"
    output_of("restore", kept)
    assert.equal("2\n", output_of("storage", "get", "main/lobby", "a"))
  end)

  it("keep what a killed server had in its journal only", function()
    serve()
    ask("lobby", "count 9")
    server.process:kill()
    server = nil
    output_of("restore", backup, "--force")
    assert.matches("has no entry", complaint("storage", "get", "main/lobby", "count"))
    local kept = data .. "/data.mdb.before-restore"
    data = root .. "/kept"
    output_of("restore", kept)
    serve()
    assert.equal("2", ask("lobby", "count 9"))
  end)

  it("leave a folder alone that is somebody else's", function()
    data = root .. "/home"
    party.write_file("home/letter.txt", "dear", root)
    assert.matches(" is not empty\n", complaint("restore", backup))
    assert.is_false(path.exists(data .. "/server.lock"))
    assert.is_false(path.exists(data .. "/data.mdb"))
  end)

  it("look a file through before it counts", function()
    local whole = file.read(backup)
    local newer = whole:gsub("(partylua format%z%z%z%z%z%z%z)\2", "%1\3")
    for text, sentence in pairs {
      ["some text\n"] = "is no backup of partylua",
      [""] = "is no backup of partylua",
      [whole:sub(1, 3000)] = "is no backup of partylua",
      [whole:sub(1, #whole - 1)] = "is damaged",
      [whole:sub(1, 8192)] = "is damaged",
      [whole:sub(1, 8192) .. ("\0"):rep(#whole - 8192)] = "is damaged",
      [newer] = "was made by a newer version of partylua",
      [(whole:gsub("partylua format", "something else."))] = "is no backup of partylua",
    } do
      local bad = write("bad", text)
      for _, is_forced in ipairs { false, true } do
        local said = complaint("restore", bad, is_forced and "--force" or nil)
        assert.equal(("partylua: the file %s %s\n"):format(bad, sentence), said)
      end
    end
    assert.equal("partylua: the file /gone does not exist\n", complaint("restore", "/gone"))
    assert.equal("1\n", output_of("storage", "get", "main/lobby", "a"))
    assert.same({ "data.mdb", "lock.mdb", "server.lock" }, (function()
      local names = require("pl.dir").getfiles(data)
      for i, name in ipairs(names) do names[i] = path.basename(name) end
      table.sort(names)
      return names
    end)())
  end)

  --- Starts to restore a file into the folder and kills that when it has begun, again and again
  --- until it was not done already.
  local function kill_restore(prepare, source, ...)
    for _ = 1, 20 do
      data = party.make_folder() .. "/state"
      prepare()
      local process = Process.start { party.program, "restore", source, "--data=" .. data, ... }
      party.eventually("the restore begins", function()
        return path.exists(data .. "/data.mdb.part") or process:read_output() ~= ""
      end)
      process:kill()
      if process.code == 128 + sys.SIGKILL then return end
    end
    error "every restore was faster than its end"
  end

  it("leave the old store or the new one, and no other, when killed", function()
    local lines = {}
    for i = 1, 400 do lines[i] = ('{"key":"%d","value":"%s"}\n'):format(i, ("x"):rep(120000)) end
    output_of("storage", "import", "main/large", write("large.jsonl", table.concat(lines)))
    local large = root .. "/large"
    output_of("backup", large)

    kill_restore(function() end, large)
    assert.is_false(path.exists(data .. "/data.mdb"))
    assert.matches("^restored 2 rooms with 402 entries", output_of("restore", large))
    assert.is_false(path.exists(data .. "/data.mdb.part"))

    kill_restore(function() output_of("restore", backup) end, large, "--force")
    assert.equal(2, #lines_of(output_of "rooms"))
    assert.equal("1\n", output_of("storage", "get", "main/lobby", "a"))
    assert.matches("^restored 2 rooms with 402 entries", output_of("restore", large, "--force"))
    assert.equal(3, #lines_of(output_of "rooms"))
  end)
end)
