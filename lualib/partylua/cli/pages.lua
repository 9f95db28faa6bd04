--- pages: rooms and entries of a store, however many, in pages that are read at once.
---
--- A snapshot keeps a running server from reusing what it frees. So none is held while a page is
--- printed, which may take as long as somebody looks at it: each page shows the store as it is
--- when that is read.

local pages = {}

local ITEMS_MAX, BYTES_MAX = 1000, 1024 * 1024

--- The rooms of one party, or of all, each with its size: party, id, record, entries, bytes.
---@param store partylua.native.Store
---@param party? string
---@return fun(): string?, string?, partylua.native.RoomRecord?, integer?, integer?
function pages.rooms(store, party)
  return coroutine.wrap(function()
    local last_party, last_id
    repeat
      local page = {}
      for name, id, record in store:rooms(party, last_party, last_id) do
        local entries, bytes = store:measure(name, id)
        page[#page + 1] = { name, id, record, entries, bytes }
        if #page == ITEMS_MAX then break end
      end
      store:refresh()
      for _, room in ipairs(page) do coroutine.yield(unpack(room)) end
      if page[1] then last_party, last_id = page[#page][1], page[#page][2] end
    until #page < ITEMS_MAX
  end)
end

---@class partylua.cli.Range
---@field start? string
---@field is_start_out? boolean
---@field stop? string
---@field reverse? boolean

local function read_page(store, party, id, range)
  local page, count, size = {}, 0, 0
  local walk = store:entries(party, id, range.start, range.is_start_out, range.stop, range.reverse)
  for key, bytes in walk do
    count, size = count + 1, size + #key + #bytes
    page[count] = { key, bytes }
    if count == ITEMS_MAX or size >= BYTES_MAX then break end
  end
  store:refresh()
  return page
end

--- The entries of a room: key, bytes.
---@param store partylua.native.Store
---@param party string
---@param id string
---@param range partylua.cli.Range
---@return fun(): string?, string?
function pages.entries(store, party, id, range)
  return coroutine.wrap(function()
    local left = {
      start = range.start, is_start_out = range.is_start_out, stop = range.stop,
      reverse = range.reverse,
    }
    repeat
      local page = read_page(store, party, id, left)
      for _, entry in ipairs(page) do coroutine.yield(entry[1], entry[2]) end
      local last = page[1] and page[#page][1]
      if range.reverse then left.stop = last else left.start, left.is_start_out = last, true end
    until not last
  end)
end

return pages
