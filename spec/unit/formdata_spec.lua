local FormData = require "partylua.formdata"
local binary = require "partylua.binary"

local TYPE = "multipart/form-data; boundary=XYZ"

--- A multipart body of parts that are each { headers, content }.
local function multipart(parts)
  local texts = {}
  for i, part in ipairs(parts) do
    texts[i] = "--XYZ\r\n" .. part[1] .. "\r\n\r\n" .. part[2] .. "\r\n"
  end
  return table.concat(texts) .. "--XYZ--\r\n"
end

local function field(name, value)
  return { ('Content-Disposition: form-data; name="%s"'):format(name), value }
end

local function list(form)
  local pairs_list = {}
  for name, value in form:entries() do
    local file = type(value) == "table"
      and { file = value.name, type = value.type, size = value.size, bytes = value:bytes() }
    pairs_list[#pairs_list + 1] = { name, file or value }
  end
  return pairs_list
end

local function refused(pattern, bytes, content_type)
  local form, why = FormData.parse(bytes, content_type or TYPE)
  assert.is_nil(form)
  assert.matches(pattern, why)
end

describe("FormData.parse of application/x-www-form-urlencoded", function()
  local URLENCODED = "application/x-www-form-urlencoded"

  it("reads fields in order", function()
    local form = FormData.parse("name=J+D&x=1&x=2&e=%C3%A9", URLENCODED)
    assert.same({ { "name", "J D" }, { "x", "1" }, { "x", "2" }, { "e", "é" } }, list(form))
  end)

  it("takes the content type in any case and with parameters", function()
    local form = FormData.parse("a=1", "Application/X-WWW-Form-URLEncoded;charset=UTF-8")
    assert.equal("1", form:get "a")
  end)

  it("reads at most 1000 fields", function()
    assert.equal(1000, #list(FormData.parse(("a&"):rep(999) .. "a", URLENCODED)))
    refused("^The form has more than 1000 fields%.$", ("a&"):rep(1000) .. "a", URLENCODED)
  end)
end)

describe("FormData.parse of multipart/form-data", function()
  it("reads fields and files", function()
    local form = FormData.parse(multipart {
      field("field", "value"),
      {
        'Content-Disposition: form-data; name="up"; filename="a.txt"\r\n'
          .. "Content-Type: text/plain",
        "file text",
      },
    }, TYPE)
    assert.same({
      { "field", "value" },
      { "up", { file = "a.txt", type = "text/plain", size = 9, bytes = "file text" } },
    }, list(form))
    assert.equal("file text", form:get("up"):text())
  end)

  it("keeps the bytes of a file and repairs the text of a field", function()
    local form = FormData.parse(multipart {
      field("t", "a\255"),
      { 'content-disposition: form-data; name=f; filename="b"', "\0\255\r\n--XY\r\n" },
    }, TYPE)
    assert.same({
      { "t", "a\239\191\189" },
      { "f", { file = "b", type = "text/plain", size = 10, bytes = "\0\255\r\n--XY\r\n" } },
    }, list(form))
  end)

  it("reads empty fields, and a form of no fields", function()
    assert.same({ { "a", "" }, { "", "b" } },
      list(FormData.parse(multipart { field("a", ""), field("", "b") }, TYPE)))
    assert.same({}, list(FormData.parse("--XYZ--", TYPE)))
  end)

  it("takes the boundary quoted, and skips what stands around the parts", function()
    local bytes = "before\r\n" .. multipart { field("a", "1") } .. "after"
    local form = FormData.parse(bytes:gsub("XYZ", "x y:z"),
      'multipart/form-data; charset=utf-8; boundary="x y:z" ')
    assert.equal("1", form:get "a")
  end)

  it("decodes the names that browsers write, and those of older clients", function()
    local form = FormData.parse(multipart {
      field("a%22%0D%0a%41", "1"),
      { 'Content-Disposition: form-data; name="b\\"c;d"; filename="x\\"', "2" },
      { "Content-Disposition: FORM-DATA;name=plain ; other=1", "3" },
    }, TYPE)
    assert.equal("1", form:get 'a"\r\n%41')
    assert.equal("x\\", form:get('b"c;d').name)
    assert.equal("3", form:get "plain")
  end)

  it("refuses another content type or none", function()
    refused("^Unrecognized Content%-Type header value%.", "x", "text/plain")
    refused("^Unrecognized Content%-Type header value%.", "x", "multipart/mixed; boundary=XYZ")
    refused("^Unrecognized Content%-Type header value%.", "x", "")
    assert.same({ nil, "Parsing a Body as FormData requires a Content-Type header." },
      { FormData.parse("x", nil) })
  end)

  it("refuses a content type without a usable boundary", function()
    refused("^No boundary string in Content%-Type header%.", "x", "multipart/form-data")
    refused("^No boundary string in Content%-Type header%.", "x", "multipart/form-data; a=b")
    refused("^No boundary string", "x", 'multipart/form-data; boundary="XYZ')
    refused("must be in the range %[1, 70%]", "x", "multipart/form-data; boundary=")
    refused("must be in the range", "x", "multipart/form-data; boundary=" .. ("b"):rep(71))
  end)

  it("refuses every body that is cut short", function()
    local whole = multipart { field("a", "1"), field("b", "2") }
    for length = 0, #whole - 3 do
      local form, why = FormData.parse(whole:sub(1, length), TYPE)
      assert.is_nil(form)
      assert.equal("string", type(why))
    end
    assert.equal(2, #list(FormData.parse(whole:sub(1, -3), TYPE)))
  end)

  it("refuses what is malformed", function()
    refused("^No initial boundary string", "")
    refused("^No initial boundary string", "x--XYZ\r\n\r\n")
    refused("^Boundary string was not succeeded by", "--XYZabc\r\n\r\n")
    refused("^Boundary string was not succeeded by",
      (multipart { field("a", "1") }:gsub("%-%-XYZ%-%-", "--XYZ?")))
    refused("^No multipart message header termination", "--XYZ\r\nContent-Disposition: x")
    refused("^No subsequent boundary string", "--XYZ\r\n" .. field("a", "")[1] .. "\r\n\r\n1")
    refused("missing a name", multipart { { "Content-Disposition: form-data", "1" } })
    refused("^No valid Content%-Disposition", multipart { { "Content-Type: text/plain", "1" } })
    refused("^Invalid Content%-Disposition",
      multipart { { 'Content-Disposition: attachment; name="a"', "1" } })
    for _, parameters in ipairs { 'name="a', 'name="a"b"', "name", "=x", 'name="a" x' } do
      refused("^Invalid Content%-Disposition",
        multipart { { "Content-Disposition: form-data; " .. parameters, "1" } })
    end
    for _, line in ipairs { "no colon", ": empty", "a b: c", " folded: x", "a: \0" } do
      refused("^FormData part had invalid headers%.",
        multipart { { field("a", "")[1] .. "\r\n" .. line, "1" } })
    end
  end)

  it("bounds the number of parts and the headers of each", function()
    local parts = {}
    for i = 1, 1000 do parts[i] = field("a", "") end
    assert.equal(1000, #list(FormData.parse(multipart(parts), TYPE)))
    parts[1001] = field("a", "")
    refused("^The form has more than 1000 fields%.$", multipart(parts))
    refused("^A part has more than 8192 bytes of headers%.$",
      multipart { { field("a", "")[1] .. "\r\nx: " .. ("y"):rep(8192), "" } })
  end)

  it("reads hostile headers in linear time", function()
    local began = os.clock()
    local blanks = (" "):rep(8000)
    local parts = {}
    for i = 1, 300 do parts[i] = { field("a", "")[1] .. "\r\nx: a" .. blanks .. "b", "" } end
    assert.equal(300, #list(FormData.parse(multipart(parts), TYPE)))
    for i = 1, 300 do
      parts[i] = { 'Content-Disposition: form-data; name="' .. ('" '):rep(4000), "" }
    end
    FormData.parse(multipart(parts), TYPE)
    assert.is_true(os.clock() - began < 2)
  end)
end)

describe("FormData", function()
  it("holds fields and files in order", function()
    local form = FormData()
    form:append("a", "1")
    form:append("b", 2)
    form:append("a", "3")
    assert.equal("1", form:get "a")
    assert.same({ "1", "3" }, form:getAll "a")
    assert.is_true(form:has "b")
    assert.is_false(form:has "c")
    assert.is_nil(form:get "c")
    form:set("a", "new")
    form:delete "b"
    form:set("c", "last")
    assert.same({ { "a", "new" }, { "c", "last" } }, list(form))
    form:set("a", "text", "a.txt")
    assert.equal("a.txt", form:get("a").name)
    assert.is_true(FormData.is(form))
    assert.is_false(FormData.is {})
  end)

  it("makes files of binary data, of files and of what has a file name", function()
    local form = FormData()
    form:append("a", binary "\1")
    form:append("b", "text", "b.txt")
    form:append("c", FormData.File("x", "c.html", "text/html"))
    form:append("d", FormData.File("x", "c.html", "text/html"), "renamed")
    local found = {}
    for name, file in form:entries() do found[name] = file.name .. " " .. file.type end
    assert.same({
      a = "blob application/octet-stream",
      b = "b.txt application/octet-stream",
      c = "c.html text/html",
      d = "renamed text/html",
    }, found)
  end)

  it("takes no other value, and blames its caller", function()
    local ok, message = pcall(function() FormData():append("a", {}) end)
    assert.is_false(ok)
    assert.matches("formdata_spec.lua:%d+: a form's value must be .* got table", message)
  end)

  it("leaves the byte order mark of a file out of its text alone", function()
    local file = FormData.File("\239\187\191x", "a")
    assert.equal("x", file:text())
    assert.equal("\239\187\191x", file:bytes())
    assert.equal(4, file.size)
  end)

  it("is written so that it reads as the same", function()
    local form = FormData()
    form:append('n"\r\n', "value\r\nof lines")
    form:append("", "")
    form:append("up", FormData.File("\0\255\r\n--\r\n", 'f"\\.bin', "image/png"))
    local bytes, content_type = form:encode()
    assert.matches("^multipart/form%-data; boundary=%S+$", content_type)
    assert.same(list(form), list(FormData.parse(bytes, content_type)))
    local empty, empty_type = FormData():encode()
    assert.same({}, list(FormData.parse(empty, empty_type)))
  end)

  it("chooses a boundary that no part holds", function()
    local form = FormData()
    math.randomseed(1)
    local _, first = form:encode()
    form:append("a", "\r\n--" .. first:match "boundary=(.*)" .. "--\r\n")
    math.randomseed(1)
    local bytes, second = form:encode()
    assert.are_not.equal(first, second)
    assert.same(list(form), list(FormData.parse(bytes, second)))
  end)

  it("writes no line break into the type of a file", function()
    local form = FormData()
    form:append("a", FormData.File("x", "f", "text/plain\r\nEvil: 1"))
    local bytes = form:encode()
    assert.is_nil(bytes:find("\r\nEvil", 1, true))
  end)
end)
