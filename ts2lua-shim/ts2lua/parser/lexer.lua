--- lexer: tokens on demand, because what a `/` or a `}` begins only the parser knows.
---
--- A token lies in the lexer's own fields until the next is read. `>` always comes alone, since
--- `Map<string, Set<number>>` ends two lists; the parser puts `>>` and `>=` together itself.

local decimal = require "ts2lua.decimal"
local escapes = require "ts2lua.parser.escapes"
local fault = require "ts2lua.fault"
local utf8 = require "ts2lua.utf8"

local byte, find, match, sub, gsub = string.byte, string.find, string.match, string.sub, string.gsub

---@class ts2lua.Lexer
---@field source string
---@field file string
---@field position integer         where the next token is looked for
---@field line integer             the line of that place
---@field kind "name"|"number"|"bigint"|"string"|"template"|"punctuation"|"private"|"end"
---@field value any                name, text, number or punctuation
---@field escaped boolean          a name written with escapes, which is never a keyword
---@field start integer            first byte of the token
---@field token_line integer       the line the token begins on
---@field after_newline boolean    a line ended between the token before and this one
---@field last_line integer        the line the token before ended on
---@field last_stop integer        the last byte of the token before
---@field has_bigints boolean      a BigInt was met
---@field refusals table<integer, ts2lua.Fault>    what is understood and not supported, by place
local Lexer = {}
Lexer.__index = Lexer

local PUNCTUATION = {}
for text in ([[{ } ( ) [ ] ; , < <= == != === !== + - * % ** ++ -- << & | ^ ! ~ && || ?? ? ?. :
    = += -= *= %= **= <<= &= |= ^= &&= ||= ??= => . ... / /= @ > #]]):gmatch "%S+" do
  local first = byte(text)
  PUNCTUATION[first] = PUNCTUATION[first] or {}
  table.insert(PUNCTUATION[first], text)
end
for _, list in pairs(PUNCTUATION) do
  table.sort(list, function(a, b) return #a > #b end)
end

local NAME = "^[%a_$\128-\255][%w_$\128-\255]*"

---@param source string
---@param file string
---@return ts2lua.Lexer
function Lexer.new(source, file)
  local lexer = setmetatable({
    source = source, file = file, position = 1, line = 1, last_line = 1, token_line = 1, start = 1,
    last_stop = 0, refusals = {},
  }, Lexer)
  local broken = utf8.find_fault(source)
  if broken then lexer:fail_at(broken, "the file is not valid UTF-8") end
  if sub(source, 1, 3) == "\239\187\191" then lexer.position = 4 end
  if match(source, "^#!", lexer.position) then
    lexer.position = find(source, "\n", 1, true) or #source + 1
  end
  lexer:advance()
  return lexer
end

--- Raises a fault that points at byte `at`.
function Lexer:fail_at(at, message, hint)
  fault.raise(self.source, self.file, at, message, hint)
end

--- Notes a fault at the current token and lets the parser go on: the source is refused when it
--- has been read, and everything like it is told at once.
function Lexer:refuse(message, hint)
  self.refusals[self.start] = fault.at(self.source, self.file, self.start, message, hint)
end

--- Raises a fault that points at the current token.
function Lexer:fail(message, hint)
  self:fail_at(self.start, message, hint)
end

local FIELDS = { "position", "line", "kind", "value", "escaped", "start", "token_line",
  "after_newline", "last_line", "last_stop" }

--- Everything that reading on changes.
function Lexer:save()
  local saved = {}
  for i = 1, #FIELDS do saved[i] = self[FIELDS[i]] end
  return saved
end

function Lexer:restore(saved)
  for i = 1, #FIELDS do self[FIELDS[i]] = saved[i] end
end

--- Counts the lines that end in the bytes from `first` to `last`.
function Lexer:count_lines(first, last)
  local at = find(self.source, "\n", first, true)
  while at and at <= last do
    self.line = self.line + 1
    at = find(self.source, "\n", at + 1, true)
  end
end

function Lexer:skip_comment(at)
  local source = self.source
  if byte(source, at + 1) == 47 then
    self.position = find(source, "\n", at, true) or #source + 1
    return true
  elseif byte(source, at + 1) == 42 then
    local _, last = find(source, "*/", at + 2, true)
    if not last then self:fail_at(at, "this comment is never closed", "close it with */") end
    local line = self.line
    self:count_lines(at, last)
    if self.line ~= line then self.after_newline = true end
    self.position = last + 1
    return true
  end
  return false
end

--- Spaces beyond ASCII; returns their length, and whether they end a line.
local function wide_space(source, at)
  if match(source, "^\194\160", at) then return 2, false end
  if match(source, "^\239\187\191", at) or match(source, "^\227\128\128", at)
    or match(source, "^\226\128[\128-\138\175]", at) then return 3, false end
  if match(source, "^\226\128[\168\169]", at) then return 3, true end
  return nil
end

function Lexer:skip_space()
  local source = self.source
  self.after_newline = false
  while true do
    local _, last = find(source, "^[ \t\v\f]+", self.position)
    if last then self.position = last + 1 end
    local at = self.position
    local b = byte(source, at)
    if b == 10 or b == 13 then
      if b == 10 then self.line = self.line + 1 end
      self.after_newline = true
      self.position = at + 1
    elseif b == 47 then
      if not self:skip_comment(at) then return end
    elseif b and b >= 128 then
      local length, ends_line = wide_space(source, at)
      if not length then return end
      self.after_newline = self.after_newline or ends_line
      self.position = at + length
    else
      return
    end
  end
end

function Lexer:read_name(last)
  local name = sub(self.source, self.start, last)
  self.kind, self.value, self.position = "name", name, last + 1
  if name == "BigInt" then self.has_bigints = true end
end

--- A name with `\u0061` in it.
function Lexer:read_escaped_name()
  local source, parts, at = self.source, {}, self.start
  while true do
    local _, last = find(source, "^[%w_$\128-\255]+", at)
    if last then
      parts[#parts + 1] = sub(source, at, last)
      at = last + 1
    elseif match(source, "^\\u", at) then
      local text, after = escapes.read(source, at + 1)
      if not text or not match(text, "^[%w_$\128-\255]") then
        self:fail "a backslash does not belong here"
      end
      parts[#parts + 1], at = text, after
    else
      break
    end
  end
  if #parts == 0 then self:fail "a backslash does not belong here" end
  self.kind, self.value, self.position = "name", table.concat(parts), at
  self.escaped = true
end

local BASES = { x = 16, X = 16, o = 8, O = 8, b = 2, B = 2 }
local DIGITS = { [16] = "^[%x_]+", [8] = "^[0-7_]+", [2] = "^[01_]+" }

local function digits_value(digits, base)
  local value = 0
  for i = 1, #digits do value = value * base + tonumber(sub(digits, i, i), 16) end
  return value
end

--- A number; returns its value and where it ends.
function Lexer:scan_number()
  local source, at = self.source, self.start
  local base = BASES[match(source, "^0(%a)", at) or ""]
  if base then
    local digits = match(source, DIGITS[base], at + 2)
    if not digits then self:fail "this number has no digits" end
    return digits_value(gsub(digits, "_", ""), base), at + 2 + #digits
  end
  if match(source, "^0[%d_]", at) then
    self:fail("a number may not begin with 0", "octal numbers are written as 0o17")
  end
  local text = match(source, "^[%d_]*%.?[%d_]*", at)
  local after = at + #text
  local exponent = match(source, "^[eE][+-]?%d[%d_]*", after)
  if exponent then text, after = text .. exponent, after + #exponent end
  if not find(text, "%d") then self:fail "this is not a number" end
  return decimal((gsub(text, "_", ""))), after
end

function Lexer:read_number()
  local value, after = self:scan_number()
  self.kind, self.value, self.position = "number", value, after
  if byte(self.source, after) == 110 then
    local digits = gsub(sub(self.source, self.start, after - 1), "_", "")
    if match(digits, "%D") then digits = require "ts2lua.radix"(digits) end
    if not digits then self:fail "a BigInt is a whole number" end
    self.kind, self.value, self.position = "bigint", digits, after + 1
    self.has_bigints = true
  end
  if find(self.source, NAME, self.position) then
    self:fail_at(self.position, "a name cannot follow a number without a space")
  end
end

--- The escape at `at` (a backslash), or a fault.
function Lexer:escape(at)
  local text, after = escapes.read(self.source, at + 1)
  if not text then self:fail_at(at, "there is no such escape") end
  self:count_lines(at, after - 1)
  return text, after
end

function Lexer:read_string(quote)
  local source, parts, at = self.source, {}, self.start + 1
  while true do
    local _, last = find(source, '^[^"\'\\\n\r]+', at)
    if last then
      parts[#parts + 1] = sub(source, at, last)
      at = last + 1
    end
    local c = sub(source, at, at)
    if c == quote then break end
    if c == "" or c == "\n" or c == "\r" then
      self:fail("this string is never closed", "a text over several lines is written in `…`")
    end
    if c == "\\" then
      parts[#parts + 1], at = self:escape(at)
    else
      parts[#parts + 1], at = c, at + 1
    end
  end
  self.kind, self.value, self.position = "string", table.concat(parts), at + 1
end

--- The text of a template up to its end or its next `${`, from where the lexer stands.
---@return string text    with escapes read
---@return string raw     as written
---@return boolean closed
---@return integer? unreadable    where an escape stands that does not exist
function Lexer:template_chunk()
  local source, first = self.source, self.position
  local parts, at, unreadable = {}, first, nil
  while true do
    local _, last = find(source, "^[^`\\$\r\n]+", at)
    if last then
      parts[#parts + 1] = sub(source, at, last)
      at = last + 1
    end
    local c = sub(source, at, at)
    if c == "`" or c == "$" and sub(source, at + 1, at + 1) == "{" then
      local raw = gsub(sub(source, first, at - 1), "\r\n?", "\n")
      self.position = at + (c == "`" and 1 or 2)
      return table.concat(parts), raw, c == "`", unreadable
    elseif c == "" then
      self:fail("this template is never closed", "close it with `")
    elseif c == "\\" then
      local text, after = escapes.read(source, at + 1)
      if not text then unreadable = unreadable or at end
      self:count_lines(at, (after or at + 1) - 1)
      parts[#parts + 1], at = text or "\\", after or at + 1
    elseif c == "\r" then
      if byte(source, at + 1) ~= 10 then parts[#parts + 1] = "\n" end
      at = at + 1
    else
      if c == "\n" then self.line = self.line + 1 end
      parts[#parts + 1], at = c, at + 1
    end
  end
end

--- Goes on inside a template, after the `}` that is the current token.
function Lexer:resume_template()
  self.position = self.start + 1
  self.line = self.token_line
end

--- Reads the regular expression whose first `/` is the current token.
---@return string source
---@return string flags
function Lexer:regular_expression()
  local source, at, in_class = self.source, self.start + 1, false
  while true do
    local c = sub(source, at, at)
    if c == "/" and not in_class then break end
    if c == "[" then in_class = true end
    if c == "]" then in_class = false end
    if c == "\\" then
      at = at + 1
      c = sub(source, at, at)
    end
    if c == "" or c == "\n" or c == "\r" then
      self:fail "this regular expression is never closed"
    end
    at = at + 1
  end
  local text = sub(source, self.start + 1, at - 1)
  local flags = match(source, "^[%w_$]*", at + 1)
  self.position = at + 1 + #flags
  return text, flags
end

--- Makes the current `>` the longest operator that begins there: `>>>=`, `>>`, `>=`, …
function Lexer:join_greater()
  local rest = match(self.source, "^>?>?=?", self.start + 1)
  return ">" .. rest
end

function Lexer:read_punctuation(b)
  local source, at = self.source, self.start
  for _, text in ipairs(PUNCTUATION[b] or {}) do
    if sub(source, at, at + #text - 1) == text then
      -- `a?.5:b` is a condition.
      if text == "?." and find(source, "^%d", at + 2) then text = "?" end
      self.kind, self.value, self.position = "punctuation", text, at + #text
      return
    end
  end
  self:fail(("the character %q does not belong here"):format(sub(source, at, at)))
end

--- Reads the next token into the fields.
function Lexer:advance()
  self.last_line, self.last_stop = self.line, self.position - 1
  self:skip_space()
  local source, at = self.source, self.position
  self.start, self.token_line, self.escaped = at, self.line, false
  local b = byte(source, at)
  if not b then
    self.kind, self.value = "end", "the end of the file"
    return
  end
  local _, last = find(source, NAME, at)
  if last and byte(source, last + 1) ~= 92 then
    self:read_name(last)
  elseif last or b == 92 then
    self:read_escaped_name()
  elseif b >= 48 and b <= 57 or b == 46 and find(source, "^%d", at + 1) then
    self:read_number()
  elseif b == 34 or b == 39 then
    self:read_string(string.char(b))
  elseif b == 96 then
    self.kind, self.value, self.position = "template", "`", at + 1
  elseif b == 35 and find(source, NAME, at + 1) then
    local name = match(source, NAME, at + 1)
    self.kind, self.value, self.position = "private", name, at + 1 + #name
  else
    self:read_punctuation(b)
  end
end

return Lexer
