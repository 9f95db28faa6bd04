import type * as Party from "partykit/server";

interface Session {
  id: string;
  user: string | null;
  visits: number;
  expires: number;
}

const COOKIE = "sid";

function parseCookies(header: string | null): Record<string, string> {
  if (!header) return {};
  return header.split(/;\s*/).reduce<Record<string, string>>((all, pair) => {
    const [name, ...value] = pair.split("=");
    if (name) all[decodeURIComponent(name)] = decodeURIComponent(value.join("="));
    return all;
  }, {});
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

type Handler = (req: Party.Request, session: Session, params: Record<string, string>) => Response | Promise<Response>;

class Router {
  private routes: { method: string; pattern: RegExp; keys: string[]; handler: Handler }[] = [];

  add(method: string, path: string, handler: Handler) {
    const keys: string[] = [];
    const source = path.replace(/:(\w+)/g, (_, key) => {
      keys.push(key);
      return "([^/]+)";
    });
    this.routes.push({ method, pattern: new RegExp(`^${source}$`), keys, handler });
    return this;
  }

  async handle(req: Party.Request, path: string, session: Session): Promise<Response> {
    let allowed: string[] = [];
    for (const { method, pattern, keys, handler } of this.routes) {
      const match = pattern.exec(path);
      if (!match) continue;
      if (method !== req.method) {
        allowed.push(method);
        continue;
      }
      const params = Object.fromEntries(keys.map((key, i) => [key, decodeURIComponent(match[i + 1])]));
      return handler(req, session, params);
    }
    if (allowed.length) return new Response(null, { status: 405, headers: { "x-allow": allowed.join(", ") } });
    return new Response(`nothing at ${path}`, { status: 404 });
  }
}

export default class Sessions implements Party.Server {
  router = new Router()
    .add("GET", "/", (_, s) => Response.json({ user: s.user, visits: s.visits }))
    .add("POST", "/login/:name", async (req, s, { name }) => {
      if ((await sha256(`${name}:${await req.text()}`)).slice(0, 6) !== (await sha256(`${name}:secret`)).slice(0, 6)) {
        return new Response("wrong password", { status: 403 });
      }
      s.user = name;
      return Response.redirect("https://example.com/home", 303);
    })
    .add("DELETE", "/login", (_, s) => ((s.user = null), new Response(null, { status: 204 })))
    .add("GET", "/hash/:text", async (_req, _s, { text }) => new Response(await sha256(text)));

  constructor(readonly room: Party.Room) {}

  async session(req: Party.Request): Promise<Session> {
    const id = parseCookies(req.headers.get("cookie"))[COOKIE];
    const stored = id ? await this.room.storage.get<Session>(`session:${id}`) : undefined;
    return stored ?? { id: id || "new", user: null, visits: 0, expires: Date.now() + 3600e3 };
  }

  async onRequest(req: Party.Request) {
    const path = "/" + new URL(req.url).pathname.split("/").slice(4).join("/");
    const session = await this.session(req);
    session.visits++;
    const response = await this.router.handle(req, path, session);
    await this.room.storage.put(`session:${session.id}`, session);
    const headers = new Headers(response.headers);
    headers.append("Set-Cookie", `${COOKIE}=${encodeURIComponent(session.id)}; Path=/; HttpOnly`);
    headers.append("Set-Cookie", `seen=${session.visits}`);
    return new Response(response.body, { status: response.status, headers });
  }
}
