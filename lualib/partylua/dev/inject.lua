--- inject: puts the live script into the pages that are served while an app is developed.

local inject = {}

local TAG = '<script src="/__partylua/live.js"></script>'
local PAGE_BYTES_MAX = 4 * 1024 * 1024
local PIECE_BYTES = 65536

local function read(found)
  local pieces, at = {}, 0
  while at < found.size do
    local piece = found.file:read(at, math.min(PIECE_BYTES, found.size - at))
    if piece == "" then break end
    pieces[#pieces + 1], at = piece, at + #piece
  end
  found.file:close()
  return table.concat(pieces)
end

--- The page with the script: as early as it may stand, so that it hears of what goes wrong later.
---@param page string
---@return string
function inject.page(page)
  local head = page:find "<[hH][eE][aA][dD][%s>]"
  local stop = head and page:find(">", head, true)
  if stop then return page:sub(1, stop) .. TAG .. page:sub(stop + 1) end
  return page .. TAG
end

--- Whether a file is a page.
---@param found partylua.asset.File
---@return boolean
function inject.wants(found)
  return found.content_type:find("text/html", 1, true) == 1 and found.size <= PAGE_BYTES_MAX
end

--- Answers with a page. Browsers shall not keep it: it is another without `partylua dev`.
---@param exchange partylua.native.Exchange
---@param found partylua.asset.File
---@param status integer
function inject.respond(exchange, found, status)
  exchange:respond(status, "", {
    "content-type", found.content_type, "cache-control", "no-store",
  }, inject.page(read(found)))
end

return inject
