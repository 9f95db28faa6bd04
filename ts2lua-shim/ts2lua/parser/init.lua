--- parser: a source as a tree, with the types left out.

local Cursor = require "ts2lua.parser.cursor"
local grammar = require "ts2lua.parser.grammar"

require "ts2lua.parser.types"
require "ts2lua.parser.patterns"
require "ts2lua.parser.literals"
require "ts2lua.parser.expressions"
require "ts2lua.parser.calls"
require "ts2lua.parser.operators"
require "ts2lua.parser.functions"
require "ts2lua.parser.classes"
require "ts2lua.parser.declarations"
require "ts2lua.parser.loops"
require "ts2lua.parser.statements"
require "ts2lua.parser.modules"

local parser = {}

local function parse_statements(cursor, list)
  while cursor.kind ~= "end" do
    local node = grammar.statement(cursor)
    if node then table.insert(list, node) end
  end
end

--- Raises a fault for what is no TypeScript, or is more of it than the translator knows.
---@param source string
---@param file string    its name in faults
---@return table program    { type = "Program", body = statements, source, file }
function parser.parse(source, file)
  local cursor = Cursor.new(source, file)
  local program = { type = "Program", line = 1, body = {}, source = source, file = file }
  local ok, problem = pcall(parse_statements, cursor, program.body)
  if not ok then error(cursor:uncover(problem), 0) end
  program.has_bigints = cursor.has_bigints or false
  program.refusals = {}
  for _, refusal in pairs(cursor.refusals) do table.insert(program.refusals, refusal) end
  return program
end

--- Parses a text that has to be one expression.
---@param text string
---@param name string    how faults call it
---@return table node
function parser.expression(text, name)
  local cursor = Cursor.new(text, name)
  local node = grammar.expression(cursor)
  if cursor.kind ~= "end" then cursor:fail_expected "the end" end
  return node
end

return parser
