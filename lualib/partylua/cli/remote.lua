--- remote: the store of a server that runs, as commands change it: reads look at its folder, and
--- what is written goes through the server, so that the room knows of it.

local apply = require "partylua.admin.apply"
local server = require "partylua.cli.server"

---@class partylua.cli.Remote    a part of partylua.native.Store
---@field private server partylua.cli.Server
---@field private store partylua.native.Store    for reading
local Remote = {}
Remote.__index = Remote

local remote = {}

---@param found partylua.cli.Server
---@param store partylua.native.Store
---@return partylua.cli.Remote
function remote.new(found, store)
  return setmetatable({ server = found, store = store }, Remote)
end

function Remote:room(party, id) return self.store:room(party, id) end

function Remote:measure(party, id) return self.store:measure(party, id) end

function Remote:get(party, id, key) return self.store:get(party, id, key) end

local RECORD = "%d %s\n"

--- Records as the server reads them (admin/apply.lua).
local function add_records(pieces, writes)
  local size = 0
  for i = 1, #writes, 2 do
    local key, bytes = writes[i], writes[i + 1]
    pieces[#pieces + 1] = RECORD:format(#key, bytes and tostring(#bytes) or "-")
    pieces[#pieces + 1] = key
    pieces[#pieces + 1] = bytes or ""
    size = size + #key + #(bytes or "") + 24
  end
  return size
end

local function send(self, party, id, pieces, options)
  options = options or {}
  self.server:ask("POST", server.path("/api/storage/apply", {
    party = party, room = id, clear = options.clear and 1 or nil, due = options.due,
    attempt = options.attempt, retries = options.retries,
  }), table.concat(pieces))
  return true
end

function Remote:write(party, id, writes, options)
  local pieces = {}
  add_records(pieces, writes)
  return send(self, party, id, pieces, options)
end

--- What is added from now on is sent at once when it is placed: it becomes one batch.
function Remote:stage_begin(party, id, keeps_entries)
  self.stage = {
    party = party, id = id, clears = not keeps_entries, pieces = {}, size = 0, count = 0,
  }
  return true
end

function Remote:stage_add(writes)
  local stage = self.stage
  stage.size = stage.size + add_records(stage.pieces, writes)
  stage.count = stage.count + #writes / 2
  if stage.size <= apply.BYTES_MAX and stage.count <= apply.RECORDS_MAX then return true end
  return nil, ("a server that runs takes %d bytes and %d entries at once; stop it first")
    :format(apply.BYTES_MAX, apply.RECORDS_MAX), "EFBIG"
end

function Remote:stage_place(alarm)
  local stage = self.stage
  alarm = alarm or {}
  return send(self, stage.party, stage.id, stage.pieces, {
    clear = stage.clears, due = alarm.due, attempt = alarm.attempt, retries = alarm.retries,
  })
end

function Remote:close() self.store:close() end

return remote
