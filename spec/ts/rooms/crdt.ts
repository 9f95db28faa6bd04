import type * as Party from "partykit/server";

type Timestamp = [counter: number, site: string];
type Register<T> = { value: T | null; at: Timestamp };
type Delta = Record<string, Register<unknown>>;

const compare = ([a, x]: Timestamp, [b, y]: Timestamp) => a - b || (x < y ? -1 : x > y ? 1 : 0);

/** A map whose last writer wins. */
class LWWMap {
  private data = new Map<string, Register<unknown>>();
  private clock = 0;

  constructor(readonly site: string) {}

  set(key: string, value: unknown): Delta {
    const register = { value, at: [++this.clock, this.site] as Timestamp };
    this.data.set(key, register);
    return { [key]: register };
  }

  merge(delta: Delta): Delta {
    const accepted: Delta = {};
    for (const [key, register] of Object.entries(delta)) {
      this.clock = Math.max(this.clock, register.at[0]);
      const mine = this.data.get(key);
      if (mine && compare(mine.at, register.at) >= 0) continue;
      this.data.set(key, register);
      accepted[key] = register;
    }
    return accepted;
  }

  toJSON() {
    return Object.fromEntries([...this.data].filter(([, r]) => r.value !== null).map(([k, r]) => [k, r.value]));
  }

  since(counter: number): Delta {
    const entries = [...this.data.entries()].filter(([, { at }]) => at[0] > counter);
    return Object.fromEntries(entries);
  }
}

export default class Doc implements Party.Server {
  doc = new LWWMap("server");

  constructor(readonly room: Party.Room) {}

  onConnect(conn: Party.Connection, ctx: Party.ConnectionContext) {
    const since = parseInt(new URL(ctx.request.url).searchParams.get("since") ?? "0", 10) || 0;
    conn.send(JSON.stringify({ sync: this.doc.since(since) }));
  }

  onMessage(message: string, sender: Party.Connection) {
    const delta = JSON.parse(message) as Delta;
    const accepted = this.doc.merge(delta);
    const rejected = Object.keys(delta).filter((key) => !Object.hasOwn(accepted, key));
    if (rejected.length) sender.send(JSON.stringify({ rejected }));
    if (Object.keys(accepted).length > 0) this.room.broadcast(JSON.stringify(accepted), [sender.id]);
  }

  onRequest(req: Party.Request) {
    if (req.method === "DELETE") {
      const key = new URL(req.url).searchParams.get("key")!;
      this.room.broadcast(JSON.stringify(this.doc.set(key, null)));
    }
    return Response.json(this.doc);
  }
}
