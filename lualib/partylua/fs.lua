--- fs: paths, and the few questions about files that Lua's own library cannot answer.
---
--- Paths are joined as written: nothing here folds `a/../b`, because with symbolic links that
--- names another file.

local ffi = require "ffi"

ffi.cdef [[
int access(const char *path, int mode);
char *getcwd(char *buffer, size_t size);
int isatty(int fd);
int mkdir(const char *path, unsigned mode);
char *strerror(int number);
]]

local fs = {}

local EXISTS = 0 -- F_OK
local EEXIST, ENOTDIR = 17, 20
local FOLDER_MODE = 511 -- 0777, less what the umask takes
local PATH_BYTES_MAX = 4096 -- Linux's PATH_MAX

--- Whether something, of any kind, has this path.
---@param path string
---@return boolean
function fs.exists(path)
  return ffi.C.access(path, EXISTS) == 0
end

--- Whether the path is a folder. "path/." resolves for folders only.
---@param path string
---@return boolean
function fs.is_folder(path)
  return ffi.C.access(path .. "/.", EXISTS) == 0
end

--- Whether the path can be read as a file: it exists and is no folder.
---@param path string
---@return boolean
function fs.is_file(path)
  return fs.exists(path) and not fs.is_folder(path)
end

--- The working directory, absolute.
---@return string
function fs.cwd()
  local buffer = ffi.new("char[?]", PATH_BYTES_MAX)
  if ffi.C.getcwd(buffer, PATH_BYTES_MAX) == nil then return "." end
  return ffi.string(buffer)
end

--- Whether a file descriptor (1 is output, 2 is errors) is a terminal.
---@param descriptor integer
---@return boolean
function fs.is_terminal(descriptor)
  return ffi.C.isatty(descriptor) == 1
end

--- The whole content of a file.
---@param path string
---@return string? text
---@return string? message    what the system said, when there is no text
function fs.read(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local text, failed = file:read "*a"
  file:close()
  if not text then return nil, ("%s: %s"):format(path, failed) end
  return text
end

---@param path string
---@return boolean
function fs.is_absolute(path)
  return path:sub(1, 1) == "/"
end

--- `path` seen from `folder`; an absolute path stays as it is.
---@param folder string
---@param path string
---@return string
function fs.join(folder, path)
  if fs.is_absolute(path) then return path end
  path = path:gsub("^%./+", "")
  if path == "" or path == "." then return folder end
  return folder:gsub("/+$", "") .. "/" .. path
end

--- The folder that holds `path`; "/" holds itself.
---@param path string
---@return string
function fs.parent(path)
  local folder = path:gsub("/+$", ""):match "^(.*)/[^/]*$"
  if not folder then return fs.is_absolute(path) and "/" or "." end
  return folder == "" and "/" or folder
end

--- The shortest honest way to show `path` to somebody working in `folder`.
---@param path string
---@param folder string
---@return string
function fs.display(path, folder)
  local inside = folder:gsub("/+$", "") .. "/"
  if path:sub(1, #inside) == inside and #path > #inside then return path:sub(#inside + 1) end
  return path
end

--- The first of `names` found in `folder` or in the nearest folder above it that has one.
---@param names string[]
---@param folder string    absolute
---@return string? path
function fs.find_upward(names, folder)
  while true do
    for _, name in ipairs(names) do
      local path = fs.join(folder, name)
      if fs.is_file(path) then return path end
    end
    local above = fs.parent(folder)
    if above == folder then return nil end
    folder = above
  end
end

--- Makes a folder, and those above it that are missing. One that is there is left as it is.
---@param path string
---@return true? ok
---@return string? message
function fs.make_folder(path)
  if fs.is_folder(path) then return true end
  local parent = fs.parent(path)
  if parent ~= path then
    local ok, why = fs.make_folder(parent)
    if not ok then return nil, why end
  end
  if ffi.C.mkdir(path, FOLDER_MODE) == 0 then return true end
  local number = ffi.errno()
  if number == EEXIST and fs.is_folder(path) then return true end -- another process was faster
  if number == EEXIST then number = ENOTDIR end
  return nil, ("%s: %s"):format(path, ffi.string(ffi.C.strerror(number)))
end

--- Writes a file that must not be there yet.
---@param path string
---@param text string
---@return true? ok
---@return string? message
function fs.write_new(path, text)
  local file, why = io.open(path, "wbx") -- C11 7.21.5.3: x fails where a file is
  if not file then return nil, why end
  local ok, failed = file:write(text)
  local closed, unfinished = file:close()
  if ok and closed then return true end
  os.remove(path)
  return nil, ("%s: %s"):format(path, failed or unfinished)
end

return fs
