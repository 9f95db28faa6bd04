--- types: lualib/partylua/types says what there is, no more and no less.

local annotations = require "spec.support.annotations"
local dir = require "pl.dir"

local NATIVE = "lualib/partylua/types/native.lua"

--- The files of a folder whose names end in .lua, sorted.
local function lua_files(folder)
  local files = {}
  for _, path in ipairs(dir.getallfiles(folder, "*.lua")) do files[#files + 1] = path end
  table.sort(files)
  return files
end

local function public_files()
  local files = {}
  for _, path in ipairs(lua_files "lualib/partylua/types") do
    if path ~= NATIVE then files[#files + 1] = path end
  end
  return files
end

local function sources()
  local files = {}
  for _, path in ipairs(lua_files "lualib/partylua") do
    if not path:find("/types/", 1, true) then files[#files + 1] = path end
  end
  return files
end

local function sorted_keys(set)
  local keys = {}
  for key in pairs(set) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

local function is_c(value)
  return type(value) == "function" and debug.getinfo(value, "S").what == "C"
end

--- The tables of functions that C has registered for a type of handle. Its metatable names it
--- in the registry, and keeps them as upvalues of __index.
local function registered(name)
  local index = debug.getregistry()["partylua." .. name].__index
  local _, methods = debug.getupvalue(index, 1)
  local _, getters = debug.getupvalue(index, 2)
  return { methods, getters }
end

--- The names of a class in the annotations: fields without their mark, and functions.
local function declared_names(class)
  local names = {}
  for field in pairs(class.fields) do names[field:gsub("%?$", "")] = true end
  for name in pairs(class.functions) do names[name] = true end
  return names
end

local function names_where(tables, is_wanted)
  local names = {}
  for _, each in ipairs(tables) do
    for name, value in pairs(each) do
      if is_wanted(name, value) then names[name] = true end
    end
  end
  return names
end

describe("types/native.lua", function()
  local classes = annotations.read { NATIVE }
  local native = require "partylua.native"

  it("declares what the module holds, and nothing else", function()
    local held = names_where({ native }, function(_, value)
      return type(value) ~= "function" or is_c(value)
    end)
    assert.same(sorted_keys(held), sorted_keys(declared_names(classes["partylua.native"])))
  end)

  for _, name in ipairs { "Timer", "Room", "Connection", "Exchange", "Call", "Transfer", "File",
    "Store", "Watch", "Tap", "Wire", "Line", "Dial", "VectorCall" } do
    it("declares each method and attribute of a " .. name .. " that C has registered", function()
      local held = names_where(registered(name), function(_, value) return is_c(value) end)
      local declared = declared_names(classes["partylua.native." .. name])
      assert.same(sorted_keys(held), sorted_keys(declared))
    end)
  end

  it("knows every type of handle", function()
    local handles = {}
    for key in pairs(debug.getregistry()) do
      local name = type(key) == "string" and key:match "^partylua%.(%u%a+)$"
      if name then handles["partylua.native." .. name] = true end
    end
    for name in pairs(handles) do assert.truthy(classes[name], name .. " is not declared") end
    assert.equal(15, #sorted_keys(handles))
  end)
end)

describe("types of the public API", function()
  local classes = annotations.read(public_files())
  local context = require "partylua.context"
  local native = require "partylua.native"
  local party = require "partylua"
  local parties = require "partylua.parties"
  for name in pairs(getmetatable(party).later) do assert(party[name]) end
  require "partylua.host" -- gives the handles their methods, and so does what it requires
  local FormData, URL = party.FormData, party.URL
  local Storage = require "partylua.storage"
  local Transaction = require "partylua.storage.transaction"

  local function stub_classes()
    parties.configure { "main" }
    local main = parties.for_host("test").main
    return getmetatable(main).__index, getmetatable(main:get "a").__index
  end
  local Party, Stub = stub_classes()

  -- What classes of ours have for each other, and no user should call.
  local INTERNAL = {
    init = true, adopt = true, from = true, extract = true, produce = true, parse = true,
    encode = true, changed = true, Pairs = true, configure = true,
  }

  --- Names with an underscore are ours: the API is PartyKit's, in camelCase.
  local function is_public(name)
    return type(name) == "string" and not name:find "_" and not INTERNAL[name]
  end

  --- What each class is made of: tables whose names are all public, and objects whose fields
  --- are made when they are read, so that they can be looked at but not listed.
  local ALL = {
    ["partylua"] = { party },
    ["partylua.Timer"] = registered "Timer",
    ["partylua.BinaryModule"] = { party.binary },
    ["partylua.Binary"] = {},
    ["partylua.Json"] = { party.json },
    ["partylua.Log"] = { party.log },
    ["partylua.Headers"] = { party.Headers },
    ["partylua.Body"] = { getmetatable(party.Request).__index },
    ["partylua.Request"] = { party.Request },
    ["partylua.Response"] = { party.Response },
    ["partylua.AbortController"] = { party.AbortController },
    ["partylua.AbortSignal"] = { party.AbortController.Signal },
    ["partylua.WebSocket"] = { party.WebSocket },
    ["partylua.Pairs"] = { getmetatable(FormData).__index },
    ["partylua.SearchParams"] = { getmetatable(URL("http://a/").searchParams) },
    ["partylua.FormData"] = { FormData },
    ["partylua.File"] = { FormData.File },
    ["partylua.URL"] = { URL },
    ["partylua.Room"] = { native.room.methods, native.room.getters },
    ["partylua.Connection"] = { native.connection.methods, native.connection.getters },
    ["partylua.Storage"] = { Storage, getmetatable(Storage).__index },
    ["partylua.Transaction"] = { Transaction, getmetatable(Transaction).__index },
    ["partylua.VectorIndex"] = { require "partylua.vectorize.index" },
    ["partylua.Assets"] = { getmetatable(context.shared "assets") },
    ["partylua.Party"] = { Party },
    ["partylua.Stub"] = { Stub },
    ["partylua.StubSocket"] = { require "partylua.stubsocket" },
    ["partylua.ExecutionContext"] = { context.execution() },
    ["partylua.testing"] = { require "partylua.testing" },
    ["partylua.testing.App"] = { require "partylua.testing.app" },
    ["partylua.testing.Room"] = { require "partylua.testing.room" },
    ["partylua.testing.Client"] = { require "partylua.testing.client" },
    ["partylua.testing.Answer"] = { require "partylua.testing.answer" },
    ["partylua.Ai"] = { require "partylua.ai" },
    ["partylua.AiStream"] = { require "partylua.ai.stream" },
    ["partylua.Jwt"] = { require "partylua.jwt" },
    ["partylua.History"] = { require "partylua.history" },
    ["partylua.Presence"] = { require "partylua.presence" },
    ["partylua.RateLimit"] = { require "partylua.ratelimit" },
  }
  local request = party.Request("http://a/?b=c", { method = "POST", body = "d" })
  request.address = "127.0.0.1"
  local INSTANCES = {
    ["partylua.Body"] = request,
    ["partylua.Request"] = request,
    ["partylua.Response"] = party.Response "a",
    ["partylua.AbortController"] = party.AbortController(),
    ["partylua.AbortSignal"] = { aborted = true, reason = "" },
    ["partylua.Binary"] = party.binary "a",
    ["partylua.URL"] = URL "http://a/",
    ["partylua.File"] = FormData.File("a", "b"),
    ["partylua.StubSocket"] = { readyState = 0 },
    ["partylua.WebSocket"] = { readyState = 0, protocol = "", url = "" },
    ["partylua.testing.Room"] = { id = "", party = "" },
    ["partylua.testing.Client"] = { id = "", inbox = {}, closed = {}, rejected = {}, state = "",
      protocol = "" },
    ["partylua.testing.Answer"] = { status = 0, statusText = "", headers = {}, body = "", ok = true,
      pending = true, broken = true },
    ["partylua.AiStream"] = { contentType = "", requestId = "" },
    ["partylua.Ai"] = { lastRequestId = "" },
    ["partylua.FetchLobby"] = context.lobby("a", "b"),
    ["partylua.Lobby"] = context.lobby("a", "b"),
  }
  -- `ai` is there when it is configured.
  local function is_optional(field) return field:find "%?$" ~= nil end
  -- What reads and writes below the checks of an Entries.
  local BELOW = { begin = true, read = true, write = true, remove = true, range = true,
    finish = true }
  -- A connection's `request` is there for sockets of onSocket alone.
  local ELSEWHERE = {
    ["partylua.Connection"] = { request = true },
    ["partylua.Storage"] = BELOW, ["partylua.Transaction"] = BELOW,
    ["partylua.testing.App"] = { open = true, begin = true, leave = true, finish = true,
      settle = true, gather = true },
    ["partylua.testing.Room"] = { new = true },
    ["partylua.testing.Client"] = { connect = true },
    ["partylua.testing.Answer"] = { of = true, request = true },
  }

  for name, tables in pairs(ALL) do
    it("declare every public name of " .. name, function()
      local class = assert(classes[name], name .. " is not declared")
      local declared, missing = declared_names(class), {}
      local inherited = class.parent and declared_names(classes[class.parent]) or {}
      for held in pairs(names_where(tables, is_public)) do
        local is_elsewhere = ELSEWHERE[name] and ELSEWHERE[name][held]
        if not declared[held] and not inherited[held] and not is_elsewhere then
          missing[#missing + 1] = held
        end
      end
      assert.same({}, missing)
    end)

    it("declare nothing of " .. name .. " that is not there", function()
      local held = names_where(tables, function() return true end)
      local instance = INSTANCES[name]
      for declared in pairs(declared_names(classes[name])) do
        local is_there = held[declared] or instance and instance[declared] ~= nil
        assert.truthy(is_there, ("%s.%s is declared and not there"):format(name, declared))
      end
    end)
  end

  for _, name in ipairs { "partylua.FetchLobby", "partylua.Lobby" } do
    it("declare of " .. name .. " what a static hook gets", function()
      for field in pairs(classes[name].fields) do
        local is_there = INSTANCES[name][field] or is_optional(field)
        assert.truthy(is_there, field .. " is declared and not there")
      end
    end)
  end

  it("declare no class that is not looked at, here or in a running server", function()
    local shapes, looked = require "spec.support.shapes", { ["party.Server"] = true }
    for name in pairs(ALL) do looked[name] = true end
    for name in pairs(INSTANCES) do looked[name] = true end
    for _, list in ipairs { shapes.given, shapes.taken } do
      for _, name in ipairs(list) do looked[name] = true end
    end
    for name in pairs(shapes.shown) do looked[name] = true end
    local missing = {}
    for name in pairs(classes) do
      local is_of_specs = name:find "^partylua%.testing" -- spec/testing looks at them
      if not looked[name] and not is_of_specs then missing[#missing + 1] = name end
    end
    assert.same({}, missing)
  end)

  it("declare the hooks that are called, and no others", function()
    local hooks = {}
    for _, name in ipairs(require("partylua.server").hooks) do hooks[name] = true end
    assert.same(sorted_keys(hooks), sorted_keys(classes["party.Server"].functions))
    for name, hook in pairs(classes["party.Server"].functions) do
      assert.is_true(hook.is_method, name .. " is a hook and needs its colon")
    end
  end)

  it("give fields the types that the sources give them", function()
    local compared = 0
    for name, source in pairs(annotations.read(sources())) do
      local public = classes[name]
      for field, kind in pairs(public and source.fields or {}) do
        if is_public(field:gsub("%?$", "")) then
          compared = compared + 1
          local what = ("%s.%s in %s"):format(name, field, source.place)
          assert.equal(kind, public.fields[field], what)
        end
      end
    end
    assert.is_true(compared > 30, compared .. " fields compared")
  end)

  it("give functions the parameters that the sources give them", function()
    local compared = 0
    for name, source in pairs(annotations.read(sources())) do
      for fn_name, fn in pairs(classes[name] and source.functions or {}) do
        local declared = classes[name].functions[fn_name]
        if declared and not fn.is_hidden then
          compared = compared + 1
          assert.same(fn.documented, declared.documented, fn.place)
          assert.equal(fn.is_method, declared.is_method, fn.place)
        end
      end
    end
    assert.is_true(compared > 40, compared .. " functions compared")
  end)

  --- Lua knows how many parameters its functions have, whatever the comments say.
  local function parameter_count(fn, is_method)
    local info = debug.getinfo(fn, "u")
    return info.nparams - (is_method and 1 or 0), info.isvararg
  end

  it("give functions as many parameters as they have", function()
    local compared = 0
    for name, tables in pairs(ALL) do
      for fn_name, declared in pairs(classes[name].functions) do
        for _, each in ipairs(tables) do
          local fn = rawget(each, fn_name)
          if type(fn) == "function" and not is_c(fn) then
            local count, is_open = parameter_count(fn, declared.is_method)
            local expected, rest = #declared.parameters, declared.parameters[#declared.parameters]
            if rest == "..." then expected = expected - 1 end
            local is_same = expected == count or count <= 0 and expected == 0
            compared = compared + 1
            assert.truthy(is_same, ("%s of %s has %d parameters"):format(fn_name, name, count))
            assert.equal(is_open, rest == "...", fn_name .. " of " .. name)
          end
        end
      end
    end
    assert.is_true(compared > 60, compared .. " functions compared")
  end)
end)

describe("each file of types", function()
  for _, path in ipairs(lua_files "lualib/partylua/types") do
    it("is Lua that an editor may load: " .. path, function()
      assert(loadfile(path))
      assert.equal("---@meta", io.lines(path)():sub(1, 8))
    end)

    it("documents each parameter once, in order: " .. path, function()
      local count = 0
      for _, class in pairs(annotations.read { path }) do
        for _, fn in pairs(class.functions) do
          local documented = {}
          for i, param in ipairs(fn.documented) do
            documented[i] = param.name:gsub("%?$", "")
            assert.is_true(param.type ~= "", fn.place .. ": " .. param.name .. " has no type")
          end
          count = count + 1
          assert.same(fn.parameters, documented, fn.place)
        end
      end
      assert.is_true(count > 0)
    end)
  end
end)
