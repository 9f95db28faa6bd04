--- http_actions: what the http party answers, by the path after the room id. Each action is
--- called as (request, query, http) and gives a Response, unless it is there to fail.

local party = require "partylua"

local json, Headers, Response = party.json, party.Headers, party.Response

local actions = {}

-- Responses ---------------------------------------------------------------------------------

function actions.text() return Response "hello text" end

function actions.unicode() return Response "zażółć 🎈" end

function actions.json()
  return Response.json { ok = true, n = 1, s = "é", list = { 1, 2, 3 } }
end

function actions.html()
  return Response("<p>hi</p>", { headers = { ["content-type"] = "text/html; charset=utf-8" } })
end

function actions.binary()
  local bytes = {}
  for byte = 0, 255 do bytes[byte + 1] = string.char(byte) end
  return Response(party.binary(table.concat(bytes)))
end

function actions.empty() return Response(nil) end

function actions.emptystring() return Response "" end

local without_body = { [204] = true, [205] = true, [304] = true }

function actions.status(_, query)
  local code = tonumber(query:get "code")
  local body = not without_body[code] and "status " .. code or nil
  return Response(body, { status = code })
end

function actions.statustext()
  return Response("fine", { status = 299, statusText = "Very Fine" })
end

function actions.badstatus(_, query)
  return Response("bad", { status = tonumber(query:get "code") })
end

function actions.headers()
  local headers = Headers { ["x-one"] = "1" }
  headers:append("x-multi", "a")
  headers:append("x-multi", "b")
  headers:append("set-cookie", "a=1; Path=/")
  headers:append("set-cookie", "b=2; HttpOnly")
  return Response("headers", { headers = headers })
end

function actions.redirect(req, query)
  local target = party.URL(query:get "to" or "/", req.url)
  return Response.redirect(target.href, tonumber(query:get "status" or 302))
end

function actions.large(_, query)
  return Response(("y"):rep(tonumber(query:get "size" or 1000)))
end

function actions.stream(_, query)
  local count = tonumber(query:get "n" or 3)
  local gap_s = tonumber(query:get "gap" or 100) / 1000
  return Response(function(write)
    for i = 0, count - 1 do
      if i > 0 then party.sleep(gap_s) end
      write("chunk " .. i .. "\n")
    end
  end, { headers = { ["content-type"] = "text/plain" } })
end

-- Request bodies ----------------------------------------------------------------------------

actions["body/text"] = function(req) return Response(req:text()) end

actions["body/json"] = function(req) return Response.json { got = req:json() } end

actions["body/bytes"] = function(req)
  local bytes, sum = req:bytes(), 0
  for i = 1, #bytes do sum = (sum + bytes:byte(i)) % 65536 end
  return Response.json { length = #bytes, sum = sum }
end

actions["body/form"] = function(req)
  local fields = json.array {}
  for name, value in req:formData():entries() do
    if type(value) ~= "string" then
      value = { file = value.name, type = value.type, text = value:text() }
    end
    fields[#fields + 1] = json.array { name, value }
  end
  return Response.json { fields = fields }
end

actions["body/has"] = function(req) return Response.json { hasBody = req.body ~= nil } end

actions["body/ignore"] = function() return Response "ignored" end

actions["body/twice"] = function(req)
  req:text()
  return Response(req:text())
end

-- What else a request tells -----------------------------------------------------------------

function actions.header(req, query)
  return Response.json { value = req.headers:get(query:get "name" or "") }
end

function actions.headersize(req)
  return Response.json { length = #(req.headers:get "x-large" or "") }
end

function actions.querylength(_, query)
  return Response.json { length = #(query:get "q" or "") }
end

function actions.query(_, query)
  return Response.json { a = query:get "a", all = json.array(query:getAll "a") }
end

function actions.cf(req)
  return Response.json { country = type(req.cf.country) }
end

-- The room ----------------------------------------------------------------------------------

function actions.count(_, _, http)
  http.count = http.count + 1
  return Response.json { count = http.count }
end

function actions.slow(_, query)
  party.sleep(tonumber(query:get "ms" or 100) / 1000)
  return Response "slow done"
end

-- Failing -----------------------------------------------------------------------------------

function actions.throw(_, query)
  local message = query:get "message" or "request failed"
  if query:has "code" then error { message = message, code = tonumber(query:get "code") } end
  error(message)
end

function actions.throwasync()
  party.sleep(0.01)
  error "failed later"
end

function actions.throwempty() error "" end

function actions.throwstring() error("just a string", 0) end -- level 0: nothing but the string

function actions.throwobject() error { code = 418, why = "teapot" } end

function actions.nothing() end

function actions.notresponse() return "a string" end

return actions
