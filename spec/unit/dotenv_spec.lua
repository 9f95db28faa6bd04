local dotenv = require "partylua.dotenv"

local function read(text)
  local values, why = dotenv.parse(text, ".env")
  assert.is_nil(why)
  return values
end

describe("dotenv", function()
  it("reads names and values, trimmed", function()
    assert.same({ A = "1", B_2 = "two words", ["c.d-e"] = "" },
      read "A=1\n  B_2 =  two words  \nc.d-e=")
  end)

  it("keeps every = after the first", function()
    assert.same({ URL = "http://x/?a=b&c=d" }, read "URL=http://x/?a=b&c=d")
  end)

  it("allows export before a name, and a name that begins so", function()
    assert.same({ A = "1", export = "2", exported = "3" },
      read "export A=1\nexport=2\nexported=3")
  end)

  it("skips comments, blank lines and a byte order mark", function()
    assert.same({ A = "1", B = "2" }, read "\239\187\191# first\n\nA=1 # why\n   # last\nB=2\n")
  end)

  it("takes a # without white space before it as part of the value", function()
    assert.same({ COLOUR = "#ff0000", PASSWORD = "a#b", EMPTY = "" },
      read "COLOUR=#ff0000\nPASSWORD=a#b # c\nEMPTY= # d")
  end)

  it("expands escapes in double quotes only", function()
    assert.same({ A = 'one\ntwo\t"\\ \\d $HOME', B = "one\\ntwo", C = "a\\" },
      read [[
A="one\ntwo\t\"\\ \d $HOME"
B='one\ntwo'
C=`a\`]])
  end)

  it("lets quoted values go over several lines", function()
    assert.same({ KEY = "-----\nabc\n-----", NEXT = "x" },
      read 'KEY="-----\nabc\n-----" # pem\nNEXT=x')
    assert.same({ KEY = "a\n#b" }, read "KEY='a\n#b'")
  end)

  it("keeps white space and # inside quotes", function()
    assert.same({ A = "  a # b  ", B = "it's" }, read "A='  a # b  '\nB=\"it's\"")
  end)

  it("reads files with CRLF line ends", function()
    assert.same({ A = "1", B = "2", C = "3" }, read "A=1\r\nB=\"2\"\r\nC='3' # x\r\n")
  end)

  it("lets the last of equal names count", function()
    assert.same({ A = "2" }, read "A=1\nA=2")
  end)

  it("names the line of what it cannot read", function()
    local cases = {
      ["A=1\nnonsense\n"] = ".env:2: expected NAME=value",
      ["A=1\n\n=x"] = ".env:3: expected NAME=value",
      ["1A=x"] = ".env:1: expected NAME=value",
      ['A="x\ny\nB=1'] = '.env:1: the value opened with " is never closed',
      ["A='1'\nB='x' y"] = ".env:2: only a comment may follow a quoted value",
      ['A="1\n2" B=3'] = ".env:1: only a comment may follow a quoted value",
    }
    for text, expected in pairs(cases) do
      local values, why = dotenv.parse(text)
      assert.is_nil(values)
      assert.equal(expected, why)
    end
  end)

  it("reports a file that is not there", function()
    local values, why = dotenv.load "/nonexistent/.env"
    assert.is_nil(values)
    assert.matches("/nonexistent/.env: No such file", why, 1, true)
  end)
end)
