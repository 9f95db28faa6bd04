--- insert: `partylua vectorize insert NAME --file F`: vectors from lines of JSON.
---
--- Each batch counts as a whole. PartyKit ends after 100,000 vectors; there is no need to here.

local desk = require "partylua.cli.vectorize.desk"
local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local json = require "partylua.json"
local lines = require "partylua.cli.lines"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local units = require "partylua.config.units"

local insert = { summary = "insert vectors from a file" }

local LINE_BYTES_MAX = 1024 * 1024
local BATCH = 1000

local function build_parser()
  local made = desk.parser("insert", " NAME --file FILE", "Insert vectors from lines of JSON: "
    .. "{\"id\":…,\"values\":[…],\"namespace\":…,\"metadata\":{…}}. Those whose ids are there "
    .. "already stay as they are.")
  desk.add_name(made)
  made:option("--file", "lines of JSON; '-' is standard input"):argname("FILE")
  made:option("--batch-size", "vectors that are written together, up to 1000"):argname "N"
    :target "batch_size"
  made:flag("--upsert", "put them in the place of those with their ids")
  made:flag("--json", "print the figures as JSON")
  return made
end

function insert.help()
  return build_parser():get_help()
end

local function batch_size_of(result)
  if not result.batch_size then return BATCH end
  local size = units.kinds.count.read(result.batch_size)
  if size and size >= 1 and size <= BATCH then return size end
  return failure.raise(('vectorize insert: --batch-size must be a whole number from 1 to %d, '
    .. 'not "%s"'):format(BATCH, result.batch_size))
end

--- Writes what was gathered. The message of an error names the vector.
local function flush(index, source, batch, act)
  if #batch == 0 then return 0 end
  local ok, result = pcall(index[act], index, batch)
  if ok then return result.count end
  local text = failure.is(result) and result.message or tostring(result)
  local place = batch.first == batch.last and batch.first or batch.first .. "-" .. batch.last
  failure.raise(("%s:%s: %s"):format(source.name, place, text),
    "the lines before them are written, and they are not")
end

local function run(index, source, size, act)
  local batch, read, written = {}, 0, 0
  for line in source.next, source do
    if line:find "%S" then
      local vector, message = json.tryDecode(line)
      if message then source:fail(message) end
      batch.first, batch.last = batch.first or source.number, source.number
      batch[#batch + 1], read = vector, read + 1
    end
    if #batch == size then
      written = written + flush(index, source, batch, act)
      batch = {}
    end
  end
  return read, written + flush(index, source, batch, act)
end

---@param args string[]
function insert.run(args)
  local result = parser.parse(build_parser(), "vectorize insert", args)
  if not result then return end
  local name, size = desk.check_name(result.name), batch_size_of(result)
  if not result.file then
    failure.raise("vectorize insert: no file is named", "--file F.ndjson names it")
  end
  local source = lines.open(result.file ~= "-" and result.file or nil, LINE_BYTES_MAX)
  local store = folder.open_existing(result)
  desk.run(store, "describe", name, {})
  local ok, read, written =
    pcall(run, desk.index(store, name), source, size, result.upsert and "upsert" or "insert")
  store:close()
  if not ok then error(read, 0) end
  if result.json then
    output.write(ordered.encode { read = read, written = written }, "\n")
  else
    output.write(("wrote %d of %d vectors into '%s'\n"):format(written, read, name))
  end
  output.finish()
end

return insert
