local hint = require "partylua.hint"

describe("hint", function()
  it("counts letters inserted, removed, replaced and swapped", function()
    assert.equal(0, hint.distance("serve", "serve"))
    assert.equal(1, hint.distance("serv", "serve"))
    assert.equal(1, hint.distance("sserve", "serve"))
    assert.equal(1, hint.distance("sarve", "serve"))
    assert.equal(1, hint.distance("sevre", "serve"))
    assert.equal(3, hint.distance("kitten", "sitting"))
    assert.equal(4, hint.distance("", "main"))
    assert.equal(4, hint.distance("main", ""))
  end)

  it("finds the nearest of several names", function()
    local hooks = { "onConnect", "onMessage", "onClose", "onError" }
    assert.equal("onMessage", hint.nearest("onMesage", hooks))
    assert.equal("onClose", hint.nearest("onCloes", hooks))
  end)

  it("takes case, underscores and dashes for spelling", function()
    assert.equal("onConnect", hint.nearest("on_connect", { "onClose", "onConnect" }))
    assert.equal("message-bytes",
      hint.nearest("messageBytes", { "body-bytes", "message-bytes" }))
  end)

  it("suggests nothing when nothing is near", function()
    assert.is_nil(hint.nearest("deploy", { "serve", "types" }))
    assert.is_nil(hint.nearest("x", { "y" }))
    assert.is_nil(hint.nearest("serve", {}))
    assert.is_nil(hint.nearest(("serve"):rep(1000), { "serve" }))
  end)

  it("prefers the first of equally near names", function()
    assert.equal("cat", hint.nearest("bat", { "cat", "hat" }))
  end)

  it("words the question", function()
    assert.equal("did you mean 'serve'?", hint.did_you_mean("sevre", { "serve" }))
    assert.is_nil(hint.did_you_mean("zzzzz", { "serve" }))
  end)
end)
