--- rules: how each kind of node is written. Each file beside this one adds its own; `expression`
--- and `statement` look them up.

local facts = require "ts2lua.scopes.facts"

local rules = { expressions = {}, statements = {} }

local MOVABLE = { constant = true, fixed = true, ["function"] = true }
local PREFIX = { fixed = true, ["local"] = true, shared = true, prefix = true, call = true }

--- The Lua text of an expression and its form.
---@param e ts2lua.Emitter
---@return string text
---@return string form
function rules.expression(e, node)
  return rules.expressions[node.type](e, node)
end

--- Writes a statement on its line.
---@param e ts2lua.Emitter
function rules.statement(e, node)
  e:push(e:mark(node.line))
  rules.statements[node.type](e, node)
end

--- May the text be evaluated later without a difference?
function rules.is_movable(form)
  return MOVABLE[form] ~= nil
end

--- A text that can be indexed and called.
function rules.prefix(text, form)
  return PREFIX[form] and text or "(" .. text .. ")"
end

--- A text that is exactly one value at the end of a list.
function rules.single(text, form)
  return form == "call" and "(" .. text .. ")" or text
end

--- An expression as a name or literal that can be repeated.
---@param e ts2lua.Emitter
---@return string text
---@return string form
function rules.repeatable(e, node)
  local text, form = rules.expression(e, node)
  if form == "constant" or form == "fixed" or form == "local" then return text, form end
  return e:temporary(text), "fixed"
end

--- Writes several expressions so that they are evaluated in order although some of them need
--- statements of their own: what stands before those is kept in temporaries.
---@param e ts2lua.Emitter
---@param nodes table[]    may have holes, up to `count`
---@param write? fun(e, node): string, string
---@return string[] texts
---@return string[] forms
function rules.in_order(e, nodes, count, write)
  write = write or rules.expression
  local texts, forms, before, last = {}, {}, {}, 0
  for i = 1, count do
    if nodes[i] then
      before[i], texts[i], forms[i] = e:capture(write, e, nodes[i])
      if #before[i] > 0 then last = i end
    else
      before[i], texts[i], forms[i] = {}, "nil", "constant"
    end
  end
  for i = 1, count do
    e:append(before[i])
    if i < last and not MOVABLE[forms[i]] then
      if forms[i] == "spread" then e:fail(nodes[i], "this spread is too involved here") end
      texts[i], forms[i] = e:temporary(texts[i]), "fixed"
    end
  end
  return texts, forms
end

--- Two operands in order. A name that the second one's calls may change is copied first: Lua
--- would read it after them.
function rules.pair(e, left, right)
  local texts, forms = rules.in_order(e, { left, right }, 2)
  if forms[1] == "shared" and not (forms[2] == "constant" or forms[2] == "fixed") then
    local copy = e:unique "t"
    e.locals = e.locals + 1
    e:push("local " .. copy .. " = " .. texts[1] .. ";")
    texts[1], forms[1] = copy, "fixed"
  end
  return texts, forms
end

--- A list of expressions at the end of which nothing is added or lost.
function rules.list(texts, forms, count)
  if count > 0 then texts[count] = rules.single(texts[count], forms[count]) end
  return table.concat(texts, ", ", 1, count)
end

--- The Lua condition that is true when the expression is truthy.
---@param e ts2lua.Emitter
function rules.truth(e, node, text)
  local kind = facts.of(node)
  if kind == "boolean" then return text end
  if kind == "object" or kind == "array" then return "(" .. text .. " ~= nil)" end
  return e:call("truthy", text)
end

return rules
