--- watcher: tells which files of a project have changed.
---
--- Folders are watched and names looked at, so that a file which an editor puts in the place of
--- another counts as a change of it. What happens in quick succession is one change, and a file
--- whose content is what it was has not changed.

local fs = require "partylua.fs"
local native = require "partylua.native"

local QUIET_MS = 50
local FOLDERS_MAX = 4096
local CLOCK_MS = 10 -- how far the times of files may be behind the clock
local COMPARED_BYTES_MAX = 1024 * 1024

local watcher = {}

---@class partylua.dev.Watcher
---@field private on_change fun(changes: partylua.dev.Changes)
---@field private files table<string, string|false>    contents by path; false: not there, or large
---@field private root? string    folder of static files
---@field private watches table<string, partylua.native.Watch>    by folder
---@field private touched table<string, boolean>    paths, since the last quiet moment
---@field private timer? partylua.native.Timer
---@field private is_broken? boolean
---@field private has_warned? boolean
local Watcher = {}
Watcher.__index = Watcher

---@class partylua.dev.Changes
---@field files string[]    of those that were asked for, sorted
---@field pages string[]    below the folder of static files

---@param on_change fun(changes: partylua.dev.Changes)
---@return partylua.dev.Watcher
function watcher.new(on_change)
  return setmetatable({ on_change = on_change, files = {}, watches = {}, touched = {} }, Watcher)
end

local function content_of(path)
  local text = fs.is_file(path) and fs.read(path) or false
  return text and #text <= COMPARED_BYTES_MAX and text
end

--- The folder itself, or the nearest above it that is there: it may come to be.
local function existing(folder)
  while not fs.is_folder(folder) and folder ~= "/" do folder = fs.parent(folder) end
  return folder
end

local function add_tree(folders, folder, count)
  if count >= FOLDERS_MAX or folders[folder] then return count end
  folders[folder], count = true, count + 1
  for _, name in ipairs(native.subfolders(folder) or {}) do
    if name:sub(1, 1) ~= "." and name ~= "node_modules" then
      count = add_tree(folders, fs.join(folder, name), count)
    end
  end
  return count
end

function Watcher:wanted_folders()
  local folders = {}
  for path in pairs(self.files) do
    folders[existing(fs.parent(path))] = true
    local target = native.real_path(path) -- what a link leads to changes elsewhere
    if target then folders[fs.parent(target)] = true end
  end
  if self.root then add_tree(folders, existing(self.root), 0) end
  return folders
end

--- Watches what has to be watched now, and nothing else.
function Watcher:renew()
  local wanted = self:wanted_folders()
  for folder, watch in pairs(self.watches) do
    if not wanted[folder] then
      watch:close()
      self.watches[folder] = nil
    end
  end
  for folder in pairs(wanted) do
    if not self.watches[folder] then self:watch(folder) end
  end
end

function Watcher:watch(folder)
  local watch, message = native.watch_folder(folder, function(name) self:touch(folder, name) end)
  self.watches[folder] = watch
  if watch or self.has_warned then return end
  self.has_warned = true
  native.log("warn", "dev", "changes will not be seen", { "folder", folder, "err", message })
end

--- Looks at what has changed when it has been quiet for a moment.
function Watcher:look_soon()
  if self.timer then self.timer:cancel() end
  self.timer = native.timer(QUIET_MS, false, function() self:settle() end)
end

--- Something has changed in a folder, which may be the folder itself.
function Watcher:touch(folder, name)
  self.touched[name == "" and folder or fs.join(folder, name)] = true
  if not fs.is_folder(folder) or name == folder:match "[^/]*$" then
    local watch = self.watches[folder] -- another folder of this name would not be noticed
    if watch then watch:close() end
    self.watches[folder] = nil
  end
  self:look_soon()
end

local function is_below(path, folder)
  return folder and (path == folder or path:sub(1, #folder + 1) == folder .. "/")
end

local function is_code(path)
  return path:find "%.lua$" or path:find "%.[cm]?[tj]sx?$" or path:find "%.json$"
end

--- The files whose content is another now. While the code is broken any file of code may be what
--- it needs.
function Watcher:changed_files()
  local changed = {}
  for path, before in pairs(self.files) do
    local now = content_of(path)
    local is_large = not now and not before and self.touched[path] and fs.is_file(path)
    if now ~= before or is_large then
      self.files[path] = now
      changed[#changed + 1] = path
    end
  end
  for path in pairs(self.is_broken and self.touched or {}) do
    if self.files[path] == nil and is_code(path) then changed[#changed + 1] = path end
  end
  table.sort(changed)
  return changed
end

--- It is quiet: looks at what has changed, and tells.
function Watcher:settle()
  local changes = { files = self:changed_files(), pages = {} }
  for path in pairs(self.touched) do
    if is_below(path, self.root) then changes.pages[#changes.pages + 1] = path end
  end
  table.sort(changes.pages)
  self.touched, self.timer = {}, nil
  self:renew()
  if #changes.files + #changes.pages > 0 then self.on_change(changes) end
end

--- What a file is compared with that was not watched before. One that has changed since it was
--- read, or looked for, is compared with what it cannot be.
local function first_content(path, since_ms)
  local modified_ms = native.modified_ms(path)
  if modified_ms and modified_ms > since_ms - CLOCK_MS then return "\0", true end
  return content_of(path), false
end

--- Says what to watch from now on: files, which need not be there, and a folder with all below it.
---@param paths string[]    absolute
---@param root? string      absolute
---@param since_ms number   when the files were read, in milliseconds since 1970
---@param is_broken boolean    they could not be loaded
function Watcher:set(paths, root, since_ms, is_broken)
  local files, is_late = {}, false
  for _, path in ipairs(paths) do
    local content, has_changed = self.files[path], false
    if content == nil then content, has_changed = first_content(path, since_ms) end
    files[path], is_late = content, is_late or has_changed
  end
  self.files, self.root, self.is_broken = files, root, is_broken
  self:renew()
  if is_late then self:look_soon() end
end

function Watcher:stop()
  for folder, watch in pairs(self.watches) do
    watch:close()
    self.watches[folder] = nil
  end
end

return watcher
