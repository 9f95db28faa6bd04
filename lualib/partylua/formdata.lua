--- FormData: the fields and files of a form, read from a request's body or built to be one.
---
--- Reads application/x-www-form-urlencoded and multipart/form-data (RFC 7578). Text is read
--- as UTF-8, each broken sequence becoming U+FFFD; files keep their bytes. As few bytes can
--- make many fields, a form of more than 1000 is refused, and so is a part with over 8 KiB of
--- headers.

local binary = require "partylua.binary"
local class = require "partylua.class"
local url = require "partylua.url"

local find, gmatch, gsub, lower = string.find, string.gmatch, string.gsub, string.lower
local match, sub = string.match, string.sub

local FIELDS_MAX = 1000
local PART_HEADER_BYTES_MAX = 8192
local BOUNDARY_BYTES_MAX = 70 -- RFC 2046 5.1.1
local TOO_LONG = ("A part has more than %d bytes of headers."):format(PART_HEADER_BYTES_MAX)
local TOO_MANY = ("The form has more than %d fields."):format(FIELDS_MAX)

-- File ----------------------------------------------------------------------------------

--- A file of a form.
---@class partylua.File
---@field name string
---@field type string    its media type
---@field size integer    in bytes
---@field private content string
---@overload fun(bytes: string|partylua.Binary, name: string, type?: string): partylua.File
local File = class()

function File:init(bytes, name, media_type)
  self.content = binary.unwrap(bytes, 3)
  self.name, self.type, self.size = name, media_type or "", #self.content
end

---@return string
function File:bytes()
  return self.content
end

--- The content as text: a byte order mark at its beginning is left out.
---@return string
function File:text()
  return (gsub(self.content, "^\239\187\191", ""))
end

-- FormData ------------------------------------------------------------------------------

---@class partylua.FormData : partylua.Pairs
---@overload fun(): partylua.FormData
local FormData = class(url.Pairs)
FormData.File = File

function FormData:init()
  self.list = {}
end

---@param value any
---@return boolean
function FormData.is(value)
  return getmetatable(value) == FormData
end

--- Adds a field or a file. Binary data, and whatever has a file name, becomes a file.
---@param name string
---@param value string|number|partylua.Binary|partylua.File
---@param filename? string
function FormData:append(name, value, filename)
  local is_file = getmetatable(value) == File
  if type(value) == "number" then value = tostring(value) end
  if is_file and filename then
    value = File(value.content, filename, value.type)
  elseif not is_file and (filename or binary.is(value)) then
    value = File(value, filename or "blob", "application/octet-stream")
  elseif not is_file and type(value) ~= "string" then
    error("a form's value must be a string, binary data or a file, got " .. type(value), 2)
  end
  self.list[#self.list + 1] = { tostring(name), value }
end

-- Reading -------------------------------------------------------------------------------

-- What the HTML standard escapes in the name of a field or file, and nothing else.
local ESCAPES = { ["\r"] = "%0D", ["\n"] = "%0A", ['"'] = "%22" }
local ESCAPED = {
  ["%0D"] = "\r",
  ["%0d"] = "\r",
  ["%0A"] = "\n",
  ["%0a"] = "\n",
  ["%22"] = '"',
}

local function decode_name(text)
  return url.scrub_utf8((gsub(text, "%%%x%x", ESCAPED)))
end

local function trim(text)
  return match(text, "^.*[^ \t]") or ""
end

--- The parameters after the first word of a header, by lower-case name; nil when malformed.
--- A quotation mark inside a quoted value has a backslash before it, as older clients write it;
--- newer ones write %22, and a backslash of theirs is just one.
local function parse_parameters(text)
  local parameters, at = {}, find(text, ";", 1, true)
  while at do
    local name, quoted, value = match(text, '^;[ \t]*([^%s=;"]+)=("?)()', at)
    if not name then return not find(text, "[^; \t]", at) and parameters or nil end
    local stop
    if quoted == '"' then
      stop = match(text, '()"[ \t]*;', value) or match(text, '()"[ \t]*$', value)
      if not stop or find("x" .. sub(text, value, stop - 1), '[^\\]"') then return nil end
      parameters[lower(name)] = gsub(sub(text, value, stop - 1), '\\"', '"')
    else
      stop = find(text, ";", value, true) or #text + 1
      parameters[lower(name)] = trim(sub(text, value, stop - 1))
    end
    at = find(text, ";", stop, true)
  end
  return parameters
end

--- The name of a part, its file name and its type; or nil and what is wrong.
local function parse_part_headers(text)
  local headers = {}
  for line in gmatch(text .. "\r\n", "(.-)\r\n") do
    local name, value = match(line, "^([%w!#$%%&'*+.^_`|~-]+):[ \t]*([^%z\r\n]*)$")
    if not name then return nil, "FormData part had invalid headers." end
    headers[lower(name)] = trim(value)
  end
  local disposition = headers["content-disposition"]
  if not disposition then
    return nil, "No valid Content-Disposition header found in FormData part."
  end
  local parameters = parse_parameters(disposition)
  if lower(match(disposition, "^[^;%s]*")) ~= "form-data" or not parameters then
    return nil, "Invalid Content-Disposition header found in FormData part."
  elseif not parameters.name then
    return nil, "Content-Disposition header in FormData part is missing a name."
  end
  local filename = parameters.filename and decode_name(parameters.filename)
  return decode_name(parameters.name), filename, headers["content-type"]
end

--- Where the first part's headers begin, right behind its boundary. RFC 2046 5.1.1 has readers
--- skip what stands before it.
local function find_first_part(bytes, delimiter)
  if sub(bytes, 1, #delimiter - 2) == sub(delimiter, 3) then return #delimiter - 1 end
  local _, stop = find(bytes, delimiter, 1, true)
  return stop and stop + 1
end

local function parse_multipart(bytes, boundary)
  local form, delimiter = FormData(), "\r\n--" .. boundary
  local at = find_first_part(bytes, delimiter)
  if not at then return nil, "No initial boundary string (or you have a truncated message)." end
  while sub(bytes, at, at + 1) ~= "--" do
    at = match(bytes, "^[ \t]*()\r\n", at)
    if not at then return nil, "Boundary string was not succeeded by CRLF or '--'." end
    local head_stop, content_start = find(bytes, "\r\n\r\n", at, true)
    if not head_stop then return nil, "No multipart message header termination found." end
    if head_stop - at > PART_HEADER_BYTES_MAX then
      return nil, TOO_LONG
    end
    local name, filename, media_type = parse_part_headers(sub(bytes, at + 2, head_stop - 1))
    if not name then return nil, filename end
    local content_stop, boundary_stop = find(bytes, delimiter, content_start + 1, true)
    if not content_stop then
      return nil, "No subsequent boundary string after multipart message."
    elseif #form.list == FIELDS_MAX then
      return nil, TOO_MANY
    end
    local content = sub(bytes, content_start + 1, content_stop - 1)
    local value = filename and File(content, filename, media_type or "text/plain")
      or url.scrub_utf8(content)
    form.list[#form.list + 1] = { name, value }
    at = boundary_stop + 1
  end
  return form
end

local function parse_urlencoded(bytes)
  local _, separators = gsub(bytes, "&", "")
  if separators >= FIELDS_MAX then return nil, TOO_MANY end
  local form = FormData()
  form.list = url.parse_query(bytes)
  return form
end

--- Reads a form.
---@param bytes string
---@param content_type? string    the value of the header
---@return partylua.FormData?, string?    the form, or nil and what is wrong
function FormData.parse(bytes, content_type)
  if not content_type then
    return nil, "Parsing a Body as FormData requires a Content-Type header."
  end
  local media_type = lower(match(content_type, "^[ \t]*([^; \t]*)"))
  if media_type == "application/x-www-form-urlencoded" then return parse_urlencoded(bytes) end
  if media_type ~= "multipart/form-data" then
    return nil, "Unrecognized Content-Type header value. FormData can only parse the following "
      .. "MIME types: multipart/form-data, application/x-www-form-urlencoded"
  end
  local boundary = (parse_parameters(content_type) or {}).boundary
  if not boundary then
    return nil, "No boundary string in Content-Type header. The multipart/form-data MIME type "
      .. "requires a boundary parameter, e.g. 'Content-Type: multipart/form-data; "
      .. "boundary=\"abcd\"'. See RFC 7578, section 4."
  elseif boundary == "" or #boundary > BOUNDARY_BYTES_MAX then
    return nil, "Length of multipart/form-data boundary string must be in the range [1, 70]."
  end
  return parse_multipart(bytes, boundary)
end

-- Writing -------------------------------------------------------------------------------

local function encode_name(text)
  return (gsub(text, '[\r\n"]', ESCAPES))
end

--- A boundary that none of the texts holds: guessing it would gain nobody anything.
local function choose_boundary(texts)
  local all = table.concat(texts)
  local boundary
  repeat
    boundary = ("----partylua-form-%08x"):format(math.random(0, 2 ^ 31))
  until not find(all, boundary, 1, true)
  return boundary
end

--- Writes the form as multipart/form-data.
---@return string bytes
---@return string content_type
function FormData:encode()
  local parts = {}
  for i, pair in ipairs(self.list) do
    local name, value = encode_name(pair[1]), pair[2]
    local head = ('Content-Disposition: form-data; name="%s"'):format(name)
    if getmetatable(value) == File then
      local media_type = value.type ~= "" and value.type or "application/octet-stream"
      head = ('%s; filename="%s"\r\nContent-Type: %s'):format(head, encode_name(value.name),
        gsub(media_type, "[%z\1-\31\127]", ""))
      value = value.content
    end
    parts[i] = head .. "\r\n\r\n" .. value .. "\r\n"
  end
  local boundary = choose_boundary(parts)
  for i, part in ipairs(parts) do parts[i] = "--" .. boundary .. "\r\n" .. part end
  parts[#parts + 1] = "--" .. boundary .. "--\r\n"
  return table.concat(parts), "multipart/form-data; boundary=" .. boundary
end

return FormData
