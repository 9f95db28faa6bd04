// partylua.jwt and Node's OpenSSL read each other's keys and tokens, in every form that keys have.
import assert from "node:assert/strict";
import { createHmac, createPrivateKey, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { program, root } from "../support/server.mjs";

// Asks partylua: a list of questions, a list of answers.
function ask(questions) {
  const input = questions.map((each) => `${JSON.stringify(each)}\n`).join("");
  const { status, stdout, stderr } = spawnSync(program, [join(root, "spec/node/jwt_check.lua")], { input, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout.trim().split("\n").map((line) => JSON.parse(line));
}

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const digest = { EdDSA: null, RS256: "sha256", ES256: "sha256" };

function signed(alg, key, claims) {
  const input = `${encode({ alg })}.${encode(claims)}`;
  const made = alg === "HS256"
    ? createHmac("sha256", key).update(input).digest()
    : sign(digest[alg], Buffer.from(input), { key, dsaEncoding: "ieee-p1363" });
  return `${input}.${made.toString("base64url")}`;
}

function isSigned(alg, key, token) {
  const [head, body, signature] = token.split(".");
  assert.equal(JSON.parse(Buffer.from(head, "base64url")).alg, alg);
  const made = Buffer.from(signature, "base64url");
  if (alg === "HS256") return createHmac("sha256", key).update(`${head}.${body}`).digest().equals(made);
  return verify(digest[alg], Buffer.from(`${head}.${body}`), { key, dsaEncoding: "ieee-p1363" }, made);
}

const PAIRS = {
  RS256: ["rsa", { modulusLength: 2048 }],
  ES256: ["ec", { namedCurve: "P-256" }],
  EdDSA: ["ed25519", {}],
};
// Forms beside JWK: [type of PEM for public keys, the same for private keys]
const PEMS = { RS256: [["spki", "pkcs1"], ["pkcs8", "pkcs1"]], ES256: [["spki"], ["pkcs8", "sec1"]], EdDSA: [["spki"], ["pkcs8"]] };

const pem = (key, type) => key.export({ type, format: "pem" });
const jwk = (key) => key.export({ format: "jwk" });

describe("JSON Web Tokens", () => {
  for (const [alg, [kind, options]] of Object.entries(PAIRS)) {
    // Keys differ in how many zeros their numbers begin with, so one would not do.
    test(`${alg}: what Node signs, partylua takes, and the other way round`, () => {
      for (let round = 0; round < (alg === "RS256" ? 3 : 20); round += 1) {
        const { publicKey, privateKey } = generateKeyPairSync(kind, options);
        const [publicPems, privatePems] = PEMS[alg];
        const publics = [jwk(publicKey), ...publicPems.map((type) => pem(publicKey, type))];
        const privates = [jwk(privateKey), ...privatePems.map((type) => pem(privateKey, type))];
        const token = signed(alg, privateKey, { round });
        for (const answer of ask(publics.map((key) => ({ token, key })))) {
          assert.deepEqual(answer, { claims: { round } });
        }
        for (const { token: made } of ask(privates.map((key) => ({ claims: { round }, sign: key })))) {
          assert.ok(isSigned(alg, publicKey, made));
        }
        const other = signed(alg, generateKeyPairSync(kind, options).privateKey, { round });
        assert.deepEqual(ask([{ token: other, key: publics[0] }]), [{ why: "the signature is wrong" }]);
      }
    });
  }

  test("HS256: secrets as text and as a key", () => {
    const secret = randomBytes(24).toString("hex");
    const k = Buffer.from(secret).toString("base64url");
    const token = signed("HS256", secret, { a: 1 });
    assert.deepEqual(ask([{ token, key: secret }, { token, key: { kty: "oct", k } }]), [{ claims: { a: 1 } }, { claims: { a: 1 } }]);
    const [{ token: made }] = ask([{ claims: { a: 1 }, sign: secret }]);
    assert.ok(isSigned("HS256", secret, made));
  });

  test("keys of other kinds and curves are refused", () => {
    for (const [kind, options] of [["ec", { namedCurve: "P-384" }], ["ed448", {}], ["rsa", { modulusLength: 1024 }], ["x25519", {}]]) {
      const key = pem(generateKeyPairSync(kind, options).publicKey, "spki");
      const { status, stderr } = spawnSync(program, [join(root, "spec/node/jwt_check.lua")], {
        input: `${JSON.stringify({ token: "a.b.c", key })}\n`, encoding: "utf8",
      });
      assert.equal(status, 1);
      assert.match(stderr, /jwt: (the|an RSA) /);
    }
    const locked = createPrivateKey(pem(generateKeyPairSync("ed25519").privateKey, "pkcs8"))
      .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" });
    const { stderr } = spawnSync(program, [join(root, "spec/node/jwt_check.lua")], {
      input: `${JSON.stringify({ claims: {}, sign: locked })}\n`, encoding: "utf8",
    });
    assert.match(stderr, /a PEM of ENCRYPTED PRIVATE KEY is no key for this/);
  });
});
