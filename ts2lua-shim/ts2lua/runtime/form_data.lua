--- form_data: Blob, File and FormData. Slot 1 holds a blob's bytes, or partylua's form.

local NativeForm = require "partylua.formdata"
local binary = require "ts2lua.runtime.binary"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local iterate = require "ts2lua.runtime.iterate"
local null = require "ts2lua.runtime.null"
local percent = require "partylua.percent"
local promises = require "ts2lua.runtime.promises"
local raise = require "ts2lua.runtime.raise"
local symbol = require "ts2lua.runtime.symbol"
local utf16 = require "ts2lua.runtime.utf16"

local to_text = convert.to_text

local form_data = {}

local function part_bytes(part)
  if binary.is(part) then return binary.to_string(part) end
  if type(part) == "table" and getmetatable(part).is_blob then return part[1] end
  return utf16.well_formed(to_text(part))
end

local function construct_blob(self, parts, options)
  local list = {}
  if parts ~= nil then
    for _, part in iterate.iterate(parts) do list[#list + 1] = part_bytes(part) end
  end
  rawset(self, 1, table.concat(list))
  rawset(self, "size", #self[1])
  local kind = type(options) == "table" and options.type
  rawset(self, "type", kind and to_text(kind):lower() or "")
end

local Blob = class.builtin("Blob", nil, construct_blob, { is_blob = true, tag = "Blob" })
form_data.Blob = Blob

function Blob.prototype.text(self) return promises.of(percent.scrub_utf8(self[1])) end
function Blob.prototype.arrayBuffer(self) return promises.of(binary.buffer(self[1])) end
function Blob.prototype.bytes(self) return promises.of(binary.uint8(self[1])) end
function Blob.prototype.slice(self, first, last, kind)
  local length = self.size
  first, last = convert.to_index(first, length), convert.to_index(last, length, length)
  return form_data.new_blob(self[1]:sub(first + 1, last), kind or "")
end

local File = class.builtin("File", Blob, function(self, parts, name, options)
  construct_blob(self, parts, options)
  rawset(self, "name", to_text(name))
end, { tag = "File" })
form_data.File = File

--- A blob of bytes.
function form_data.new_blob(bytes, kind)
  local blob = class.new(Blob)
  rawset(blob, 1, bytes)
  rawset(blob, "size", #bytes)
  rawset(blob, "type", kind)
  return blob
end

local function new_file(native)
  local file = class.new(File, nil, native.name)
  rawset(file, 1, native:bytes())
  rawset(file, "size", #file[1])
  rawset(file, "type", native.type or "")
  return file
end

local FormData = class.builtin("FormData", nil, function(self) rawset(self, 1, NativeForm()) end,
  { is_form_data = true, tag = "FormData" })
form_data.FormData = FormData
local prototype = FormData.prototype

local function to_native(value, name)
  if type(value) ~= "table" or not getmetatable(value).is_blob then return to_text(value), nil end
  local file_name = name ~= nil and to_text(name) or rawget(value, "name") or "blob"
  return NativeForm.File(value[1], file_name, value.type), file_name
end

local function from_native(value)
  if value == nil then return null end
  return type(value) == "table" and new_file(value) or value
end

function prototype.get(self, name) return from_native(self[1]:get(to_text(name))) end
function prototype.getAll(self, name)
  local list = {}
  for i, value in ipairs(self[1]:getAll(to_text(name))) do list[i] = from_native(value) end
  return iterate.from_list(list)
end
function prototype.has(self, name) return self[1]:has(to_text(name)) end
function prototype.append(self, name, value, file_name)
  self[1]:append(to_text(name), (to_native(value, file_name)))
end
function prototype.set(self, name, value, file_name)
  self[1]:delete(to_text(name))
  self[1]:append(to_text(name), (to_native(value, file_name)))
end
prototype["delete"] = function(self, name) self[1]:delete(to_text(name)) end

local function pairs_of(self)
  local list = {}
  for name, value in self[1]:entries() do
    list[#list + 1] = iterate.array { [0] = name, from_native(value), length = 2 }
  end
  return iterate.from_list(list)
end
function prototype.entries(self) return pairs_of(self):values() end
prototype[symbol.iterator] = prototype.entries
function prototype.forEach(self, fn, this)
  local list = pairs_of(self)
  for i = 0, list.length - 1 do fn(this, list[i][1], list[i][0], self) end
end

--- The form that bytes are, read as their content type says.
function form_data.parse(bytes, content_type)
  local native = NativeForm.parse(bytes, content_type)
  if not native then raise.type_error "Failed to parse body as FormData." end
  local form = class.new(FormData)
  rawset(form, 1, native)
  return form
end

return form_data
