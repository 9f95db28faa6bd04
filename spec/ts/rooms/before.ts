import type * as Party from "partykit/server";

const log: string[] = [];

export default class Before implements Party.Server {
  static async onBeforeConnect(req: Party.Request, lobby: Party.Lobby, ctx: Party.ExecutionContext) {
    ctx.waitUntil(Promise.resolve().then(() => log.push(`connect ${lobby.id}`)));
    const url = new URL(req.url);
    if (lobby.id.startsWith("private-") && url.searchParams.get("code") !== "42") {
      return new Response("no entry", { status: 418 });
    }
    url.searchParams.set("checked", "yes");
    url.searchParams.delete("code");
    return new Request(url.toString(), { headers: { ...Object.fromEntries(req.headers), "x-lobby": lobby.id } });
  }

  static onBeforeRequest(req: Party.Request, lobby: Party.Lobby) {
    log.push(`${req.method} ${lobby.id}`);
    if (req.method === "DELETE") return new Response("gone", { status: 410 });
    if (req.method === "POST") {
      return new Request(req.url + "?from=before", { method: "PUT", body: JSON.stringify({ title: lobby.env.TITLE }) });
    }
    return req;
  }

  constructor(readonly room: Party.Room) {}

  onConnect(conn: Party.Connection, { request }: Party.ConnectionContext) {
    const { searchParams } = new URL(request.url);
    const { ["_pk"]: id, ...rest } = Object.fromEntries(searchParams.entries());
    conn.send(`${id} ${JSON.stringify(rest)} ${request.headers.get("X-Lobby")} ${searchParams.size ?? [...searchParams].length}`);
  }

  async onRequest(req: Party.Request) {
    const body = await req.text();
    return Response.json({ method: req.method, search: new URL(req.url).search, body, log });
  }
}
