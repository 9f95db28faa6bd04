--- assertions: what luassert learns from here: received, quiet and closed.

local binary = require "partylua.binary"
local json = require "partylua.json"
local show = require "partylua.testing.show"

local assertions = {}

local function check_client(value, what, level)
  if type(value) == "table" and type(value.name) == "function" and value.inbox then return value end
  error(("assert.%s takes a client of room:connect, got a %s"):format(what, type(value)), level + 1)
end

--- A message as it is compared: what JSON says, where JSON is expected.
local function read(message, expected)
  if type(expected) ~= "table" or binary.is(expected) then return message end
  local value, why = json.tryDecode((binary.unwrap(message)))
  if why then return message end
  return value
end

--- Messages as a list, each in one line.
local function list_of(inbox, from)
  local lines = {}
  for i = from, #inbox do
    local decoded, why = json.tryDecode((binary.unwrap(inbox[i])))
    lines[#lines + 1] = "  " .. show.value(why and inbox[i] or decoded, "  ")
  end
  return table.concat(lines, "\n")
end

local function nothing_came(client, expected)
  local why = ""
  if client.closed then
    why = (": it was closed with %d %s"):format(client.closed.code, client.closed.reason)
  elseif client.rejected then
    why = (": the server has answered %d %s"):format(client.rejected.status, client.rejected.body)
  elseif client.state == "connecting" then
    why = ": it is not open yet"
  end
  return ("%s has received nothing%s\nExpected:\n  %s")
    :format(client:name(), why, show.value(expected, "  "))
end

local function other_came(client, expected, actual, where, wanted, got)
  local text = ("%s has received something else.\nExpected:\n  %s\nReceived:\n  %s")
    :format(client:name(), show.value(expected, "  "), show.value(actual, "  "))
  if where ~= "" then
    text = text .. ("\nThey differ at %s: expected %s, got %s")
      :format(where:gsub("^%.", ""), show.value(wanted), show.value(got))
  end
  local inbox = client.inbox
  if #inbox > 0 then text = text .. "\nThen came:\n" .. list_of(inbox, 1) end
  return text
end

local function is_among(client, expected)
  for _, message in ipairs(client.inbox) do
    if show.compare(expected, read(message, expected)) then return true end
  end
  return false
end

--- received(client, expected): its next message, which is taken; a table is compared with what
--- the message says as JSON. is_not.received: none of its messages, which all stay.
local function received(state, arguments, level)
  local client = check_client(arguments[1], "received", (level or 1) + 1)
  local expected = arguments[2]
  if expected == nil then error("assert.received takes what is expected", (level or 1) + 1) end
  if not state.mod then
    state.failure_message = ("%s has received what it should not:\n  %s")
      :format(client:name(), show.value(expected, "  "))
    return is_among(client, expected)
  end
  local message = client:receive()
  if message == nil then
    state.failure_message = nothing_came(client, expected)
    return false
  end
  local actual = read(message, expected)
  local same, where, wanted, got = show.compare(expected, actual)
  if same then return true end
  state.failure_message = other_came(client, expected, actual, where, wanted, got)
  return false
end

--- quiet(client): nothing has arrived that was not taken.
local function quiet(state, arguments, level)
  local client = check_client(arguments[1], "quiet", (level or 1) + 1)
  local inbox = client.inbox
  if #inbox == 0 then
    state.failure_message = client:name() .. " has received nothing"
    return true
  end
  state.failure_message = ("%s should have received nothing, and has received:\n%s")
    :format(client:name(), list_of(inbox, 1))
  return false
end

--- closed(client [, code]): its connection has ended, with this code.
local function closed(state, arguments, level)
  local client = check_client(arguments[1], "closed", (level or 1) + 1)
  local code, ending = arguments[2], client.closed
  if not ending then
    state.failure_message = ("%s is not closed: it is %s"):format(client:name(), client.state)
    return false
  end
  state.failure_message = ("%s was closed with %d %s%s"):format(client:name(), ending.code,
    ending.reason, code and (", not with %s"):format(tostring(code)) or "")
  return code == nil or code == ending.code
end

--- Teaches luassert, where there is one.
function assertions.register()
  local is_there, luassert = pcall(require, "luassert")
  if not is_there then return end
  local all = { received = received, quiet = quiet, closed = closed }
  for name, assertion in pairs(all) do
    local key = "assertion.partylua." .. name
    require("say"):set(key, "")
    luassert:register("assertion", name, assertion, key, key)
  end
end

return assertions
