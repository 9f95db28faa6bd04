--- desk: calls of indexes in a data folder that the command has opened.

local definition = require "partylua.vectorize.definition"
local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local Index = require "partylua.vectorize.index"
local native = require "partylua.native"
local output = require "partylua.cli.output"

local desk = {}

local NO_INDEX = "'partylua vectorize list' shows which there are, 'create' makes one"

--- A parser for the verb `name`.
---@param name string
---@param usage string    what stands behind it
---@param description string
function desk.parser(name, usage, description)
  return folder.parser("vectorize " .. name, usage, description)
end

--- Adds the argument that names an index.
function desk.add_name(made)
  made:argument("name", "of the index"):argname "NAME"
end

--- The name that was given, if it may be one.
---@param name string
---@return string
function desk.check_name(name)
  local fault = definition.name_fault(name)
  if not fault then return name end
  return failure.raise(("the name '%s' %s"):format(output.printable(name), fault))
end

--- Runs a call; raises a failure when it has none of what was wanted.
---@param store partylua.native.Store
---@param act string
---@param name string
---@param asked partylua.native.VectorAsked
---@return partylua.native.VectorIndex index
---@return table[] found
function desk.run(store, act, name, asked)
  local call = native.vector_call(act, name, asked)
  store:run(call)
  local index, found, done = call:result()
  if index then return index, found end
  return failure.raise(("the index '%s': %s"):format(output.printable(name), found),
    done == "ENOENT" and NO_INDEX or nil)
end

--- The index as room code has it, for the calls that check what they are given.
---@param store partylua.native.Store
---@param name string
---@return partylua.VectorIndex
function desk.index(store, name)
  return Index(name, nil, function(call) store:run(call) end)
end

return desk
