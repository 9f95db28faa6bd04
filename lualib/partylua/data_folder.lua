--- data_folder: where a server keeps what rooms store.

local native = require "partylua.native"

---@class partylua.DataFolder
---@field path string
---@field is_temporary boolean    gone at the end (`"persist": false`)
local DataFolder = {}
DataFolder.__index = DataFolder

local data_folder = {}

local HINTS = {
  EBUSY = "stop that server first, or choose another folder with --data",
  EPROTO = "install that version, or choose another folder with --data",
  EMEDIUMTYPE = "choose another folder with --data",
  EINVAL = "reserve less address space with --map-bytes",
  EACCES = "choose a folder you may write to with --data",
  ENOTRECOVERABLE = "see what is wrong with its disk, then start it again; what clients were told "
    .. "was saved is saved",
  ENOMEM = "reserve less address space with --map-bytes",
  ENOENT = "name the folder with --data, or the app that it belongs to with --app",
  ENOSPC = "make room on the disk, or reserve more address space with --map-bytes",
  ESTALE = "put the data.mdb back that was there, or remove the journal and lose what it holds",
  ENOTEMPTY = "--force takes the place of what is stored there, and keeps that beside it",
}

--- What to do about a folder that cannot be used.
---@param errno string    "EBUSY"
---@return string?
function data_folder.hint(errno)
  return HINTS[errno]
end

--- The folder that settings ask for. It is made, and locked, by whoever opens the store in it.
---@param settings partylua.Settings
---@return partylua.DataFolder
function data_folder.open(settings)
  if settings.persist ~= false then
    return setmetatable({ path = settings.data, is_temporary = false }, DataFolder)
  end
  local path = native.make_temporary_folder()
  return setmetatable({ path = path, is_temporary = true }, DataFolder)
end

--- Removes a temporary folder.
function DataFolder:close()
  if not self.is_temporary then return end
  for _, name in ipairs { "data.mdb", "lock.mdb", "server.lock", "journal" } do
    os.remove(self.path .. "/" .. name)
  end
  os.remove(self.path)
end

return data_folder
