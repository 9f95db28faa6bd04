--- types: TypeScript's types, read only to be left out.

local grammar = require "ts2lua.parser.grammar"

local OPENING = { ["("] = true, ["["] = true, ["{"] = true }
local CLOSING = { [")"] = true, ["]"] = true, ["}"] = true }

local type_, type_arguments, type_parameters

local function skip_template(c)
  while true do
    local _, _, closed = c:template_chunk()
    c:advance()
    if closed then return end
    type_(c)
    if not c:at "}" then c:fail_expected "'}'" end
    c:resume_template()
  end
end

--- Steps over a bracket and all that is in it.
local function skip_brackets(c)
  local open = c:save()
  local depth = 0
  repeat
    if c.kind == "end" then
      c:restore(open)
      c:fail("this bracket is never closed")
    end
    if c.kind == "punctuation" then
      if OPENING[c.value] then depth = depth + 1 end
      if CLOSING[c.value] then depth = depth - 1 end
    end
    if c.kind == "template" then skip_template(c) else c:advance() end
  until depth == 0
end

--- Whether the `(` here opens the parameters of a function type, not a type in parentheses.
local function at_parameters(c)
  local saved = c:save()
  c:advance()
  local is = c:at ")" or c:at "..." or c:at "{" or c:at "["
  if c.kind == "name" then
    local kind, value = c:peek()
    is = kind == "punctuation"
      and (value == ":" or value == "," or value == "?" or value == "=" or value == ")")
  end
  c:restore(saved)
  return is
end

local function function_type(c)
  if c:at "<" then type_parameters(c) end
  if not c:at "(" then c:fail_expected "'('" end
  skip_brackets(c)
  c:expect "=>"
  type_(c)
end

local function parenthesised(c)
  local could_be_function = at_parameters(c)
  skip_brackets(c)
  if could_be_function and c:accept "=>" then type_(c) end
end

local function qualified_name(c)
  c:expect_name()
  while c:accept "." do c:expect_name() end
  if c:at "<" and not c.after_newline then type_arguments(c) end
end

local function import_type(c)
  c:expect_word "import"
  if not c:at "(" then c:fail_expected "'('" end
  skip_brackets(c)
  while c:accept "." do c:expect_name() end
  if c:at "<" and not c.after_newline then type_arguments(c) end
end

local function typeof_type(c)
  c:expect_word "typeof"
  if c:at_word "import" then return import_type(c) end
  qualified_name(c)
end

--- What may follow a word such as `keyof` when it is itself the name of a type.
local function is_plain_name(c)
  local kind, value = c:peek()
  return kind == "end" or kind == "punctuation"
    and not (value == "(" or value == "{" or value == "[" or value == "<")
end

local operand

local function infer_type(c)
  c:advance()
  c:expect_name()
  if c:at_word "extends" then
    c:attempt(function()
      c:advance()
      type_(c, true)
      return not c:at "?"
    end)
  end
end

local function asserts_type(c)
  local is_name = c:peek_name()
  c:advance()
  if not is_name then return end
  c:expect_name()
  if c:accept_word "is" then type_(c) end
end

local function constructor_type(c)
  c:accept_word "abstract"
  c:expect_word "new"
  function_type(c)
end

local function predicate_or_name(c)
  if c:peek_name() and select(2, c:peek()) == "is" then
    c:advance()
    c:advance()
    return type_(c)
  end
  qualified_name(c)
end

local PREFIXES = { keyof = true, unique = true, readonly = true }

local function named(c)
  local word = c.value
  if PREFIXES[word] and not is_plain_name(c) then
    c:advance()
    return operand(c)
  end
  if word == "typeof" then return typeof_type(c) end
  if word == "import" then return import_type(c) end
  if word == "new" then return constructor_type(c) end
  if word == "abstract" and select(2, c:peek()) == "new" then return constructor_type(c) end
  if word == "infer" and c:peek_name() then return infer_type(c) end
  if word == "asserts" and c:peek_name() then return asserts_type(c) end
  return predicate_or_name(c)
end

local function primary(c)
  if c:at "(" then return parenthesised(c) end
  if c:at "{" or c:at "[" then return skip_brackets(c) end
  if c:at "<" then return function_type(c) end
  if c.kind == "string" or c.kind == "number" or c.kind == "bigint" then return c:advance() end
  if c:accept "-" then return c:advance() end
  if c.kind == "template" then return skip_template(c) end
  if c.kind == "name" then return named(c) end
  c:fail_expected "a type"
end

function operand(c)
  c:enter()
  primary(c)
  while c:at "[" and not c.after_newline do
    c:advance()
    if not c:accept "]" then
      type_(c)
      c:expect "]"
    end
  end
  if c:at "!" and not c.after_newline then c:advance() end
  c:leave()
end

--- A type. `unconditional` leaves an `extends` to whoever asks.
function type_(c, unconditional)
  c:enter()
  if c:at "|" or c:at "&" then c:advance() end
  operand(c)
  while c:at "|" or c:at "&" do
    c:advance()
    operand(c)
  end
  if not unconditional and c:at_word "extends" and not c.after_newline then
    c:advance()
    type_(c, true)
    c:expect "?"
    type_(c)
    c:expect ":"
    type_(c)
  end
  c:leave()
  return true
end

--- `<A, B>` behind a name.
function type_arguments(c)
  c:expect "<"
  while not c:at ">" do
    type_(c)
    if not c:accept "," then break end
  end
  c:expect ">"
  return true
end

--- `<const T extends A = B>` before parameters.
function type_parameters(c)
  c:expect "<"
  while not c:at ">" do
    while (c:at_word "const" or c:at_word "in" or c:at_word "out")
      and c:peek_name() and select(2, c:peek()) ~= "extends" do
      c:advance()
    end
    c:expect_name()
    if c:accept_word "extends" then type_(c) end
    if c:accept "=" then type_(c) end
    if not c:accept "," then break end
  end
  c:expect ">"
end

local function skip_type_list(c)
  repeat type_(c) until not c:accept ","
end

--- `interface I<T> extends A, B { … }`
local function interface(c)
  c:advance()
  c:expect_name()
  if c:at "<" then type_parameters(c) end
  if c:accept_word "extends" then skip_type_list(c) end
  if not c:at "{" then c:fail_expected "'{'" end
  skip_brackets(c)
end

--- `type A<T> = B`
local function alias(c)
  c:advance()
  c:expect_name()
  if c:at "<" then type_parameters(c) end
  c:expect "="
  type_(c)
  c:semicolon()
end

grammar.skip_type = type_
grammar.skip_type_list = skip_type_list
grammar.skip_type_arguments = type_arguments
grammar.skip_type_parameters = type_parameters
grammar.skip_brackets = skip_brackets
grammar.skip_interface = interface
grammar.skip_type_alias = alias

--- `: T` where it stands.
function grammar.skip_annotation(c)
  if c:accept ":" then
    type_(c)
    return true
  end
  return false
end
