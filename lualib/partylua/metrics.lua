--- metrics: what Lua code of this library counts, beside what is counted in C (party/meter.h).
---
---     local asked = metrics.counter("partylua_ai_requests_total", "Requests to models.",
---       { "model", "outcome" })
---     asked("llama", "ok")
---
--- It is for what happens seldom, such as requests to other servers: each count is a look-up. Label
--- values have to be few; beyond a bound, they count together as "other".

local metrics = {}

local SERIES_MAX = 200

--- For what takes milliseconds to minutes.
metrics.SECONDS = { 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60 }

local families = {}

local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

local function labels_text(names, values)
  local pieces = {}
  for i, name in ipairs(names) do
    pieces[i] = ('%s="%s"'):format(name, (values[i]:gsub('[\\"\n]', ESCAPES)))
  end
  return table.concat(pieces, ",")
end

--- The series of a family with these values; a new one, or the one for all others.
local function series_of(family, ...)
  local values = { ... }
  for i = 1, #family.labels do values[i] = tostring(values[i]) end
  local key = labels_text(family.labels, values)
  local series = family.series[key]
  if series then return series end
  if family.count >= SERIES_MAX then
    for i = 1, #values do values[i] = "other" end
    key = labels_text(family.labels, values)
    if family.series[key] then return family.series[key] end
  end
  family.count = family.count + 1
  series = { value = 0, buckets = {}, sum = 0 }
  family.series[key] = series
  return series
end

--- A module that is loaded anew goes on with what it has counted.
local function add_family(name, kind, help, labels, bounds)
  local old = families[name]
  if old and old.kind == kind and #old.labels == #labels then return old end
  if old then error("there is another metric of the name " .. name, 3) end
  local family = {
    name = name, kind = kind, help = help, labels = labels, bounds = bounds, series = {}, count = 0,
  }
  families[name] = family
  return family
end

--- Makes a counter. What it gives takes the values of its labels and counts one more.
---@param name string    ends in _total
---@param help string
---@param labels string[]
---@return fun(...: string)
function metrics.counter(name, help, labels)
  local family = add_family(name, "counter", help, labels)
  return function(...)
    local series = series_of(family, ...)
    series.value = series.value + 1
  end
end

--- Makes a histogram. What it gives takes seconds and the values of its labels.
---@param name string    ends in _seconds
---@param help string
---@param labels string[]
---@return fun(seconds: number, ...: string)
function metrics.histogram(name, help, labels)
  local family = add_family(name, "histogram", help, labels, metrics.SECONDS)
  return function(seconds, ...)
    local series, at = series_of(family, ...), 1
    while family.bounds[at] and seconds > family.bounds[at] do at = at + 1 end
    series.buckets[at] = (series.buckets[at] or 0) + 1
    series.sum, series.value = series.sum + seconds, series.value + 1
  end
end

-- Showing ---------------------------------------------------------------------------------------

local function add_sample(out, name, labels, value)
  out[#out + 1] = ("%s%s %.15g\n"):format(name, labels ~= "" and "{" .. labels .. "}" or "", value)
end

local function add_buckets(out, family, labels, series)
  local before = labels ~= "" and labels .. "," or ""
  local count = 0
  for at = 1, #family.bounds + 1 do
    count = count + (series.buckets[at] or 0)
    local bound = family.bounds[at] and ("%g"):format(family.bounds[at]) or "+Inf"
    add_sample(out, family.name .. "_bucket", ('%sle="%s"'):format(before, bound), count)
  end
  add_sample(out, family.name .. "_sum", labels, series.sum)
  add_sample(out, family.name .. "_count", labels, count)
end

local function sorted_keys(of)
  local keys = {}
  for key in pairs(of) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

--- All of it, in the format of Prometheus.
---@return string
function metrics.text()
  local out = {}
  for _, name in ipairs(sorted_keys(families)) do
    local family = families[name]
    out[#out + 1] = ("# HELP %s %s\n# TYPE %s %s\n"):format(name, family.help, name, family.kind)
    for _, labels in ipairs(sorted_keys(family.series)) do
      local series = family.series[labels]
      if family.kind == "histogram" then
        add_buckets(out, family, labels, series)
      else
        add_sample(out, name, labels, series.value)
      end
    end
  end
  return table.concat(out)
end

return metrics
