--- assets: static files, as HTTP answers and as Responses for room code (PartyKit: static assets).
---
--- Which file a path means, and that none outside the folder is meant, is decided below
--- (edge/assets.c); here is what HTTP makes of it.

local Response = require "partylua.response"
local class = require "partylua.class"
local cors = require "partylua.cors"
local lazy = require "partylua.lazy"
local native = require "partylua.native"

local conditions = lazy "partylua.assets.conditions" ---@module "partylua.assets.conditions"
local date = lazy "partylua.assets.date" ---@module "partylua.assets.date"
local inject = lazy "partylua.dev.inject" ---@module "partylua.dev.inject"

local CODINGS = { { "br", ".br" }, { "gzip", ".gz" } } -- the first is preferred among equals
local PIECE_BYTES = 65536

---@class partylua.asset.File
---@field file partylua.native.File
---@field size integer
---@field modified integer
---@field tag string
---@field content_type string
---@field coding? string
---@field varies boolean    whether there are forms of it for other clients

local assets = {}

--- What the configuration says, set once by the application; nil serves nothing.
---@type partylua.config.Serve?
local options
local cache_control, cors_headers
local is_live = false

--- Seconds for browsers and for what stands between; without either every use asks again, which
--- the entity tag makes cheap.
local function describe_cache(serve)
  local browser, edge = serve.browserTTL, serve.edgeTTL
  local parts = { "public", ("max-age=%d"):format(browser or 0) }
  if edge then parts[#parts + 1] = ("s-maxage=%d"):format(edge) end
  if not browser then parts[#parts + 1] = "must-revalidate" end
  return table.concat(parts, ", ")
end

---@param serve partylua.config.Serve?
---@param live? boolean    pages are given the script that hears of changes
function assets.configure(serve, live)
  options, is_live = serve, live
  cache_control = serve and describe_cache(serve)
  cors_headers = cors.headers(serve and serve.cors)
end

-- Files -----------------------------------------------------------------------------------------

--- Nil, and why, where there is no such file or the machine cannot open it.
local function open(path, suffix)
  local file, content_type, code =
    native.find_asset(options.path, path, suffix, options.symlinks == true)
  if not file then return nil, code ~= "ENOENT" and content_type or nil end
  local size, modified, tag = file:about()
  return {
    file = file, size = size, modified = modified, tag = ('"%s"'):format(tag),
    content_type = content_type, varies = false,
  }
end

--- Pictures, films and fonts are compressed in themselves.
local function is_compressible(content_type)
  if content_type == "image/svg+xml" then return true end
  local kind = content_type:match "^[^/]*"
  return kind ~= "image" and kind ~= "video" and kind ~= "audio" and kind ~= "font"
end

--- The form of a file that a client likes best. A compressed file which is older than its
--- original is one that somebody has forgotten.
local function choose(found, path, accepted)
  if not is_compressible(found.content_type) then return found end
  local best, best_quality = found, 0
  for _, coding in ipairs(CODINGS) do
    local packed = open(path, coding[2])
    if packed and packed.modified >= found.modified then
      found.varies = true
      local quality = conditions.quality(accepted, coding[1])
      if quality > best_quality then
        if best ~= found then best.file:close() end
        best, best_quality = packed, quality
        packed.coding = coding[1]
      else
        packed.file:close()
      end
    elseif packed then
      packed.file:close()
    end
  end
  if best ~= found then found.file:close() end
  best.varies = found.varies
  return best
end

---@param path string    as in the URL
---@param accepted? string    of Accept-Encoding
---@return partylua.asset.File?
---@return string? why    the machine cannot open it, though it may be there
local function find(path, accepted)
  if not options then return nil end
  local found, why = open(path, "")
  if not found then return nil, why end
  return choose(found, path, accepted)
end

-- Answers ---------------------------------------------------------------------------------------

--- The headers that also stand in an answer without the file (RFC 9110 15.4.5).
local function common_headers(found)
  local flat = { "etag", found.tag, "cache-control", cache_control }
  if found.varies then flat[#flat + 1], flat[#flat + 2] = "vary", "accept-encoding" end
  for i = 1, #cors_headers do flat[#flat + 1] = cors_headers[i] end
  return flat
end

local function add(flat, name, value)
  flat[#flat + 1], flat[#flat + 2] = name, value
end

local function file_headers(found)
  local flat = common_headers(found)
  add(flat, "content-type", found.content_type)
  add(flat, "last-modified", date.format(found.modified))
  if found.coding then add(flat, "content-encoding", found.coding) end
  return flat
end

local function respond_without(exchange, found, status)
  local flat = common_headers(found)
  if status == 416 then add(flat, "content-range", ("bytes */%d"):format(found.size)) end
  found.file:close()
  exchange:respond(status, "", flat)
end

local function respond(exchange, found)
  if is_live and inject.wants(found) then return inject.respond(exchange, found, 200) end
  local function header(name) return exchange:header(name) end
  local status = conditions.check(header, found.tag, found.modified)
  if status then return respond_without(exchange, found, status) end
  local from, count
  if exchange:method() == "GET" then -- RFC 9110 14.2
    from, count = conditions.range(header, found.size, found.tag, found.modified)
  end
  if from == "unsatisfiable" then return respond_without(exchange, found, 416) end
  local flat = file_headers(found)
  add(flat, "accept-ranges", "bytes")
  if not from then return exchange:respond_file(200, "", flat, found.file, 0, found.size) end
  add(flat, "content-range", ("bytes %d-%d/%d"):format(from, from + count - 1, found.size))
  exchange:respond_file(206, "", flat, found.file, from, count)
end

--- A question of a browser before a request to another origin (Fetch standard: CORS preflight).
local function is_preflight(exchange)
  return #cors_headers > 0 and exchange:method() == "OPTIONS"
    and exchange:header "access-control-request-method" ~= nil
end

--- Answers with the file of the path; false when there is none. Whether there is one cannot be
--- known when descriptors have run out: that is no 404.
---@param exchange partylua.native.Exchange
---@param path string
---@return boolean
function assets.send(exchange, path)
  local method = exchange:method()
  local asks_first = is_preflight(exchange)
  if method ~= "GET" and method ~= "HEAD" and not asks_first then return false end
  local found, why = find(path, not is_live and exchange:header "accept-encoding" or nil)
  if why then
    native.log("warn", "assets", "a file cannot be opened", { "path", path, "err", why })
    exchange:respond(503, "", { "retry-after", "1" })
    return true
  end
  if not found then return false end
  if asks_first then
    found.file:close()
    exchange:respond(204, "", cors_headers)
  else
    respond(exchange, found)
  end
  return true
end

--- PartyKit's single-page mode: what a browser navigates to, when it is no file.
---@param exchange partylua.native.Exchange
---@return boolean
function assets.send_page(exchange)
  return options ~= nil and options.singlePageApp == true
    and exchange:header "sec-fetch-mode" == "navigate" and assets.send(exchange, "/")
end

--- Answers that there is nothing, with 404.html; false without such a file.
---@param exchange partylua.native.Exchange
---@return boolean
function assets.send_missing(exchange)
  local found = find("/404.html", not is_live and exchange:header "accept-encoding" or nil)
  if not found then return false end
  if is_live then
    inject.respond(exchange, found, 404)
    return true
  end
  exchange:respond_file(404, "Not Found", file_headers(found), found.file, 0, found.size)
  return true
end

-- For room code ---------------------------------------------------------------------------------

---@class partylua.Assets
local Assets = class()

local function pieces(found)
  local at = 0
  return function()
    local count = math.min(PIECE_BYTES, found.size - at)
    local piece = count > 0 and found.file:read(at, count) or ""
    at = at + #piece
    if piece ~= "" then return piece end
    found.file:close()
    found.size = at -- it may be asked again
  end
end

--- The static file of a path as a GET would have it, nil without one. The content is read in
--- pieces.
---@param path string    starting with "/"
---@return partylua.Response?
function Assets:fetch(path) -- luacheck: no self
  if type(path) ~= "string" or path:sub(1, 1) ~= "/" then error("Path must start with /", 2) end
  local found, why = find((path:match "^[^?#]*"))
  if why then error("the file cannot be opened: " .. why, 2) end
  if not found then return nil end
  local flat = file_headers(found)
  add(flat, "content-length", tostring(found.size))
  return Response.adopt(200, "", flat, pieces(found))
end

assets.public = Assets()

return assets
