import type * as Party from "partykit/server";

const enc = new TextEncoder();
const b64url = (bytes: ArrayBuffer | Uint8Array) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const unb64url = (s: string) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

async function key(secret: string) {
  return crypto.subtle.importKey("raw", enc.encode(secret), { name: "HMAC", hash: "SHA-256" }, false,
    ["sign", "verify"]);
}

async function sign(claims: object, secret: string) {
  const head = b64url(enc.encode(JSON.stringify({ alg: "HS256", typ: "JWT" })));
  const body = b64url(enc.encode(JSON.stringify(claims)));
  const sig = await crypto.subtle.sign("HMAC", await key(secret), enc.encode(`${head}.${body}`));
  return `${head}.${body}.${b64url(sig)}`;
}

async function verify(token: string, secret: string) {
  const [h, b, s] = token.split(".");
  const ok = await crypto.subtle.verify("HMAC", await key(secret), unb64url(s ?? ""), enc.encode(`${h}.${b}`));
  return ok ? JSON.parse(new TextDecoder().decode(unb64url(b))) : null;
}

export default class Auth implements Party.Server {
  constructor(readonly room: Party.Room) {}

  static async onBeforeConnect(req: Party.Request) {
    const token = new URL(req.url).searchParams.get("token");
    const claims = token && (await verify(token, "s3cret"));
    if (!claims)
      return new Response("Unauthorized", { status: 401 });
    req.headers.set("x-user", claims.sub);
    return req;
  }

  onConnect(c: Party.Connection, ctx: Party.ConnectionContext) {
    c.send(`hello ${ctx.request.headers.get("x-user")}`);
  }

  async onRequest(req: Party.Request) {
    const name = await req.text();
    return new Response(await sign({ sub: name, iat: 1 }, "s3cret"));
  }
}
