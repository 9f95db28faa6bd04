--- finding: one thing that a check has found: a failure in the parts that people and editors want.

---@class partylua.check.Finding
---@field code string    of docs/errors.md
---@field severity "error"|"warning"
---@field message string    one line, without the place
---@field hint? string
---@field file? string
---@field line? integer
---@field column? integer
---@field endColumn? integer    behind the last character that is meant
---@field excerpt? string    the source line, and carets
local Finding = {}
Finding.__index = Finding

local HINT_COLUMN_MAX = 100

local finding = {}

--- "config.env:3: no value" says its place in front.
local function split_message(message)
  local first = message:match "^[^\n]*"
  local file, line, rest = first:match "^([^%s:]+):(%d+): (.*)$"
  if file then return rest, file, tonumber(line) end
  return first
end

---@param found partylua.Failure
---@param code string    for one that has none
---@return partylua.check.Finding
function finding.of(found, code)
  local message, file, line = split_message(found.message)
  local place = found.place or {}
  return setmetatable({
    code = found.code or code,
    severity = found.is_warning and "warning" or "error",
    message = (found.what or message):match "^[^\n]*",
    hint = found.hint,
    file = place.file or file,
    line = place.line or line,
    column = place.column,
    endColumn = place.stop,
    excerpt = place.excerpt,
  }, Finding)
end

local function is_before(a, b)
  for _, key in ipairs { "file", "line", "column", "code", "message" } do
    local one, other = a[key] or "", b[key] or ""
    if type(one) ~= type(other) then return one == "" end
    if one ~= other then return one < other end
  end
  return false
end

--- Puts findings in the order of files and places.
---@param findings partylua.check.Finding[]
function finding.sort(findings)
  table.sort(findings, is_before)
end

--- `app.lua:24:14`, as far as it is known.
function Finding:where()
  local parts = { self.file, self.line, self.column }
  return self.file and table.concat(parts, ":")
end

--- Two to five lines.
---@return string
function Finding:text()
  local lines = { ("%s[%s]: %s"):format(self.severity, self.code, self.message) }
  local function add(text) lines[#lines + 1] = text end
  if self.file then add("  " .. self:where()) end
  if self.excerpt then add(self.excerpt) end
  local last = lines[#lines]:match "[^\n]*$"
  if self.hint and self.excerpt and #last + 1 + #self.hint <= HINT_COLUMN_MAX then
    lines[#lines] = lines[#lines] .. " " .. self.hint
  elseif self.hint then
    add("  hint: " .. self.hint)
  end
  return table.concat(lines, "\n")
end

--- The same as a table for JSON.
---@return table
function Finding:record()
  local record = {}
  for _, key in ipairs { "code", "severity", "message", "hint", "file", "line", "column",
    "endColumn", "excerpt" } do
    record[key] = self[key]
  end
  return record
end

return finding
