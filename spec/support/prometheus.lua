--- prometheus: a strict reader of metrics in the text format, version 0.0.4.
---
--- It takes what the format's description allows, and nothing that merely works with a scraper:
--- each family has HELP and TYPE before its samples, which stand together, no sample comes twice,
--- and histograms add up.

local prometheus = {}

local NAME = "^[%a_:][%w_:]*"
local LABEL = "^[%a_][%w_]*"

local function fail(number, line, why)
  error(("line %d: %s: %s"):format(number, why, line), 0)
end

local ESCAPES = { n = "\n", ["\\"] = "\\", ['"'] = '"' }

--- A quoted value from `at` on; gives it and the place behind it.
local function read_quoted(line, at)
  local pieces = {}
  while true do
    local plain, mark = line:match('^([^"\\\n]*)(["\\])', at)
    if not plain then return nil end
    pieces[#pieces + 1] = plain
    at = at + #plain + 1
    if mark == '"' then return table.concat(pieces), at end
    local escape = ESCAPES[line:sub(at, at)]
    if not escape then return nil end
    pieces[#pieces + 1] = escape
    at = at + 1
  end
end

local function read_labels(line, at, number)
  local labels = {}
  if line:sub(at, at) ~= "{" then return labels, at end
  at = at + 1
  repeat
    local name = line:match(LABEL, at)
    if not name or name:find "^__" then fail(number, line, "no label") end
    at = at + #name
    if line:sub(at, at + 1) ~= '="' then fail(number, line, "no value of a label") end
    local value
    value, at = read_quoted(line, at + 2)
    if not value then fail(number, line, "a bad value of a label") end
    if labels[name] then fail(number, line, "a label twice") end
    labels[name] = value
    local mark = line:sub(at, at)
    at = at + 1
  until mark ~= ","
  if line:sub(at - 1, at - 1) ~= "}" then fail(number, line, "labels without an end") end
  return labels, at
end

local VALUES = { ["+Inf"] = math.huge, ["-Inf"] = -math.huge, NaN = 0 / 0 }

local function read_sample(line, number)
  local name = line:match(NAME) or fail(number, line, "no name")
  local labels, at = read_labels(line, #name + 1, number)
  local text = line:match("^ (%S+)$", at) or fail(number, line, "no value")
  local value = VALUES[text]
  if not value and text:find "^-?%d+%.?%d*[eE]?[+-]?%d*$" then value = tonumber(text) end
  return { name = name, labels = labels, value = value or fail(number, line, "a bad value") }
end

local TYPES = { counter = true, gauge = true, histogram = true }
local SUFFIXES = { "_bucket", "_sum", "_count" }

--- The family that a sample belongs to.
local function family_of(families, name)
  if families[name] and families[name].type ~= "histogram" then return families[name] end
  for _, suffix in ipairs(SUFFIXES) do
    local base = name:match("^(.*)" .. suffix .. "$")
    if base and families[base] and families[base].type == "histogram" then return families[base] end
  end
end

--- The labels of a sample as one text, but for one.
local function key_of(labels, without)
  local pieces = {}
  for name, value in pairs(labels) do
    if name ~= without then pieces[#pieces + 1] = name .. "=" .. value end
  end
  table.sort(pieces)
  return table.concat(pieces, "\1")
end

local function check_buckets(key, series)
  assert(series.sum and series.count, key .. " has no sum or no count")
  local last_bound, last = -math.huge, 0
  for _, bucket in ipairs(series.buckets) do
    local bound = VALUES[bucket.labels.le] or tonumber(bucket.labels.le)
    assert(bound and bound > last_bound, key .. " has bounds out of order")
    assert(bucket.value >= last, key .. " has a bucket that is smaller than the one before")
    last_bound, last = bound, bucket.value
  end
  assert(last_bound == math.huge, key .. " does not end with +Inf")
  assert(last == series.count, key .. " has another count than its last bucket")
end

local function check_histogram(family)
  local all = {}
  for _, sample in ipairs(family.samples) do
    local key = family.name .. key_of(sample.labels, "le")
    local series = all[key] or { buckets = {} }
    all[key] = series
    local suffix = sample.name:sub(#family.name + 2)
    if suffix == "bucket" then
      table.insert(series.buckets, sample)
    else
      series[suffix] = sample.value
    end
  end
  for key, series in pairs(all) do check_buckets(key, series) end
end

local function check_counter(family)
  for _, sample in ipairs(family.samples) do
    assert(sample.value >= 0, family.name .. " is below zero")
  end
  assert(family.name:find "_total$", family.name .. " is a counter without _total")
end

--- Reads a text; raises what is wrong with it. Gives the families by name, each { name, type, help,
--- samples }.
function prometheus.read(text)
  assert(text:sub(-1) == "\n", "the text does not end with a line's end")
  local families, seen, current, number = {}, {}, nil, 0
  for line in text:gmatch "([^\n]*)\n" do
    number = number + 1
    local help, words = line:match "^# HELP (%S+) (.+)$"
    local typed, kind = line:match "^# TYPE (%S+) (%S+)$"
    if help then
      if families[help] then fail(number, line, "a second family of this name") end
      current = { name = help, help = words, samples = {} }
      families[help] = current
    elseif typed then
      if not current or current.name ~= typed or current.type then
        fail(number, line, "a type without its help")
      end
      if not TYPES[kind] then fail(number, line, "an unknown type") end
      current.type = kind
    else
      local sample = read_sample(line, number)
      local family = family_of(families, sample.name)
      if not family or family ~= current or not family.type then
        fail(number, line, "a sample outside its family")
      end
      local key = sample.name .. "\0" .. key_of(sample.labels)
      if seen[key] then fail(number, line, "a sample twice") end
      seen[key] = true
      table.insert(family.samples, sample)
    end
  end
  for _, family in pairs(families) do
    if family.type == "histogram" then check_histogram(family) end
    if family.type == "counter" then check_counter(family) end
  end
  return families
end

--- The value of the sample of a name with these labels, or nil.
function prometheus.value(families, name, labels)
  local family = family_of(families, name) or families[name]
  for _, sample in ipairs(family and family.samples or {}) do
    local is_it = sample.name == name
    for label, value in pairs(labels or {}) do
      is_it = is_it and sample.labels[label] == value
    end
    if is_it then return sample.value end
  end
end

return prometheus
