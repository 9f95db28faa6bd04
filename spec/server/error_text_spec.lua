local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local Room = {}

local function fail(request, where)
  if request.query.at ~= where then return end
  if request.query.code then
    error { message = "meant for the client", code = tonumber(request.query.code) }
  end
  error("the password is 123")
end

function Room:onStart()
  if self.room.id == "broken" then error "the password is 123" end
end
function Room:onBeforeRequest(request) fail(request, "before") end
function Room:onBeforeConnect(request) fail(request, "before") end
function Room:onConnect(_, ctx) fail(ctx.request, "connect") end
function Room:onRequest(request)
  fail(request, "request")
  return party.Response "fine"
end
function Room:onFetch(request) fail(request, "fetch") end
function Room:onSocket(socket) fail(socket.request, "socket") end
return Room
]]

local SECRET = "the password is 123"
local REQUEST, CONNECT =
  "Uncaught exception when making a request", "Uncaught exception when connecting"

for _, case in ipairs {
  { "shown, as in PartyKit", nil, { SECRET, SECRET, SECRET, SECRET } },
  { "hidden with --errors hide", { "--errors", "hide" },
    { REQUEST, "Unauthorised", CONNECT, CONNECT } },
} do
  local what, arguments, texts = unpack(case)
  local request, before, connect, socket = unpack(texts)
  describe("the text of an error, " .. what, function()
    local server
    setup(function() server = party.serve(APP, arguments) end)
    teardown(function() server:stop() end)

    local function get(path)
      local answer = server:get(path)
      return { answer.status, answer.body }
    end

    it("is what clients of a failed hook get", function()
      assert.same({ 500, request }, get "/party/a?at=request")
      assert.same({ 500, request }, get "/party/broken")
      assert.same({ 500, request }, get "/?at=fetch")
      assert.same({ 401, before }, get "/party/a?at=before")
      local refused = server:connect("/party/a?at=before").answer
      assert.same({ 401, before }, { refused.status, refused.body })
      assert.same({ 1011, connect }, { server:connect("/party/a?at=connect"):wait_closed() })
      assert.equal(socket, server:connect("/?at=socket").answer.body)
    end)

    it("goes to the log in any case", function()
      get "/party/a?at=request"
      server:expect_log("hook failed [^\n]*" .. SECRET)
    end)

    it("that comes with a code is meant for the client", function()
      assert.same({ 409, "meant for the client" }, get "/party/a?at=request&code=409")
      assert.same({ 4001, "meant for the client" },
        { server:connect("/party/a?at=connect&code=4001"):wait_closed() })
    end)
  end)
end
