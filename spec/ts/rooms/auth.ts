import type * as Party from "partykit/server";

interface Claims {
  sub: string;
  role: "admin" | "member";
  exp: number;
}

class AuthError extends Error {
  constructor(message: string, public status = 401) {
    super(message);
    this.name = "AuthError";
  }
}

const decodePart = <T>(part: string): T => {
  const padded = part.replace(/-/g, "+").replace(/_/g, "/");
  return JSON.parse(atob(padded)) as T;
};

// "Verifies" a token whose third part is a checksum.
async function verify(token: string | null): Promise<Claims> {
  if (!token) throw new AuthError("no token");
  const parts = token.split(".");
  if (parts.length !== 3) throw new AuthError("malformed token");
  const [header, payload, signature] = parts;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${header}.${payload}`));
  const hex = Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, "0")).join("");
  if (!hex.startsWith(signature)) throw new AuthError("bad signature");
  const claims = decodePart<Claims>(payload);
  if (claims.exp * 1000 < Date.now()) throw new AuthError("token has expired", 403);
  return claims;
}

export default class Auth implements Party.Server {
  static async onBeforeConnect(request: Party.Request, lobby: Party.Lobby) {
    try {
      const token = new URL(request.url).searchParams.get("token");
      const claims = await verify(token);
      request.headers.set("X-User-ID", claims.sub);
      request.headers.set("X-Role", claims.role);
      return request;
    } catch (e) {
      const status = e instanceof AuthError ? e.status : 500;
      return new Response(`Unauthorized in ${lobby.id}: ${(e as Error).message}`, { status });
    }
  }

  static async onBeforeRequest(request: Party.Request) {
    const header = request.headers.get("Authorization") ?? "";
    const [, token = null] = /^Bearer\s+(\S+)$/i.exec(header) ?? [];
    try {
      const { sub } = await verify(token);
      return new Request(request.url, { headers: { "X-User-ID": sub }, method: "POST", body: "from before" });
    } catch (e) {
      return Response.json({ error: String(e) }, { status: 401, headers: { "WWW-Authenticate": "Bearer" } });
    }
  }

  constructor(readonly room: Party.Room) {}

  onConnect(connection: Party.Connection<{ user: string; role: string | null }>, ctx: Party.ConnectionContext) {
    const { headers } = ctx.request;
    connection.setState({ user: headers.get("X-User-ID")!, role: headers.get("X-Role") });
    connection.send(`hello ${connection.state?.user}`);
  }

  onMessage(message: string, sender: Party.Connection<{ user: string; role: string }>) {
    switch (sender.state?.role) {
      case "admin":
        return this.room.broadcast(`[${sender.state.user}] ${message}`);
      case "member":
      default:
        return sender.send("only admins may speak");
    }
  }

  async onRequest(request: Party.Request) {
    const user = request.headers.get("X-User-ID");
    return new Response(`${request.method} by ${user}: ${await request.text()}`);
  }
}
