import type * as Party from "partykit/server";

// What a room can do with `fetch`.
export default class Fetching implements Party.Server {
  constructor(readonly room: Party.Room) {}

  url = (path: string) => new URL(path, this.room.env.ORIGIN as string).toString();

  async onRequest(req: Party.Request): Promise<Response> {
    const name = new URL(req.url).pathname.split("/").pop()!;
    try {
      switch (name) {
        case "json":
          return Response.json(await (await fetch(this.url("/echo?a=1"))).json());
        case "post": {
          const res = await fetch(this.url("/echo"), { method: "PUT", body: await req.text(), headers: [["x-key", "k"]] });
          return new Response(`${res.status} ${await res.text()}`);
        }
        case "form": {
          const body = new URLSearchParams({ q: "a b&c", n: "1" });
          return Response.json(await (await fetch(this.url("/echo"), { method: "POST", body })).json());
        }
        case "request": {
          const request = new Request(this.url("/echo"), { method: "POST", headers: { "X-Key": "from request" }, body: "hello" });
          const { type, ...rest } = await (await fetch(request)).json();
          return Response.json({ ...rest, type: type.toLowerCase(), used: request.bodyUsed });
        }
        case "moved": {
          const res = await fetch(this.url("/moved"));
          const { url } = await res.json();
          return Response.json({ redirected: res.redirected, at: new URL(res.url).search, url });
        }
        case "manual": {
          const res = await fetch(this.url("/moved"), { redirect: "manual" });
          return Response.json({ status: res.status, location: res.headers.get("location") });
        }
        case "teapot": {
          const res = await fetch(this.url("/teapot"));
          return Response.json([res.ok, res.status, res.headers.get("X-Brew"), res.headers.get("nope"), await res.text()]);
        }
        case "bytes": {
          const bytes = new Uint8Array(await (await fetch(this.url("/bytes"))).arrayBuffer());
          return Response.json({ length: bytes.length, sum: bytes.reduce((a, b) => a + b, 0), last: bytes.at(-1) });
        }
        case "pass":
          return await fetch(this.url("/teapot"));
        case "stream": {
          const res = await fetch(this.url("/teapot"));
          return new Response(res.body, { status: 203, headers: { "x-from": "stream" } });
        }
        case "abort": {
          const controller = new AbortController();
          setTimeout(() => controller.abort(), 20);
          await fetch(this.url("/slow"), { signal: controller.signal });
          return new Response("not reached");
        }
        case "timeout":
          await fetch(this.url("/slow"), { signal: AbortSignal.timeout(20) });
          return new Response("not reached");
        case "reason":
          await fetch(this.url("/slow"), { signal: AbortSignal.abort(new RangeError("given up")) });
          return new Response("not reached");
        case "twice": {
          const res = await fetch(this.url("/teapot"));
          await res.text();
          await res.text();
          return new Response("not reached");
        }
        case "all": {
          const paths = ["/echo?1", "/teapot", "/nowhere"];
          const all = await Promise.all(paths.map(async (path) => (await fetch(this.url(path))).status));
          return Response.json(all);
        }
        case "race": {
          const late = fetch(this.url("/slow"), { signal: AbortSignal.timeout(500) }).then(() => "slow", () => "gave up");
          const soon = new Promise<string>((resolve) => setTimeout(resolve, 10, "timer"));
          return new Response(await Promise.race([late, soon]));
        }
        default:
          return new Response("no such case", { status: 404 });
      }
    } catch (error) {
      const { name, message } = error as Error;
      return new Response(`${name}: ${message}`, { status: 502 });
    }
  }
}
