--- functions: parameters, bodies and arrows.

local grammar = require "ts2lua.parser.grammar"

local MODIFIER = { public = true, private = true, protected = true, readonly = true,
  override = true }

--- `@decorator(…)` in a place where partylua would have to run it.
function grammar.decorators(c)
  while c:at "@" do
    local at = c.start
    c:refuse("decorators are not supported", "call the function in the class or after it")
    c:advance()
    if c.after_newline or c.kind ~= "name" and not c:at "(" then
      c:fail_at(at, "the character '@' does not belong here")
    end
    grammar.member_tail(c, grammar.primary(c))
  end
end

--- Words such as `private`, which make a constructor's parameter a property.
local function modifiers(c)
  local found = false
  while c.kind == "name" and MODIFIER[c.value] do
    local kind, value = c:peek()
    if kind ~= "name" and not (kind == "punctuation" and (value == "{" or value == "[")) then
      break
    end
    found = true
    c:advance()
  end
  return found
end

local function parameter(c)
  grammar.decorators(c)
  local node = c:node "Parameter"
  node.is_property = modifiers(c)
  if c:accept "..." then node.is_rest = true end
  node.target = grammar.binding(c)
  c:accept "?"
  grammar.skip_annotation(c)
  if c:accept "=" then
    node.default = grammar.named(grammar.assignment(c), node.target.name)
  end
  return node
end

--- `(a, b = 1, ...c)`; a parameter `this` is only a type.
local function parameter_list(c)
  local list = {}
  c:expect "("
  while not c:at ")" do
    local node = parameter(c)
    if node.target.name ~= "this" then table.insert(list, node) end
    if not c:accept "," then break end
  end
  c:expect ")"
  return list
end

local function parameters(c)
  return grammar.outside_head(c, parameter_list)
end

--- A body, or none where only types are declared.
local function body(c, fn)
  if not c:at "{" then
    fn.is_signature = true
    c:semicolon()
    return
  end
  fn.body = grammar.block(c).body
  fn.last_line, fn.stop = c.last_line, c.last_stop
end

--- Type parameters, parameters, the type of the result and the body.
function grammar.function_rest(c, fn)
  if c:at "<" then grammar.skip_type_parameters(c) end
  fn.parameters = parameters(c)
  grammar.skip_annotation(c)
  body(c, fn)
end

--- Gives a function or class without a name that of what it is given to.
function grammar.named(value, name)
  if (value.type == "Function" or value.type == "Class") and not value.name then
    value.given_name = name
  end
  return value
end

--- `function` and what follows. `async` has been read, and began at `start`.
function grammar.func(c, is_async, start)
  local fn = c:node "Function"
  fn.is_async, fn.text_start = is_async, start
  c:expect_word "function"
  if c:accept "*" then fn.is_generator = true end
  if c.kind == "name" then
    fn.name = c.value
    c:advance()
  end
  grammar.function_rest(c, fn)
  return fn
end

local function arrow_body(c, fn)
  if c:at "{" then
    fn.body = grammar.outside_head(c, grammar.block).body
  else
    fn.result = grammar.assignment(c)
  end
  fn.last_line, fn.stop = c.last_line, c.last_stop
  return fn
end

--- An arrow function from its parameters on, or nil.
local function arrow(c, is_async, start)
  local fn = c:node "Function"
  fn.is_arrow, fn.is_async, fn.text_start = true, is_async, start
  if c:at "<" then grammar.skip_type_parameters(c) end
  fn.parameters = parameters(c)
  local has_type = grammar.skip_annotation(c)
  if not c:at "=>" or c.after_newline then return nil end
  local at = c.start
  c:advance()
  local ok, problem = pcall(arrow_body, c, fn)
  if not ok then
    c:remember(fn.start, at, problem)
    error(problem, 0)
  end
  -- In `a ? (b) : c => d` the arrow belongs to c.
  if has_type and c.before_colon and not c:at ":" then return nil end
  return fn
end

--- An arrow function when one begins here. What was no arrow once is not tried again, so that
--- brackets inside brackets do not double the work.
function grammar.arrow(c)
  local place = c.start .. (c.before_colon and ":" or "")
  if c.refused[place] then return nil end
  local fn = c:attempt(arrow, c, false)
  if not fn then c.refused[place] = true end
  return fn
end

--- `a => …`, behind the name.
function grammar.arrow_after_name(c, name)
  local fn = { type = "Function", line = name.line, start = name.start, is_arrow = true,
    parameters = { { type = "Parameter", line = name.line, target = name } } }
  c:expect "=>"
  return arrow_body(c, fn)
end

local function async_arrow(c)
  local start = c.start
  c:advance()
  if c.kind ~= "name" then return arrow(c, true, start) end
  local name = grammar.binding(c)
  if not c:at "=>" then return nil end
  local fn = grammar.arrow_after_name(c, name)
  fn.is_async, fn.text_start = true, start
  return fn
end

--- What the word `async` begins, or nil when it is a name.
function grammar.async(c)
  local kind, value, after_newline = c:peek()
  if after_newline then return nil end
  if kind == "name" and value == "function" then
    local start = c.start
    c:advance()
    return grammar.check_body(c, grammar.func(c, true, start))
  end
  if kind == "name" or kind == "punctuation" and (value == "(" or value == "<") then
    local place = "async" .. c.start
    if c.refused[place] then return nil end
    local fn = c:attempt(async_arrow, c)
    if not fn then c.refused[place] = true end
    return fn
  end
  return nil
end
