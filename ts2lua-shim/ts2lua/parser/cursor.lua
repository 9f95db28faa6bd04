--- cursor: where the parser stands: the lexer, with the questions productions ask.

local fault = require "ts2lua.fault"
local Lexer = require "ts2lua.parser.lexer"

--- More levels than people write, and few enough for the Lua stack.
local LEVELS_MAX = 160

---@class ts2lua.Cursor: ts2lua.Lexer
---@field level integer            productions inside each other
---@field no_in boolean            `in` is no operator here: the head of a `for`
---@field before_colon boolean     a `:` must follow the expression: the middle of `a ? b : c`
---@field hidden table[]           faults in arrow functions, with the places of their heads
---@field refused table<string, boolean>    places that turned out not to begin an arrow function
local Cursor = setmetatable({}, { __index = Lexer })
Cursor.__index = Cursor

---@param source string
---@param file string
---@return ts2lua.Cursor
function Cursor.new(source, file)
  local cursor = setmetatable(Lexer.new(source, file), Cursor)
  cursor.hidden = {}
  cursor.level, cursor.no_in, cursor.before_colon, cursor.refused = 0, false, false, {}
  return cursor
end

--- Is the token this punctuation?
function Cursor:at(text)
  return self.kind == "punctuation" and self.value == text
end

--- Is the token this word?
function Cursor:at_word(word)
  return self.kind == "name" and self.value == word and not self.escaped
end

--- Steps over the punctuation when it is there.
function Cursor:accept(text)
  if not self:at(text) then return false end
  self:advance()
  return true
end

function Cursor:accept_word(word)
  if not self:at_word(word) then return false end
  self:advance()
  return true
end

--- What the token is called in messages.
function Cursor:describe()
  if self.kind == "end" then return self.value end
  if self.kind == "string" then return "a string" end
  if self.kind == "template" then return "a template" end
  return ("'%s'"):format(tostring(self.value))
end

function Cursor:fail_expected(what)
  self:fail(("expected %s, found %s"):format(what, self:describe()))
end

function Cursor:expect(text)
  if not self:accept(text) then self:fail_expected("'" .. text .. "'") end
end

function Cursor:expect_word(word)
  if not self:accept_word(word) then self:fail_expected("'" .. word .. "'") end
end

--- Steps over a name and returns it.
function Cursor:expect_name()
  if self.kind ~= "name" then self:fail_expected "a name" end
  local name = self.value
  self:advance()
  return name
end

--- The token after this one: kind, value, whether a line ended before it.
function Cursor:peek()
  local saved = self:save()
  self:advance()
  local kind, value, after_newline = self.kind, self.value, self.after_newline
  self:restore(saved)
  return kind, value, after_newline
end

--- Is the token after this one such punctuation?
function Cursor:peek_at(text)
  local kind, value = self:peek()
  return kind == "punctuation" and value == text
end

--- Does a name follow on the same line? Then a word such as `type` is a keyword.
function Cursor:peek_name()
  local kind, value, after_newline = self:peek()
  return kind == "name" and not after_newline, value
end

--- The end of a statement: `;`, or a place where JavaScript puts one itself.
function Cursor:semicolon()
  if self:accept ";" or self:at "}" or self.kind == "end" or self.after_newline then return end
  self:fail_expected "';'"
end

--- Tries a production; goes back to where it began when it ends in a fault or in nil.
---@param production fun(...): any
function Cursor:attempt(production, ...)
  local saved = self:save()
  local level, no_in, before_colon = self.level, self.no_in, self.before_colon
  local ok, result = pcall(production, ...)
  if ok and result then return result end
  if not ok and not fault.is(result) then error(result, 0) end
  self:restore(saved)
  self.level, self.no_in, self.before_colon = level, no_in, before_colon
  return nil
end

--- Keeps what is wrong in the body of an arrow function whose parameters begin at `from` and whose
--- arrow stands at `to`: when nothing else fits, these will seem to be what is wrong.
function Cursor:remember(from, to, problem)
  if not fault.is(problem) then return end
  table.insert(self.hidden, {
    from = fault.at(self.source, self.file, from, ""),
    to = fault.at(self.source, self.file, to, ""), problem = problem,
  })
end

--- The fault that is hidden behind one that points at the head of an arrow function, or that one.
function Cursor:uncover(problem)
  if not fault.is(problem) then return problem end
  for _, each in ipairs(self.hidden) do
    if each.problem ~= problem and not fault.is_before(problem, each.from)
      and not fault.is_before(each.to, problem) then
      return self:uncover(each.problem)
    end
  end
  return problem
end

--- Enters a production that can hold itself; `leave` ends it.
function Cursor:enter()
  self.level = self.level + 1
  if self.level > LEVELS_MAX then
    self:fail("this is nested too deeply", "give a part of it a name of its own")
  end
end

function Cursor:leave()
  self.level = self.level - 1
end

--- A node of the tree, at the current token.
---@return table
function Cursor:node(kind)
  return { type = kind, line = self.token_line, start = self.start }
end

return Cursor
