--- /metrics: what is counted, in the format of Prometheus.

local admin = require "spec.support.admin"
local file = require "pl.file"
local markdown = require "spec.support.markdown"
local party = require "spec.support.party"
local prometheus = require "spec.support.prometheus"

local APP = [[
local party = require "partylua"
require "partylua.ai" -- counts, once it is loaded; so does the next
require "partylua.vectorize.index"
local Main, Other = {}, {}
Main.options = { hibernate = true }
function Main:onBeforeConnect(request) return request end
function Main:onMessage(message, conn, is_binary)
  if message == "boom" then error "boom" end
  if message == "store" then
    self.room.storage:put("n", (self.room.storage:get "n" or 0) + 1)
    for _ in self.room.storage:list() do end
  end
  if message == "alarm" then self.room.storage:setAlarm(party.now() + 1) end
  if message == "close" then return conn:close(4321, "as told") end
  self.room:broadcast(is_binary and party.binary(message) or message)
end
function Main:onAlarm() self.room:broadcast "gone off" end
function Main:onRequest() return party.Response("no", { status = 418 }) end
function Other:onMessage(message, conn) conn:send(message) end
return party.app { main = Main, parties = { other = Other } }
]]

describe("/metrics", function()
  local server
  before_each(function() server = admin.serve(APP) end)
  after_each(function() server:stop() end)

  local function read()
    local answer = admin.request(server.data, "GET", "/metrics")
    assert.equal(200, answer.status)
    assert.matches("^text/plain; version=0.0.4", answer.headers["content-type"])
    return prometheus.read(answer.body)
  end

  --- A function that reads once, and then gives values of what it has read.
  local function reading()
    local families = read()
    return function(name, labels) return prometheus.value(families, "partylua_" .. name, labels) end
  end

  it("keeps to the format, when nothing has happened and when much has", function()
    read()
    local socket = server:connect "/parties/main/a"
    for _, message in ipairs { "one", "store", "boom", "alarm" } do socket:send(message) end
    socket:send_binary "\0\1"
    server:get "/parties/main/a"
    server:get '/parties/main/a?quote="'
    server:request("BREW", "/nothing")
    socket:receive_frame()
    read()
  end)

  it("has each name that the docs list, and no other", function()
    server:connect("/parties/main/a"):send "store"
    server:get "/parties/main/a"
    local listed = {}
    local chapter = file.read("docs/admin.md"):match "\n## Metrics\n(.-)\n## "
    for _, cells in ipairs(markdown.rows(chapter)) do
      for name in cells[1]:gmatch "[%l_]+_[%l_]+" do listed[name] = true end
    end
    local families = read()
    for name in pairs(families) do assert.truthy(listed[name], name .. " is not in the docs") end
    for name in pairs(listed) do assert.truthy(families[name], name .. " is in the docs only") end
  end)

  it("counts messages by party and kind, one for each who gets it", function()
    local ann, bob = server:connect "/parties/main/a", server:connect "/parties/main/a"
    local other = server:connect "/parties/other/a"
    ann:send "hello"
    ann:send_binary "\0"
    other:send "hello"
    for _ = 1, 2 do ann:receive() bob:receive() end
    other:receive()
    local value = reading()
    assert.equal(1, value("messages_received_total", { party = "main", kind = "text" }))
    assert.equal(1, value("messages_received_total", { party = "main", kind = "binary" }))
    assert.equal(2, value("messages_sent_total", { party = "main", kind = "text" }))
    assert.equal(2, value("messages_sent_total", { party = "main", kind = "binary" }))
    assert.equal(1, value("messages_received_total", { party = "other", kind = "text" }))
    assert.equal(1, value("messages_sent_total", { party = "other", kind = "text" }))
    assert.equal(2, value("connections", { party = "main" }))
    assert.equal(1, value("connections", { party = "other" }))
  end)

  it("counts what a gate has held back when it leaves", function()
    local ann = server:connect "/parties/main/a"
    for _ = 1, 5 do
      ann:send "store"
      ann:receive()
    end
    local value = reading()
    assert.equal(5, value("messages_sent_total", { party = "main", kind = "text" }))
    assert.equal(5, value("storage_operation_duration_seconds_count", { op = "get" }))
    assert.equal(5, value("storage_operation_duration_seconds_count", { op = "list" }))
    assert.equal(5, value("storage_operation_duration_seconds_count", { op = "commit" }))
    assert.is_true(value "storage_used_bytes" > 8192)
  end)

  it("counts hooks, how long they take, and their errors", function()
    local ann = server:connect "/parties/main/a"
    for _, message in ipairs { "one", "boom", "two" } do ann:send(message) end
    ann:receive()
    ann:receive()
    local value = reading()
    local on_message = { party = "main", hook = "onMessage" }
    assert.equal(3, value("hook_duration_seconds_count", on_message))
    local sum = value("hook_duration_seconds_sum", on_message)
    assert.is_true(sum > 1e-7 and sum < 5, sum)
    assert.equal(1, value("hook_errors_total", on_message))
    assert.equal(0, value("hook_errors_total", { party = "other", hook = "onMessage" }))
    assert.equal(1, value("hook_duration_seconds_count",
      { party = "main", hook = "onBeforeConnect" }))
    assert.equal(1, value("hook_duration_seconds_count", { party = "main", hook = "onConnect" }))
  end)

  it("counts requests by method and status, and methods nobody knows together", function()
    server:get "/parties/main/a"
    server:get "/nothing"
    server:request("BREW", "/nothing")
    server:request("STIR", "/nothing")
    server:connect "/parties/main/a"
    local value = reading()
    local name = "http_request_duration_seconds_count"
    assert.equal(1, value(name, { method = "GET", status = "418" }))
    assert.equal(1, value(name, { method = "GET", status = "404" }))
    assert.equal(1, value(name, { method = "GET", status = "101" }))
    local others = 0
    for _, sample in ipairs(read().partylua_http_request_duration_seconds.samples) do
      local labels = sample.labels
      local is_known = labels.method == "GET" or labels.method == "OTHER"
      assert.is_true(is_known, labels.method)
      local is_counted = labels.method == "OTHER" and sample.name:find "_count$"
      if is_counted then others = others + sample.value end
    end
    assert.is_true(others <= 2)
    assert.is_nil(value(name, { status = "200" })) -- what came through an admin door is not there
  end)

  it("counts closing codes, and those that strangers make up together", function()
    for code = 3000, 3009 do
      local socket = server:connect "/parties/other/a"
      socket:close(code)
      socket:wait_closed()
    end
    server:connect("/parties/main/a"):send "close"
    local gone = server:connect "/parties/other/a"
    gone:drop()
    party.eventually("all have gone", function()
      local value = reading()
      return value("connections", { party = "other" }) == 0
        and value("connections_closed_total", { party = "other", code = "1006" }) == 1
        and value("connections_closed_total", { party = "other", code = "3xxx" }) == 10
    end)
    local codes = {}
    for _, sample in ipairs(read().partylua_connections_closed_total.samples) do
      if sample.labels.party == "other" then codes[#codes + 1] = sample.labels.code end
    end
    table.sort(codes)
    assert.same({ "1006", "3xxx" }, codes)
  end)

  it("knows rooms that are awake from those that hibernate", function()
    server:connect "/parties/main/a"
    server:connect "/parties/main/b"
    admin.output_of(server.data, "room", "hibernate", "main/a")
    local value = reading()
    assert.equal(1, value("rooms", { party = "main", state = "awake" }))
    assert.equal(1, value("rooms", { party = "main", state = "hibernating" }))
    assert.equal(2, value("room_starts_total", { party = "main" }))
    server:drop_all()
    party.eventually("no connection is left", function()
      return reading()("connections", { party = "main" }) == 0
    end)
    admin.run(server.data, "room", "hibernate", "main/a")
    admin.run(server.data, "room", "hibernate", "main/b")
    party.eventually("no room is left", function()
      local now = reading()
      return now("rooms", { party = "main", state = "awake" }) == 0
        and now("rooms", { party = "main", state = "hibernating" }) == 0
    end)
  end)

  it("counts alarms that are set, and how late they were", function()
    local socket = server:connect "/parties/main/a"
    socket:send "alarm"
    repeat local message = socket:receive() until message == "gone off"
    local value = reading()
    assert.equal(1, value "alarm_lag_seconds_count")
    admin.ask(server.data, "POST", "/api/alarm?party=main&room=b", { due = 4102444800000 })
    assert.equal(1, reading() "alarms_pending")
  end)

  it("says what every process says", function()
    local families = read()
    local function value(name) return prometheus.value(families, name) end
    assert.is_true(value "process_resident_memory_bytes" > 1e6)
    assert.is_true(value "process_cpu_seconds_total" > 0)
    party.eventually("it counts its files", function() -- and among them our connection
      local count = prometheus.value(read(), "process_open_fds")
      return server:descriptor_count() == count - 1
    end)
    assert.is_true(math.abs(value "process_start_time_seconds" - os.time()) < 60)
    assert.equal(1, prometheus.value(families, "partylua_build_info",
      { version = require("partylua.native").version }))
  end)
end)

describe("the reader of metrics", function()
  local GOOD = '# HELP a_total Words.\n# TYPE a_total counter\na_total{x="1"} 5\n'

  it("takes what is right", function()
    assert.equal(5, prometheus.value(prometheus.read(GOOD), "a_total"))
  end)

  it("refuses what is not", function()
    for _, bad in ipairs {
      GOOD:sub(1, -2), GOOD .. GOOD, GOOD .. 'a_total{x="1"} 6\n', GOOD:gsub("counter", "number"),
      GOOD:gsub("# TYPE[^\n]*\n", ""), GOOD:gsub("5", "five"), GOOD:gsub('"1"', "1"),
      GOOD:gsub('"1"', '"\\x"'), GOOD:gsub("5", "-5"), GOOD:gsub("a_total", "a"),
      GOOD:gsub("}", ",}"), GOOD .. "b 1\n",
      '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\n'
        .. "h_sum 1\nh_count 1\n",
      '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n',
      '# HELP h H.\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n',
      '# HELP h H.\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_count 1\n',
    } do
      assert.is_false(pcall(prometheus.read, bad), bad)
    end
  end)
end)
