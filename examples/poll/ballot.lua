--- ballot: a question, its options and the votes for them. Nothing here knows of rooms or of the
--- network, so it can be read, and tested, by itself.
---
--- What cannot be done gives nil, the reason, and the HTTP status that says the same.

local json = require("partylua").json

local QUESTION_BYTES_MAX = 300
local OPTION_BYTES_MAX = 100
local OPTIONS_MAX = 10
-- Each voter is remembered, and a stranger can make up voters: their number needs an end.
local VOTERS_MAX = 10000

---@class Ballot
---@field question string
---@field options { text: string, votes: integer }[]    in the order they were given
---@field isClosed boolean
---@field private by_text table<string, table>    the same options by their text
---@field private voters table<string, boolean>
---@field private voter_count integer
local Ballot = {}
Ballot.__index = Ballot

local function refuse(why, status)
  return nil, why, status or 400
end

--- Whether an object has these fields and no others.
local function has_only(object, names)
  if type(object) ~= "table" then return false end
  local left = #names
  for _, name in ipairs(names) do
    if object[name] ~= nil then left = left - 1 end
  end
  local count = 0
  for _ in pairs(object) do count = count + 1 end
  return left == 0 and count == #names
end

local function is_text(value, bytes_max)
  return type(value) == "string" and #value <= bytes_max
    and value:find "%S" ~= nil and not value:find "%c"
end

--- Makes a ballot of what a client has sent.
---@param sent any    { question = string, options = string[] }
---@return Ballot?, string?, integer?
function Ballot.create(sent)
  if not has_only(sent, { "question", "options" }) then
    return refuse "a poll has a question and options, and nothing else"
  end
  if not is_text(sent.question, QUESTION_BYTES_MAX) then
    return refuse(("the question must be a text of up to %d bytes"):format(QUESTION_BYTES_MAX))
  end
  local texts = sent.options
  if not json.isArray(texts) or #texts < 2 or #texts > OPTIONS_MAX then
    return refuse(("there must be from 2 to %d options"):format(OPTIONS_MAX))
  end
  local options, by_text = {}, {}
  for i, text in ipairs(texts) do
    if not is_text(text, OPTION_BYTES_MAX) then
      return refuse(("an option must be a text of up to %d bytes"):format(OPTION_BYTES_MAX))
    end
    if by_text[text] then return refuse "each option must be there once" end
    options[i] = { text = text, votes = 0 }
    by_text[text] = options[i]
  end
  return setmetatable({
    question = sent.question, options = options, isClosed = false,
    by_text = by_text, voters = {}, voter_count = 0,
  }, Ballot)
end

--- Takes a vote.
---@param sent any    { option = string, voter = string }: an option's text, and a name that the
---                   voter keeps
---@return true?, string?, integer?
function Ballot:vote(sent)
  if not has_only(sent, { "option", "voter" }) then
    return refuse "a vote has an option and a voter, and nothing else"
  end
  local voter, option = sent.voter, self.by_text[sent.option]
  if type(voter) ~= "string" or not voter:find "^[%w-]+$" or #voter < 8 or #voter > 64 then
    return refuse "the voter must be 8 to 64 letters, digits or dashes"
  end
  if not option then return refuse "there is no such option" end
  if self.isClosed then return refuse("the poll is closed", 409) end
  if self.voters[voter] then return refuse("you have voted already", 409) end
  if self.voter_count == VOTERS_MAX then return refuse("no more votes are taken", 503) end
  self.voters[voter] = true
  self.voter_count = self.voter_count + 1
  option.votes = option.votes + 1
  return true
end

function Ballot:close()
  self.isClosed = true
end

--- What everybody may see: not who has voted.
---@return table
function Ballot:result()
  return { question = self.question, options = self.options, isClosed = self.isClosed }
end

return Ballot
