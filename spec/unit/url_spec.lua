local url = require "partylua.url"

local URL = url.URL

local BASE = "http://h/a/b/c?q#f"
local SECURE = "https://u:p@h:8080/x/y"

-- What the URL class of Node 20 gives for each text.
local hrefs = {
  { "http://example.com", "http://example.com/" },
  { "HTTP://EXAMPLE.com/Path", "http://example.com/Path" },
  { "https://a.b:443/", "https://a.b/" },
  { "https://a.b:80/", "https://a.b:80/" },
  { "http://a.b:/", "http://a.b/" },
  { "http://a.b:00080/x", "http://a.b/x" },
  { "ws://a:80/", "ws://a/" },
  { "wss://a:443/s", "wss://a/s" },
  { "http:\\\\a\\b\\c", "http://a/b/c" },
  { "http:a/b", "http://a/b" },
  { "http:////a/b", "http://a/b" },
  { "  http://a/b \n", "http://a/b" },
  { "ht\ntp://a/\tb", "http://a/b" },
  { "http://user@h/", "http://user@h/" },
  { "http://user:@h/", "http://user@h/" },
  { "http://:pw@h/", "http://:pw@h/" },
  { "http://u:p:q@h/", "http://u:p%3Aq@h/" },
  { "http://a@b@c/", "http://a%40b@c/" },
  { "http://u{}:p|@h/", "http://u%7B%7D:p%7C@h/" },
  { "http://@h/", "http://h/" },
  { "http://a/./b/../c", "http://a/c" },
  { "http://a/b/..", "http://a/" },
  { "http://a/b/.", "http://a/b/" },
  { "http://a/../../b", "http://a/b" },
  { "http://a/%2e/b/%2E%2e/c", "http://a/c" },
  { "http://a/.%2e/b", "http://a/b" },
  { "http://a/b/%2e", "http://a/b/" },
  { "http://a//b//../c", "http://a//b/c" },
  { "http://a/..b/c..", "http://a/..b/c.." },
  { "http://a/ b\"<>`{}|[]'", "http://a/%20b%22%3C%3E%60%7B%7D|[]'" },
  { "http://a/?\"<>`{}|'#", "http://a/?%22%3C%3E`{}|%27#" },
  { "http://a/#\"<>`{}|'#", "http://a/#%22%3C%3E%60{}|'#" },
  { "http://a/%zz%4%41", "http://a/%zz%4%41" },
  { "http://a/é🎈?é#é", "http://a/%C3%A9%F0%9F%8E%88?%C3%A9#%C3%A9" },
  { "http://a/b?", "http://a/b?" },
  { "http://a/b#", "http://a/b#" },
  { "http://a/b?#", "http://a/b?#" },
  { "http://a/\1\127", "http://a/%01%7F" },
  { "http://a/a:b@c;d=e,f&g", "http://a/a:b@c;d=e,f&g" },
  { "http://127.1/", "http://127.0.0.1/" },
  { "http://0x7f000001/", "http://127.0.0.1/" },
  { "http://0177.0.0.1/", "http://127.0.0.1/" },
  { "http://4294967295/", "http://255.255.255.255/" },
  { "http://1.2.3.4./", "http://1.2.3.4/" },
  { "http://1.2.3.4.example/", "http://1.2.3.4.example/" },
  { "http://0x/", "http://0.0.0.0/" },
  { "http://a%2Eb/", "http://a.b/" },
  { "http://A%41/", "http://aa/" },
  { "http://a..b/", "http://a..b/" },
  { "http://a_b-c/", "http://a_b-c/" },
  { "http://xn--9ca/", "http://xn--9ca/" },
  { "http://1e5/", "http://1e5/" },
  { "http://[::1]:80/", "http://[::1]/" },
  { "http://[2001:DB8::0:1]/", "http://[2001:db8::1]/" },
  { "http://[1:0:0:2:0:0:0:3]/", "http://[1:0:0:2::3]/" },
  { "http://[0:0:1::]/", "http://[0:0:1::]/" },
  { "http://[::]/", "http://[::]/" },
  { "http://[::ffff:192.168.0.1]/", "http://[::ffff:c0a8:1]/" },
  { "http://[1:2:3:4:5:6:7::]/", "http://[1:2:3:4:5:6:7:0]/" },
  { "http://[1:2:0:4:5:6:7:8]/", "http://[1:2:0:4:5:6:7:8]/" },
  { "d", "http://h/a/b/d", base = BASE },
  { "./d", "http://h/a/b/d", base = BASE },
  { "../d", "http://h/a/d", base = BASE },
  { "../../../d", "http://h/d", base = BASE },
  { "/d", "http://h/d", base = BASE },
  { "//o/d", "http://o/d", base = BASE },
  { "\\\\o\\d", "http://o/d", base = BASE },
  { "?x", "http://h/a/b/c?x", base = BASE },
  { "#x", "http://h/a/b/c?q#x", base = BASE },
  { "", "http://h/a/b/c?q", base = BASE },
  { "?", "http://h/a/b/c?", base = BASE },
  { "#", "http://h/a/b/c?q#", base = BASE },
  { ".", "http://h/a/b/", base = BASE },
  { "..", "http://h/a/", base = BASE },
  { "d/", "http://h/a/b/d/", base = BASE },
  { "d/../e", "http://h/a/b/e", base = BASE },
  { "http:d", "http://h/a/b/d", base = BASE },
  { "http:/d", "http://h/d", base = BASE },
  { "https:d", "https://d/", base = BASE },
  { "http://o", "http://o/", base = BASE },
  { "1:2", "http://h/a/b/1:2", base = BASE },
  { "d?x#y", "https://u:p@h:8080/x/d?x#y", base = SECURE },
  { "/d", "https://u:p@h:8080/d", base = SECURE },
  { "//o", "https://o/", base = SECURE },
  { "", "https://u:p@h:8080/x/y", base = SECURE },
  { "ws:x", "ws://x/", base = SECURE },
  { "%2e%2e/d", "http://h/a/d", base = BASE },
}

local failures = {
  { "http://" },
  { "http:///" },
  { "http://:80/" },
  { "http://u@/" },
  { "http://a:65536/" },
  { "http://a:b/" },
  { "http://a:80:80/" },
  { "http://a b/" },
  { "http://a<b/" },
  { "http://a%00b/" },
  { "http://a%zz/" },
  { "http://a%/" },
  { "http://a^b/" },
  { "http://a|b/" },
  { "http://[::1/" },
  { "http://[::1]x/" },
  { "http://[1:2]/" },
  { "http://[1::2::3]/" },
  { "http://[:::1]/" },
  { "http://[12345::]/" },
  { "http://[::1.2.3]/" },
  { "http://[::1.2.3.256]/" },
  { "http://[::01.2.3.4]/" },
  { "http://[1.2.3.4::]/" },
  { "http://[1:2:3:4:5:6:7:8:9]/" },
  { "http://[1:2:3:4:5:6:7:8::]/" },
  { "http://[::1%25eth0]/" },
  { "http://256.1.1.1/" },
  { "http://1.2.3.4.5/" },
  { "http://1.2.3.09/" },
  { "http://a.1.x.0x/" },
  { "http://1..2/" },
  { "http://4294967296/" },
  { "foo" },
  { "/foo" },
  { "//foo" },
  { "?foo" },
  { "" },
  { "//[/", base = BASE },
  { "http:// /", base = BASE },
  { "//:80", base = BASE },
}

local function outcome(text, base)
  local ok, result = pcall(URL, text, base)
  return ok and result.href or "failure"
end

local function refused(pattern, call)
  local ok, message = pcall(call)
  assert.is_false(ok)
  assert.matches("url_spec.lua:%d+: ", message)
  assert.matches(pattern, message)
end

describe("URL", function()
  it("parses and resolves as browsers and Node do", function()
    for _, row in ipairs(hrefs) do
      local text, href = row[1], row[2]
      local got = outcome(text, row.base)
      assert.equal(("%q -> %s"):format(text, href), ("%q -> %s"):format(text, got))
    end
  end)

  it("gives back the same text when its text is parsed again", function()
    for _, row in ipairs(hrefs) do assert.equal(row[2], outcome(row[2])) end
  end)

  it("fails where browsers and Node do", function()
    for _, row in ipairs(failures) do
      assert.equal(("%q fails"):format(row[1]),
        ("%q %s"):format(row[1], outcome(row[1], row.base):gsub("failure", "fails")))
    end
  end)

  it("encodes a caret in a path, as the standard does since 2025", function()
    assert.equal("http://a/%5E?^#^", URL("http://a/^?^#^").href)
  end)

  it("reads text that is not UTF-8 as if it held replacement characters", function()
    assert.equal("http://a/%EF%BF%BDx", URL("http://a/\255x").href)
  end)

  it("knows http, https, ws and wss alone, and says so", function()
    for _, text in ipairs { "ftp://a/", "file:///etc", "localhost:1999/x", "data:,x", "a:b" } do
      refused("Invalid URL: .* %(its scheme is not http, https, ws or wss%)",
        function() URL(text) end)
    end
    assert.equal("failure", outcome("mailto:x", BASE))
  end)

  it("refuses a host outside ASCII but not its xn-- form", function()
    refused("Invalid URL: http://é/", function() URL "http://é/" end)
    assert.equal("xn--9ca", URL("http://xn--9ca/").hostname)
  end)

  it("raises at the caller for what is no URL", function()
    refused("Invalid URL: foo %(it is relative and there is no base%)",
      function() URL "foo" end)
    refused("Invalid URL: nil %(it is no string%)", function() URL() end)
    refused("Invalid URL: nil", function() URL(nil, BASE) end)
    refused("Invalid URL: http://a b/ %(its host or port is not valid%)",
      function() URL "http://a b/" end)
    refused("Invalid URL: /base", function() URL("x", "/base") end)
    local line = debug.getinfo(1, "l").currentline + 1
    local _, message = pcall(function() URL("") end)
    assert.matches("url_spec.lua:" .. line .. ": ", message)
  end)

  it("can ask first", function()
    assert.is_true(URL.canParse "http://a/")
    assert.is_true(URL.canParse("/x", BASE))
    assert.is_false(URL.canParse "/x")
  end)

  it("takes URLs as text and as base", function()
    local base = URL(BASE)
    assert.equal("http://h/x", URL("/x", base).href)
    assert.equal(BASE, URL(base).href)
    assert.is_true(URL.is(base))
    assert.is_false(URL.is(BASE))
  end)

  it("answers with its parts", function()
    local parts = {
      ["https://u:p@h:8080/x/y?q=1&r=2#f"] = {
        origin = "https://h:8080", protocol = "https:", username = "u", password = "p",
        host = "h:8080", hostname = "h", port = "8080", pathname = "/x/y", search = "?q=1&r=2",
        hash = "#f",
      },
      ["ws://[::1]/"] = {
        origin = "ws://[::1]", protocol = "ws:", username = "", password = "", host = "[::1]",
        hostname = "[::1]", port = "", pathname = "/", search = "", hash = "",
      },
      ["wss://a:1/?#"] = {
        origin = "wss://a:1", protocol = "wss:", username = "", password = "", host = "a:1",
        hostname = "a", port = "1", pathname = "/", search = "", hash = "",
      },
    }
    for text, fields in pairs(parts) do
      local parsed = URL(text)
      for name, value in pairs(fields) do
        assert.equal(name .. "=" .. value, name .. "=" .. parsed[name])
      end
      assert.equal(text, parsed.href)
      assert.equal(text, parsed:toString())
      assert.equal(text, tostring(parsed))
    end
  end)

  it("takes new values for its parts", function()
    local parsed = URL "http://h:81/a"
    parsed.protocol = "https:"
    parsed.username, parsed.password = "me@", "a:b"
    parsed.hostname = "EXAMPLE.com"
    parsed.pathname = "x/../y z?#"
    parsed.search = "a=#1"
    parsed.hash = "top of"
    assert.equal("https://me%40:a%3Ab@example.com:81/y%20z%3F%23?a=%231#top%20of", parsed.href)
    parsed.host, parsed.search, parsed.hash = "[::1]", "", ""
    assert.equal("https://me%40:a%3Ab@[::1]:81/y%20z%3F%23", parsed.href)
    parsed.host = "h:443"
    assert.equal("", parsed.port)
    parsed.port = 8443
    assert.equal("h:8443", parsed.host)
    parsed.port = ""
    assert.equal("h", parsed.host)
    parsed.href = "ws://other/"
    assert.equal("ws://other/", parsed.href)
  end)

  it("refuses values that a part cannot have, and parts that it does not have", function()
    local parsed = URL "http://h/a"
    local impossible = {
      hostname = "a/b", host = "a:b", port = "65536", protocol = "ftp:", href = "nope",
    }
    for part, value in pairs(impossible) do
      refused("Invalid URL: " .. part .. " cannot be", function() parsed[part] = value end)
    end
    refused("Invalid URL: port cannot be", function() parsed.port = "80x" end)
    refused('a URL has no field "origin" that can be set', function() parsed.origin = "x" end)
    refused('a URL has no field "path" that can be set', function() parsed.path = "/" end)
    assert.equal("http://h/a", parsed.href)
  end)

  it("takes a hostile text in linear time", function()
    local began = os.clock()
    local blanks = (" "):rep(300000)
    pcall(URL, blanks)
    pcall(URL, "http://a/" .. blanks .. "b")
    pcall(URL, "http://[" .. ("1."):rep(100000) .. "]/")
    pcall(URL, "http://" .. ("a@"):rep(100000))
    pcall(URL, "http://a/" .. ("../"):rep(100000))
    assert.is_true(os.clock() - began < 2)
  end)
end)

describe("URL.searchParams", function()
  it("reads the query", function()
    local params = URL("http://h/?a=1%20%2B%201&a=two+words&b=%C3%A9").searchParams
    assert.equal("1 + 1", params:get "a")
    assert.same({ "1 + 1", "two words" }, params:getAll "a")
    assert.is_true(params:has "b")
    assert.equal("é", params:get "b")
    assert.is_nil(params:get "c")
    assert.same({}, params:getAll "c")
    assert.is_false(params:has "c")
  end)

  it("writes the query", function()
    local parsed = URL "http://h/?a=1&b=2&a=3"
    parsed.searchParams:set("a", "x y&é")
    assert.equal("http://h/?a=x+y%26%C3%A9&b=2", parsed.href)
    parsed.searchParams:append("n", 5)
    assert.equal("?a=x+y%26%C3%A9&b=2&n=5", parsed.search)
    parsed.searchParams:set("new", "*-._~")
    parsed.searchParams:delete "a"
    parsed.searchParams:delete "b"
    assert.equal("?n=5&new=*-._%7E", parsed.search)
    parsed.searchParams:delete "n"
    parsed.searchParams:delete "new"
    assert.equal("http://h/", parsed.href)
  end)

  it("follows the query", function()
    local parsed = URL "http://h/?a=1"
    local params = parsed.searchParams
    parsed.search = "?a=2&b=3"
    assert.equal("2", params:get "a")
    parsed.href = "http://h/"
    assert.is_false(params:has "a")
    params:set("c", "4")
    assert.equal("http://h/?c=4", parsed.href)
  end)

  it("iterates in order and can be written by itself", function()
    local params = url.SearchParams "?b=2&a=1&b=3"
    local seen = {}
    for name, value in params:entries() do seen[#seen + 1] = name .. value end
    assert.same({ "b2", "a1", "b3" }, seen)
    assert.equal("b=2&a=1&b=3", params:toString())
    assert.equal("k=v+w", tostring(url.SearchParams { k = "v w" }))
    assert.equal("", url.SearchParams():toString())
  end)
end)

describe("url.parse_query", function()
  it("gives pairs in order and the first value of each name", function()
    local list, first = url.parse_query "?b=2&a=1&b=3"
    assert.same({ { "b", "2" }, { "a", "1" }, { "b", "3" } }, list)
    assert.same({ a = "1", b = "2" }, first)
  end)

  it("splits as forms are split", function()
    assert.same({ { "a", "1" }, { "", "" }, { "b", "" }, { "c", "=2" }, { "", "x" } },
      (url.parse_query "a=1&=&b&&c==2&=x&"))
    assert.same({}, (url.parse_query ""))
    assert.same({}, (url.parse_query "?"))
    assert.same({ { "?a", "1" } }, (url.parse_query "??a=1"))
  end)

  it("takes a hostile text in linear time", function()
    local began = os.clock()
    assert.equal(300000, #url.parse_query(("a&"):rep(300000)))
    assert.equal(300000, #url.parse_query(("=&"):rep(300000)))
    assert.is_true(os.clock() - began < 3)
  end)

  it("decodes plus signs and escapes, keeps malformed escapes and repairs UTF-8", function()
    local _, first = url.parse_query "a=x+y%2B&b=100%&c=%zz%4&d=%C3%A9&e=%FF&f=%E2%82&g%20=%00"
    assert.same({
      a = "x y+", b = "100%", c = "%zz%4", d = "é", e = "\239\191\189", f = "\239\191\189",
      ["g "] = "\0",
    }, first)
  end)
end)

describe("url", function()
  it("encodes and decodes components", function()
    assert.equal("a%20b%2Fc%3F%C3%A9-_.!~*'()%25", url.encode_component "a b/c?é-_.!~*'()%")
    assert.equal("a b/c?é%", url.decode_component "a%20b%2fc%3F%C3%A9%25")
    for code = 0, 127 do
      local char = string.char(code)
      assert.equal(char, url.decode_component(url.encode_component(char)))
    end
  end)

  it("refuses to decode what is malformed or no UTF-8", function()
    for _, text in ipairs { "%", "%4", "%zz", "a%2", "%FF", "%C3", "\255" } do
      refused("URI malformed", function() url.decode_component(text) end)
    end
  end)

  it("makes a room's id a path segment that meets the one of a browser", function()
    for id, segment in pairs {
      ["my room"] = "my%20room", ["my%20room"] = "my%20room", ["a/b"] = "a%2Fb",
      ["a\\b"] = "a%5Cb", ["é"] = "%C3%A9", ["a?b#c"] = "a%3Fb%23c", ["a\tb"] = "a%09b",
      ["100%"] = "100%", ["a:b@c!$&'()*+,;=-._~|[]"] = "a:b@c!$&'()*+,;=-._~|[]",
    } do
      assert.equal(segment, url.encode_segment(id))
      assert.equal("/party/" .. segment, URL("http://h/party/" .. segment).pathname)
    end
    assert.equal("/party/" .. url.encode_segment "my room é^`{}<>\"",
      URL("http://h/party/my room é^`{}<>\"").pathname)
  end)

  it("repairs UTF-8 as the standard decodes it", function()
    local mark = "\239\191\189"
    for broken, repaired in pairs {
      ["\128"] = mark, ["a\255b"] = "a" .. mark .. "b", ["\226\130"] = mark,
      ["\226\130x"] = mark .. "x", ["\192\128"] = mark .. mark, ["\237\160\128"] = mark:rep(3),
      ["\224\159\191"] = mark:rep(3), ["\240\143\191\191"] = mark:rep(4),
      ["\240\128\128\128"] = mark:rep(4), ["\244\144\128\128"] = mark:rep(4),
      ["\240\159\142"] = mark, ["\240\159\142é"] = mark .. "é", ["\195\195\169"] = mark .. "é",
    } do
      assert.equal(repaired, url.scrub_utf8(broken))
    end
    local sound = "aé€🎈\239\191\191\244\143\191\191"
    assert.equal(sound, url.scrub_utf8(sound))
  end)
end)
