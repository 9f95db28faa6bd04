--- stub_cases: what the stub party does with other rooms, called as (parties, to, room).

local party = require "partylua"

local json = party.json

local COLLECT_MS = 2000 -- how long a case waits for messages before it answers with what came

local cases = {}

--- The status of an answer and its body, parsed where it is JSON.
local function describe(answer)
  local text = answer:text()
  local is_json, value = pcall(json.decode, text)
  return { status = answer.status, body = is_json and value or text }
end

--- Starts gathering what a socket hears; the function it gives waits for `count` messages or
--- the end of the socket.
local function collect(socket, count)
  local seen, closed = json.array {}, false
  socket:addEventListener("message", function(event)
    local is_object = event.data:sub(1, 1) == "{"
    seen[#seen + 1] = is_object and json.decode(event.data) or event.data
  end)
  socket:addEventListener("close", function(event)
    seen[#seen + 1] = { closed = event.code, reason = event.reason }
    closed = true
  end)
  local deadline = party.now() + COLLECT_MS
  return function()
    while #seen < count and not closed and party.now() < deadline do party.sleep(0.005) end
    return { seen = seen }
  end
end

local function collect_and_close(socket, count)
  local answer = collect(socket, count)()
  socket:close(1000, "done")
  return answer
end

-- Requests ----------------------------------------------------------------------------------

function cases.fetch(parties, to)
  return describe(parties.echo:get(to):fetch())
end

function cases.fetchpath(parties, to)
  return describe(parties.echo:get(to):fetch "/sub/path?x=1")
end

function cases.fetchinit(parties, to)
  local init = { method = "POST", headers = { ["x-from"] = "stub" }, body = "stub body" }
  return describe(parties.echo:get(to):fetch(init))
end

function cases.fetchpathinit(parties, to)
  local init = { method = "PUT", headers = { ["x-from"] = "stub2" }, body = "put body" }
  return describe(parties.echo:get(to):fetch("/deep?y=2", init))
end

function cases.badpath(parties, to)
  return describe(parties.echo:get(to):fetch "nope")
end

function cases.missing(parties)
  return { missing = parties.nosuchparty == nil }
end

function cases.throwing(parties, to)
  return describe(parties.http:get(to):fetch "/throw?message=remote&code=409")
end

function cases.bare(parties, to)
  return describe(parties.bare:get(to):fetch())
end

function cases.gate(parties, to)
  return describe(parties.gate:get(to):fetch "/?mode=deny")
end

function cases.redirect(parties, to)
  local path = "/redirect?to=/parties/http/" .. to .. "/text"
  return describe(parties.http:get(to):fetch(path, { redirect = "manual" }))
end

function cases.main(parties, to)
  return describe(parties.main:get(to):fetch "/x")
end

function cases.same(parties, to)
  return describe(parties.stub:get(to):fetch "/leaf")
end

function cases.leaf(_, _, room)
  return { leaf = room.id }
end

--- The same room, twice: its memory must be shared.
function cases.count(parties, to)
  parties.http:get(to):fetch "/count"
  return describe(parties.http:get(to):fetch "/count")
end

--- A POST to the chat party makes it broadcast the body.
function cases.notify(parties, to)
  return describe(parties.chat:get(to):fetch { method = "POST", body = "from stub" })
end

-- Sockets -----------------------------------------------------------------------------------

function cases.badsocketpath(parties, to)
  return parties.echo:get(to):socket "nope"
end

function cases.socket(parties, to)
  local socket = parties.echo:get(to):socket()
  local seen = collect(socket, 2)
  socket:send "over the stub"
  local answer = seen()
  socket:close(1000, "done")
  return answer
end

function cases.socketpath(parties, to)
  local init = { headers = { ["x-from"] = "stub3" } }
  return collect_and_close(parties.echo:get(to):socket("/p?_pk=zed", init), 1)
end

function cases.socketclose(parties, to)
  local socket = parties.chat:get(to):socket "/?_pk=s"
  local seen = collect(socket, 1)
  socket:send(json.encode { op = "close", code = 4009, reason = "bye" })
  return seen()
end

function cases.socketrefused(parties, to)
  return collect(parties.faults:get(to):socket "/?fail=connect", 1)()
end

--- The older way, over the public address.
function cases.connect(parties, to)
  return collect_and_close(parties.echo:get(to):connect(), 1)
end

--- A server's own socket hears broadcasts like any client.
function cases.broadcastto(parties, to)
  local socket = parties.chat:get(to):socket "/?_pk=srv"
  local seen = collect(socket, 1)
  parties.chat:get(to):fetch { method = "POST", body = "to all" }
  local answer = seen()
  socket:close(1000, "done")
  return answer
end

return cases
