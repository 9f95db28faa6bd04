local dir = require "pl.dir"
local file = require "pl.file"
local rule = require "partylua.cron.rule"
local tzif = require "spec.support.tzif"
local zone = require "partylua.cron.zone"

local HOUR = 3600

--- What `date` says of some moments in a zone, as seconds east of UTC: the system reads the same
--- data in its own way.
local function offsets_by_date(name, moments)
  local path = os.tmpname()
  local lines = {}
  for i, at in ipairs(moments) do lines[i] = ("@%d\n"):format(at) end
  file.write(path, table.concat(lines))
  local pipe = io.popen(("TZ='%s' date -f %s +%%::z"):format(name, path))
  local offsets = {}
  for line in pipe:lines() do
    local sign, hours, minutes, seconds = line:match "^([+-])(%d+):(%d+):(%d+)$"
    local total = hours * HOUR + minutes * 60 + seconds
    offsets[#offsets + 1] = sign == "-" and -total or total
  end
  pipe:close()
  os.remove(path)
  return offsets
end

--- Random moments up to 2190, and the seconds around each change of clocks after them.
local function some_moments(stretch, count, first_year)
  local moments = {}
  for _ = 1, count do
    local at = (math.random(first_year, 2190) - 1970) * 365 * 86400 + math.random(0, 365 * 86400)
    moments[#moments + 1] = at
    local _, _, stop = stretch(at)
    if stop < math.huge then
      moments[#moments + 1], moments[#moments + 2] = stop - 1, stop
    end
  end
  return moments
end

local function check_against_date(name, stretch, count, first_year)
  local moments = some_moments(stretch, count, first_year)
  local expected = offsets_by_date(name, moments)
  assert.equal(#moments, #expected)
  for i, at in ipairs(moments) do
    local offset, from, stop = stretch(at)
    assert.is_true(from <= at and at < stop)
    if offset ~= expected[i] then
      error(("%s at %d: %d, but date says %d"):format(name, at, offset, expected[i]))
    end
  end
end

describe("a time zone", function()
  it("has the offsets that the system has, in each zone of the data", function()
    math.randomseed(1)
    local names = {}
    for line in io.lines "/usr/share/zoneinfo/tzdata.zi" do
      names[#names + 1] = line:match "^Z (%S+)"
    end
    assert.is_true(#names > 300)
    for _, name in ipairs(names) do
      local loaded = assert(zone.load(name))
      check_against_date(name, function(at) return loaded:stretch(at) end, 8, 1890)
    end
  end)

  it("is UTC without any data", function()
    local offset, from, stop = zone.load("UTC", "/nowhere"):stretch(0)
    assert.same({ 0, -math.huge, math.huge }, { offset, from, stop })
  end)

  it("shows a time once, twice or never", function()
    local berlin = zone.load "Europe/Berlin"
    local spring, autumn = 1774746000, 1792890000 -- clocks are changed, both at 01:00 UTC
    local function shown(at, offset) return at + offset * HOUR end
    assert.equal(spring - 1, berlin:moment(shown(spring - 1, 1)))
    assert.equal(spring, berlin:moment(shown(spring, 1))) -- 02:00 is skipped
    assert.equal(spring, berlin:moment(shown(spring + HOUR - 1, 1)))
    assert.equal(spring, berlin:moment(shown(spring, 2)))
    assert.equal(autumn - HOUR, berlin:moment(shown(autumn, 1))) -- 02:00 comes again
    assert.equal(autumn - 1, berlin:moment(shown(autumn + HOUR - 1, 1)))
    assert.equal(autumn + HOUR, berlin:moment(shown(autumn + HOUR, 1)))
  end)
end)

describe("the name of a time zone", function()
  it("leads nowhere but into the data", function()
    for _, name in ipairs { "../../etc/passwd", "/etc/passwd", "Europe/../UTC", "Europe/.", "",
      "Europe//Berlin", "Europe/", "/Europe", "a b", "UTC\0", "tzdata.zi", "-x", ("a"):rep(65) } do
      local loaded, message = zone.load(name)
      assert.is_nil(loaded)
      assert.equal("must be the name of a time zone, such as UTC or Europe/Berlin", message)
    end
  end)

  it("is refused when unknown, with the nearest known one", function()
    local loaded, message, hint = zone.load "Europe/Berlim"
    assert.is_nil(loaded)
    assert.equal('names a time zone that is not known here: "Europe/Berlim"', message)
    assert.equal("did you mean 'Europe/Berlin'?", hint)
    assert.equal("did you mean 'America/New_York'?", select(3, zone.load "america/new_york"))
    assert.is_nil(zone.load "Europe") -- a folder
  end)

  it("is refused where there is no data, with what to do", function()
    local loaded, message, hint = zone.load("Europe/Berlin", "/nowhere")
    assert.is_nil(loaded)
    assert.equal("names a time zone, but there is no time zone data in /nowhere", message)
    assert.equal("install the package tzdata, or use UTC", hint)
  end)
end)

describe("time zone data", function()
  local folder
  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    dir.makepath(folder)
  end)
  teardown(function() dir.rmtree(folder) end)

  local function load(bytes)
    assert(file.write(folder .. "/Zone", bytes))
    return zone.load("Zone", folder)
  end

  local function refused(bytes)
    local loaded, message = load(bytes)
    assert.is_nil(loaded)
    return message:match "^names a time zone that cannot be read: .*/Zone: (.*)$"
  end

  it("may have changes alone, a rule alone, or both", function()
    local both = load(tzif.bytes {
      offsets = { -HOUR, 0, 2 * HOUR }, changes = { { -100, 2 }, { 200, 3 } }, footer = "XXX-2",
    })
    assert.same({ -HOUR, -math.huge, -100 }, { both:stretch(-101) })
    assert.same({ 0, -100, 200 }, { both:stretch(-100) })
    assert.same({ 2 * HOUR, 200, math.huge }, { both:stretch(200) })
    local changes = load(tzif.bytes { offsets = { 0, 60 }, changes = { { 5, 2 } } })
    assert.same({ 60, 5, math.huge }, { changes:stretch(6) })
    local alone = load(tzif.bytes { offsets = { 0 }, footer = "XXX5" })
    assert.same({ -5 * HOUR, -math.huge, math.huge }, { alone:stretch(6) })
  end)

  it("is refused when it is of another kind", function()
    assert.equal("it is no compiled time zone", refused "")
    assert.equal("it is no compiled time zone", refused(("root:x:0:0\n"):rep(100)))
    assert.equal("it is too large", refused(("x"):rep(64 * 1024 + 1)))
    assert.equal("its format is older than version 2",
      refused(tzif.bytes { offsets = { 0 }, version = "\0" }))
    assert.equal("it counts leap seconds", refused(tzif.bytes { offsets = { 0 }, leaps = 1 }))
    assert.equal("it has no time types", refused(tzif.bytes { offsets = {} }))
    assert.equal("an offset is beyond all measure",
      refused(tzif.bytes { offsets = { 26 * HOUR } }))
    assert.equal("it names a time type that it does not have",
      refused(tzif.bytes { offsets = { 0 }, changes = { { 1, 2 } } }))
    assert.equal("its times are not ascending",
      refused(tzif.bytes { offsets = { 0 }, changes = { { 1, 1 }, { 1, 1 } } }))
    assert.equal("its last line is no rule",
      refused(tzif.bytes { offsets = { 0 }, footer = "Berlin" }))
  end)

  it("is refused when it was cut anywhere", function()
    local bytes = file.read "/usr/share/zoneinfo/Europe/Berlin"
    for len = 0, #bytes - 1 do assert.is_string(refused(bytes:sub(1, len))) end
    assert.is_table(load(bytes))
  end)

  it("is read or refused, and answers, whatever its bytes are", function()
    math.randomseed(2)
    local bytes = file.read "/usr/share/zoneinfo/Europe/Berlin"
    local read = 0
    for _ = 1, 3000 do
      local at = math.random() < 0.5 and math.random(#bytes) or math.random(#bytes - 40, #bytes)
      local bent = bytes:sub(1, at - 1) .. string.char(math.random(0, 255)) .. bytes:sub(at + 1)
      local loaded = load(bent)
      if loaded then
        read = read + 1
        for _, when in ipairs { -1e10, 0, 2e9, 5e9 } do
          local _, from, stop = loaded:stretch(when)
          assert.is_true(from <= when and when < stop)
          assert.is_number(loaded:moment(when))
        end
      end
    end
    assert.is_true(read > 100)
  end)
end)

describe("a rule for changing clocks", function()
  local function check(text)
    local read = assert(rule.read(text), text)
    -- Before 1970 the C library has no rules.
    check_against_date(text, function(at) return read:stretch(at) end, 40, 1970)
  end

  it("changes them as the system does", function()
    math.randomseed(3)
    for _, text in ipairs {
      "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0", "NZST-12NZDT,M9.5.0,M4.1.0/3",
      "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "IST-1GMT0,M10.5.0,M3.5.0/1", -- summer is winter
      "XXX3YYY,J60/0,J300/4:30:15", "XXX3YYY,59,300", "XXX0:15:30",
      "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
      "IST-2IDT,M3.4.4/26,M10.5.0", "XXX3YYY1:30,M1.1.1,M12.5.6",
    } do check(text) end
  end)

  it("may have a summer that lasts all year", function()
    local read = rule.read "XXX3EDT4,0/0,J365/23" -- RFC 8536 3.3.1
    for year = 0, 50 do assert.equal(-4 * HOUR, (read:stretch(year * 31557600))) end
  end)

  it("is nothing else", function()
    for _, text in ipairs {
      "", "CET", "-1", "XX1", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,",
      "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
      "CET-1CEST,J0,J5", "CET-1CEST,J366,J5", "CET-1CEST,366,5", "CET-1CEST,M3.5.0/168,M10.5.0",
      "CET-1CEST,M3.5.0,M10.5.0/3 ", "CET-1 ", "<>5", "<x5", "CET-1CEST,Mx,5",
    } do assert.is_nil(rule.read(text), text) end
  end)
end)
