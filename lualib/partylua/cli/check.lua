--- check: `partylua check [app.lua]`: everything that is wrong, before it is served.

local config_options = require "partylua.config.options"
local native = require "partylua.native"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local serve = require "partylua.cli.serve"

local check = { summary = "look for everything that is wrong with an app, without serving it" }

local function build_parser()
  local made = parser.new("check", "Look for everything that is wrong with an app and its "
    .. "configuration, without serving it. Takes the options of 'partylua serve' as well.")
  made:usage "Usage: partylua check [options] [app.lua]"
  local own = {
    made:flag("--json", "print one JSON document, for editors"),
    made:flag("--strict", "count warnings as errors"),
  }
  made:argument("app", 'file of the main party (default: "main" of the configuration)'):args "?"
  local app = serve.add_app_options(made)
  made:group("What is printed", unpack(own))
  made:group("The app", unpack(app))
  local shared = parser.add_options(made, config_options.all)
  shared[#shared + 1] = made:flag("--dev-endpoints"):target "dev_endpoints"
  for _, option in ipairs(shared) do option:hidden(true) end
  made:group("Help", made:flag("-h --help", "show this"))
  return made
end

function check.help()
  return build_parser():get_help()
end

--- What an app prints while it is loaded goes to standard error: the output is ours.
local function with_output_aside(what, ...)
  local out, print_before = io.stdout, _G.print
  io.stdout = io.stderr -- luacheck: ignore 122
  io.output(io.stderr)
  _G.print = function(...)
    local words = {}
    for i = 1, select("#", ...) do words[i] = tostring((select(i, ...))) end
    io.stderr:write(table.concat(words, "\t"), "\n")
  end
  local ok, result = pcall(what, ...)
  io.stdout, _G.print = out, print_before -- luacheck: ignore 122
  io.output(out)
  if not ok then error(result, 0) end
  return result
end

local function counted(number, noun)
  return ("%d %s%s"):format(number, noun, number == 1 and "" or "s")
end

local function verdict(report)
  local counts = {}
  if report.errors > 0 then counts[1] = counted(report.errors, "error") end
  if report.warnings > 0 then counts[#counts + 1] = counted(report.warnings, "warning") end
  return counts[1] and table.concat(counts, ", ") or "no problems found"
end

local function print_text(report)
  for _, found in ipairs(report.findings) do output.write(found:text(), "\n\n") end
  if report.listing then
    output.write(require("partylua.check.listing").text(report.listing), "\n\n")
  end
  output.write(verdict(report), "\n")
end

local function print_json(report, is_ok)
  local json = require "partylua.json"
  local records = {}
  for i, found in ipairs(report.findings) do records[i] = found:record() end
  output.write(ordered.encode({
    ok = is_ok, errors = report.errors, warnings = report.warnings,
    findings = json.array(records), app = report.listing or json.null,
  }, true), "\n")
end

---@param args string[]
---@return integer exit_code    1 where something is wrong
function check.run(args)
  local result = parser.parse(build_parser(), "check", args)
  if not result then return 0 end
  native.loaded()
  local request = serve.request(result)
  local report = with_output_aside(require("partylua.check").run, request)
  local is_ok = report.errors == 0 and (report.warnings == 0 or not result.strict)
  if result.json then print_json(report, is_ok) else print_text(report) end
  output.finish()
  return is_ok and 0 or 1
end

return check
