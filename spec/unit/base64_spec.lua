local base64 = require "partylua.base64"

describe("base64", function()
  it("has the texts of RFC 4648", function()
    for bytes, text in pairs {
      [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", fooba = "Zm9vYmE=",
      foobar = "Zm9vYmFy",
    } do
      assert.equal(text, base64.encode(bytes))
      assert.equal(bytes, base64.decode(text))
    end
  end)

  it("gives back bytes of every kind and length", function()
    local bytes = ""
    for i = 0, 300 do
      assert.equal(bytes, base64.decode(base64.encode(bytes)))
      bytes = bytes .. string.char(i * 7 % 256)
    end
  end)

  it("takes one text for the same bytes, and no other", function()
    for _, text in ipairs {
      "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "=", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm-_",
      "Zm\0v", "Z\255==",
    } do
      assert.is_nil(base64.decode(text), text)
    end
  end)
end)
