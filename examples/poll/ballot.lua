--- ballot: a question, its options and the votes for them, kept in a room's storage. Nothing here
--- knows of the network, so it can be read by itself.
---
---     poll           { question, options, isClosed }
---     votes          one number for each option, and how many have voted in all
---     voter/NAME     the option that NAME has chosen
---
--- What cannot be done gives nil, the reason, and the HTTP status that says the same.

local json = require("partylua").json

local QUESTION_BYTES_MAX = 300
local OPTION_BYTES_MAX = 100
local OPTIONS_MAX = 10
-- Each voter is remembered, and a stranger can make up voters: their number needs an end.
local VOTERS_MAX = 10000

---@class Ballot
---@field private storage partylua.Storage
---@field private poll { question: string, options: string[], isClosed: boolean }
---@field private votes integer[]    in the order of the options
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

--- The options that a client has sent, nil and why not when they are no good.
local function check_options(texts)
  if not json.isArray(texts) or #texts < 2 or #texts > OPTIONS_MAX then
    return refuse(("there must be from 2 to %d options"):format(OPTIONS_MAX))
  end
  local seen = {}
  for _, text in ipairs(texts) do
    if not is_text(text, OPTION_BYTES_MAX) then
      return refuse(("an option must be a text of up to %d bytes"):format(OPTION_BYTES_MAX))
    end
    if seen[text] then return refuse "each option must be there once" end
    seen[text] = true
  end
  return texts
end

--- The ballot of a room that has one.
---@param storage partylua.Storage
---@return Ballot?
function Ballot.load(storage)
  local poll = storage:get "poll"
  if not poll then return nil end
  return setmetatable({ storage = storage, poll = poll, votes = storage:get "votes" }, Ballot)
end

--- Makes a ballot of what a client has sent.
---@param storage partylua.Storage
---@param sent any    { question = string, options = string[] }
---@return Ballot?, string?, integer?
function Ballot.create(storage, sent)
  if not has_only(sent, { "question", "options" }) then
    return refuse "a poll has a question and options, and nothing else"
  end
  if not is_text(sent.question, QUESTION_BYTES_MAX) then
    return refuse(("the question must be a text of up to %d bytes"):format(QUESTION_BYTES_MAX))
  end
  local options, why, status = check_options(sent.options)
  if not options then return nil, why, status end
  local votes = { voters = 0 }
  for i in ipairs(options) do votes[i] = 0 end
  storage:put("poll", { question = sent.question, options = options, isClosed = false })
  storage:put("votes", votes)
  return Ballot.load(storage)
end

local function find(list, wanted)
  for i, each in ipairs(list) do
    if each == wanted then return i end
  end
end

--- Takes a vote.
---@param sent any    { option = string, voter = string }: an option's text, and a name that the
---                   voter keeps
---@return true?, string?, integer?
function Ballot:vote(sent)
  if not has_only(sent, { "option", "voter" }) then
    return refuse "a vote has an option and a voter, and nothing else"
  end
  local voter, option = sent.voter, find(self.poll.options, sent.option)
  if type(voter) ~= "string" or not voter:find "^[%w-]+$" or #voter < 8 or #voter > 64 then
    return refuse "the voter must be 8 to 64 letters, digits or dashes"
  end
  if not option then return refuse "there is no such option" end
  if self.poll.isClosed then return refuse("the poll is closed", 409) end
  if self.storage:get("voter/" .. voter) then return refuse("you have voted already", 409) end
  if self.votes.voters == VOTERS_MAX then return refuse("no more votes are taken", 503) end
  self:count(voter, option)
  return true
end

--- Nothing waits between these writes, so that they are stored together or not at all.
function Ballot:count(voter, option)
  self.votes[option] = self.votes[option] + 1
  self.votes.voters = self.votes.voters + 1
  self.storage:put("voter/" .. voter, option)
  self.storage:put("votes", self.votes)
end

function Ballot:close()
  self.poll.isClosed = true
  self.storage:put("poll", self.poll)
end

--- What everybody may see: not who has voted.
---@return table
function Ballot:result()
  local options = {}
  for i, text in ipairs(self.poll.options) do
    options[i] = { text = text, votes = self.votes[i] }
  end
  return { question = self.poll.question, options = options, isClosed = self.poll.isClosed }
end

return Ballot
