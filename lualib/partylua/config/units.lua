--- units: amounts as people write them: "64KiB", "1.5s", "20000".
---
--- Each kind reads text (a flag, a variable) or a number (from JSON, in the kind's own unit),
--- and gives the amount in the unit the server counts in, or nil.

local units = {}

local KIB, MIB, GIB, TIB = 1024, 1024 ^ 2, 1024 ^ 3, 1024 ^ 4
local BYTES = {
  [""] = 1, b = 1, k = KIB, kib = KIB, m = MIB, mib = MIB, g = GIB, gib = GIB, t = TIB, tib = TIB,
}
local SECONDS = { [""] = 1, ms = 1e-3, s = 1, m = 60, min = 60, h = 3600 }
local BYTE_NAMES = { { TIB, "TiB" }, { GIB, "GiB" }, { MIB, "MiB" }, { KIB, "KiB" }, { 1, "B" } }
local TIME_NAMES = { { 3600000, "h" }, { 1000, "s" }, { 1, "ms" } }

local function amount(given, factors)
  if type(given) == "number" then return given end
  local digits, unit = given:match "^(%d+%.?%d*)%s*(%a*)$"
  local factor = digits and factors[unit:lower()]
  return factor and tonumber(digits) * factor
end

--- In the largest unit that gives a whole number.
local function show(value, names)
  for _, unit in ipairs(names) do
    if value >= unit[1] and value % unit[1] == 0 then
      return ("%d %s"):format(value / unit[1], unit[2])
    end
  end
  return ("%d %s"):format(value, names[#names][2])
end

local function whole(value)
  return value and value % 1 == 0 and value or nil
end

---@class partylua.config.Kind
---@field noun string    what the option takes, for messages
---@field argname string    its place in a usage line
---@field read fun(given: string|number): number?
---@field show fun(value: number): string    for messages and help
---@field pattern? string    a regular expression for the texts that it reads
---@field is_whole? boolean    a number in a file is whole
---@field file_bounds? fun(least: number, most: number): number, number    for numbers in a file

--- A regular expression for amounts with these units, in any case.
local function amount_pattern(factors)
  local names = {}
  for unit in pairs(factors) do
    if unit ~= "" then
      names[#names + 1] = unit:gsub("%a", function(letter)
        return ("[%s%s]"):format(letter:upper(), letter)
      end)
    end
  end
  table.sort(names)
  return ("^[0-9]+\\.?[0-9]*\\s*(%s)?$"):format(table.concat(names, "|"))
end

local function same_bounds(least, most)
  return least, most
end

---@type table<string, partylua.config.Kind>
units.kinds = {
  count = {
    noun = "a whole number",
    argname = "N", pattern = "^[0-9]+$", is_whole = true, file_bounds = same_bounds,
    read = function(given)
      if type(given) == "string" and not given:find "^%d+$" then return nil end
      return whole(tonumber(given))
    end,
    show = function(value) return ("%d"):format(value) end,
  },
  bytes = {
    noun = "a number of bytes such as 65536, 64KiB or 1MiB",
    argname = "BYTES", pattern = amount_pattern(BYTES), is_whole = true,
    file_bounds = same_bounds,
    read = function(given) return whole(amount(given, BYTES)) end,
    show = function(value) return show(value, BYTE_NAMES) end,
  },
  -- Several texts; in a file a list of them.
  list = {
    noun = "texts with commas between them",
    argname = "LIST",
    read = function(given)
      if type(given) == "table" then return given end
      local texts = {}
      for text in given:gmatch "[^,%s]+" do texts[#texts + 1] = text end
      return texts
    end,
    show = function(value) return #value == 0 and "none" or table.concat(value, ",") end,
  },
  -- Written in seconds, counted in milliseconds.
  duration = {
    noun = "a number of seconds, or a time such as 500ms or 2min",
    argname = "SECONDS", pattern = amount_pattern(SECONDS),
    -- What is read is rounded to milliseconds.
    file_bounds = function(least, most) return (least - 0.5) / 1000, (most + 0.499) / 1000 end,
    read = function(given)
      local seconds = amount(given, SECONDS)
      return seconds and math.floor(seconds * 1000 + 0.5)
    end,
    show = function(value) return value == 0 and "0 s" or show(value, TIME_NAMES) end,
  },
}

--- What JSON Schema can say of an amount within bounds: all of a number, of a text its form.
---@param bounded { kind: string, least: number, most: number }
---@return table<string, any>
function units.says(bounded)
  local kind = units.kinds[bounded.kind]
  local least, most = kind.file_bounds(bounded.least, bounded.most)
  return {
    pattern = kind.pattern, minimum = least, maximum = most,
    multipleOf = kind.is_whole and 1 or nil,
  }
end

return units
