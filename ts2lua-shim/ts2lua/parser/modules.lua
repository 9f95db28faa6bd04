--- modules: imports and exports. What is imported as a type only is left out.

local grammar = require "ts2lua.parser.grammar"

--- A name in braces, which may be a string.
local function external_name(c)
  if c.kind ~= "name" and c.kind ~= "string" then c:fail_expected "a name" end
  local name = c.value
  c:advance()
  return name
end

--- `type` before a name in braces.
local function accept_type(c)
  if not c:at_word "type" then return false end
  local kind, value = c:peek()
  if kind == "name" and value ~= "as" or kind == "string" then
    c:advance()
    return true
  end
  return false
end

--- `{ a, b as c, type D }`: calls `take(first, second, start)` for each that is no type.
local function braces(c, take)
  c:expect "{"
  local had_type = false
  while not c:at "}" do
    local is_type = accept_type(c)
    local start, first = c.start, external_name(c)
    local second = first
    if c:accept_word "as" then second = external_name(c) end
    if is_type then had_type = true else take(first, second, start) end
    if not c:accept "," then break end
  end
  c:expect "}"
  return had_type
end

local function source(c)
  if c.kind ~= "string" then c:fail_expected "the name of a module" end
  local name = c.value
  c:advance()
  if (c:at_word "with" or c:at_word "assert") and not c.after_newline then
    c:advance()
    grammar.skip_brackets(c)
  end
  return name
end

--- Whether `type` after `import` makes the whole import one of types.
local function is_type_import(c)
  if not c:at_word "type" then return false end
  local kind, value = c:peek()
  if kind == "punctuation" then return value == "{" or value == "*" end
  if kind ~= "name" then return false end
  if value ~= "from" then return true end
  local saved = c:save()
  c:advance()
  local next_kind = c:peek()
  c:restore(saved)
  return next_kind ~= "string"
end

local function import_names(c, node)
  local function take(imported, name, start)
    table.insert(node.names, { imported = imported, name = name, start = start })
  end
  if c.kind == "name" then
    local start = c.start
    take("default", c:expect_name(), start)
    if not c:accept "," then return end
  end
  if c:accept "*" then
    c:expect_word "as"
    local start = c.start
    take("*", c:expect_name(), start)
  else
    node.had_type = braces(c, take)
  end
end

--- `import Short = Long.Name`: a constant.
local function alias(c)
  local node = c:node "Variables"
  local declaration = c:node "Declaration"
  node.kind, node.declarations = "const", { declaration }
  declaration.target = grammar.binding(c)
  c:expect "="
  if c:at_word "require" then
    c:fail("'import … = require(…)' is not supported", "write import … from \"…\"")
  end
  declaration.value = grammar.member_tail(c, grammar.primary(c))
  c:semicolon()
  return node
end

function grammar.import(c)
  local node = c:node "Import"
  c:expect_word "import"
  node.names = {}
  if c.kind == "string" then
    node.source, node.for_effect = source(c), true
    c:semicolon()
    return node
  end
  if c.kind == "name" and c:peek_at "=" then return alias(c) end
  local is_type = is_type_import(c)
  if is_type then c:advance() end
  import_names(c, node)
  c:expect_word "from"
  node.source_start = c.start
  node.source = source(c)
  c:semicolon()
  return not is_type and node or nil
end

local function default_declaration(c)
  if c:at_word "abstract" and select(2, c:peek()) == "class" then c:advance() end
  grammar.decorators(c)
  if c:at_word "class" then return grammar.named(grammar.class(c), "default") end
  if c:at_word "function" then return grammar.named(grammar.func(c), "default") end
  local is_name, word = c:peek_name()
  if c:at_word "async" and is_name and word == "function" then
    local start = c.start
    c:advance()
    return grammar.named(grammar.func(c, true, start), "default")
  end
  return nil
end

local function export_default(c, node)
  node.type = "ExportDefault"
  if c:at_word "interface" and c:peek_name() then return grammar.skip_interface(c) end
  node.declaration = default_declaration(c)
  if not node.declaration then
    node.expression = grammar.named(grammar.assignment(c), "default")
    c:semicolon()
    return node
  end
  if node.declaration.is_signature then return nil end
  -- A named one is declared like any other.
  node.declaration.is_declaration = node.declaration.name ~= nil
  return node
end

local function export_all(c, node)
  node.type = "ExportAll"
  if c:accept_word "as" then node.name = external_name(c) end
  c:expect_word "from"
  node.source = source(c)
  c:semicolon()
  return node
end

local function export_names(c, node)
  node.type, node.names = "ExportNames", {}
  braces(c, function(name, exported, start)
    table.insert(node.names, { name = name, exported = exported, start = start })
  end)
  if c:accept_word "from" then node.source = source(c) end
  c:semicolon()
  return node
end

--- `export type { A }` and `export type * from`.
local function export_types(c)
  if not c:at_word "type" then return false end
  local kind, value = c:peek()
  if kind ~= "punctuation" or value ~= "{" and value ~= "*" then return false end
  c:advance()
  if c:at "{" then
    export_names(c, {})
  else
    c:advance()
    export_all(c, {})
  end
  return true
end

function grammar.export(c)
  local node = c:node "Export"
  c:expect_word "export"
  if c:accept_word "default" then return export_default(c, node) end
  if c:accept "*" then return export_all(c, node) end
  if c:at "=" then
    c:fail("'export =' is not supported", "write export default")
  end
  if export_types(c) then return nil end
  if c:at "{" then return export_names(c, node) end
  local start = c.start
  node.declaration = grammar.statement(c)
  if not node.declaration then return nil end
  local kind = node.declaration.type
  if kind ~= "Variables" and kind ~= "Enum" and kind ~= "Namespace"
    and not node.declaration.is_declaration then
    c:fail_at(start, "only a declaration can be exported")
  end
  return node
end
