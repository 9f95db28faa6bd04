--- media: images and sound in inputs: bytes, and what kind they are.

local base64 = require "partylua.base64"
local binary = require "partylua.binary"
local json = require "partylua.json"

local media = {}

-- How files begin: pattern, media type, ending.
local KINDS = {
  { "^\137PNG", "image/png", "png" },
  { "^\255\216\255", "image/jpeg", "jpg" },
  { "^GIF8", "image/gif", "gif" },
  { "^RIFF....WEBP", "image/webp", "webp" },
  { "^RIFF....WAVE", "audio/wav", "wav" },
  { "^OggS", "audio/ogg", "ogg" },
  { "^fLaC", "audio/flac", "flac" },
  { "^ID3", "audio/mpeg", "mp3" },
  { "^\255[\224-\255]", "audio/mpeg", "mp3" },
  { "^\26E\223\163", "audio/webm", "webm" },
  { "^....ftyp", "audio/mp4", "m4a" },
}

local PIECE = 4096 -- arguments of string.char at a time

local function bytes_of_list(list)
  local pieces = {}
  for i = 1, #list, PIECE do
    local ok, piece = pcall(string.char, unpack(list, i, math.min(i + PIECE - 1, #list)))
    if not ok then return nil end
    pieces[#pieces + 1] = piece
  end
  return table.concat(pieces)
end

--- The bytes of a string, of binary data, or of a list of numbers, as PartyKit has them; nil for
--- anything else, and for nothing.
---@param value any
---@return string?
function media.bytes(value)
  local bytes
  if binary.is(value) or type(value) == "string" then
    bytes = binary.unwrap(value)
  elseif type(value) == "table" then
    bytes = bytes_of_list(value)
  end
  return bytes ~= "" and bytes or nil
end

--- The other way: what Workers AI takes as `image` and `audio`.
---@param bytes string
---@return integer[]
function media.list(bytes)
  local list = json.array {}
  for i = 1, #bytes do list[i] = bytes:byte(i) end
  return list
end

local function kind_of(bytes)
  local head = bytes:sub(1, 16)
  for _, kind in ipairs(KINDS) do
    if head:find(kind[1]) then return kind end
  end
  return { "", "application/octet-stream", "bin" }
end

---@param bytes string
---@return string
function media.type_of(bytes)
  return kind_of(bytes)[2]
end

--- A file name with the ending that the bytes suggest: some servers look at nothing else.
---@param bytes string
---@return string
function media.file_name(bytes)
  return "file." .. kind_of(bytes)[3]
end

---@param bytes string
---@return string
function media.data_url(bytes)
  return ("data:%s;base64,%s"):format(media.type_of(bytes), base64.encode(bytes))
end

return media
