--- cf: what is known of a client's place, `request.cf` in PartyKit.
---
--- There it comes from the network that serves the request. Here it comes from headers in which a
--- trusted proxy says it: those of the usual content delivery networks, or others by the
--- configuration. A proxy that does not set one of them passes on what its client has made up, so
--- a place is a hint and no proof; whoever needs more names the headers that their proxy sets.

local lazy = require "partylua.lazy"

local percent = lazy "partylua.percent" ---@module "partylua.percent"

local cf = {}

--- The headers of each field, the first that is there counts: Cloudflare, CloudFront, Vercel, App
--- Engine, Bunny, and what is often chosen for the GeoIP modules of nginx, Caddy and HAProxy.
local USUAL = {
  country = { "cf-ipcountry", "cloudfront-viewer-country", "x-vercel-ip-country",
    "x-appengine-country", "cdn-requestcountrycode", "x-country-code", "x-geo-country",
    "x-geoip-country", "x-geoip-country-code", "x-client-country" },
  continent = { "cf-ipcontinent", "x-vercel-ip-continent" },
  region = { "cf-region", "cloudfront-viewer-country-region-name" },
  regionCode = { "cf-region-code", "cloudfront-viewer-country-region",
    "x-vercel-ip-country-region", "x-appengine-region" },
  city = { "cf-ipcity", "cloudfront-viewer-city", "x-vercel-ip-city", "x-appengine-city" },
  postalCode = { "cf-postal-code", "cloudfront-viewer-postal-code", "x-vercel-ip-postal-code" },
  metroCode = { "cf-metro-code", "cloudfront-viewer-metro-code" },
  latitude = { "cf-iplatitude", "cloudfront-viewer-latitude", "x-vercel-ip-latitude" },
  longitude = { "cf-iplongitude", "cloudfront-viewer-longitude", "x-vercel-ip-longitude" },
  timezone = { "cf-timezone", "cloudfront-viewer-time-zone", "x-vercel-ip-timezone" },
  asn = { "cloudfront-viewer-asn", "x-vercel-ip-as-number" },
}

--- Header names by field, in lower case; set once by the application.
local fields = USUAL

--- Names other headers for some fields; false takes a field away, or all of them.
---@param given? table<string, string|string[]|false>|boolean
function cf.configure(given)
  fields = {}
  if given == false then return end
  for field, names in pairs(USUAL) do fields[field] = names end
  for field, names in pairs(type(given) == "table" and given or {}) do
    local list = names and {} or nil
    for i, name in ipairs(type(names) == "table" and names or { names }) do
      if list then list[i] = name:lower() end
    end
    fields[field] = list
  end
end

--- "XX" and "ZZ" are what networks say when they do not know; "T1" is Tor.
local function country(text)
  local code = text:upper()
  if not code:find "^%u[%u%d]$" or code == "XX" or code == "ZZ" then return nil end
  return code
end

local function first_of(exchange, names)
  for _, name in ipairs(names) do
    local value = exchange:header(name)
    if value and value ~= "" then
      return name:find "^x%-vercel%-" and percent.decode(value) or value
    end
  end
end

--- What the proxy says of the client's place; nothing when no trusted proxy has passed the
--- request on.
---@param exchange? partylua.native.Exchange
---@return table<string, string|number>
function cf.read(exchange)
  local known = {}
  if not exchange or not exchange:is_forwarded() then return known end
  for field, names in pairs(fields) do
    local value = first_of(exchange, names)
    if value and field == "country" then value = country(value) end
    if value and field == "asn" then value = tonumber(value) end
    known[field] = value
  end
  return known
end

return cf
