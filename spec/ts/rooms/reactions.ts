import type * as Party from "partykit/server";

const ALLOWED = ["👏", "❤️", "🎉", "👍🏽"] as const;
type Emoji = (typeof ALLOWED)[number];

const isEmoji = (value: string): value is Emoji => (ALLOWED as readonly string[]).includes(value);

type Counts = { [K in Emoji]?: number };

function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

export default class Reactions implements Party.Server {
  counts: Counts = {};

  constructor(readonly room: Party.Room) {}

  async onStart() {
    this.counts = Object.fromEntries(await this.room.storage.list<number>({ prefix: "r:" })) as Counts;
  }

  onConnect(conn: Party.Connection) {
    conn.send(JSON.stringify(this.counts));
  }

  async react(value: unknown, times: number = 1) {
    assert(typeof value === "string", `expected a text, got ${value === null ? "null" : typeof value}`);
    assert(isEmoji(value), `${value} (${value.length} units, ${[...value].length} letters) is not allowed`);
    this.counts[value] = (this.counts[value] ?? 0) + times;
    await this.room.storage.put(`r:${value}`, this.counts[value]);
    return Object.entries(this.counts)
      .sort(([, a], [, b]) => b! - a!)
      .map(([emoji, n]) => `${emoji}×${n}`)
      .join(" ");
  }

  async onMessage(message: string, sender: Party.Connection) {
    try {
      const { emoji, times } = JSON.parse(message);
      this.room.broadcast(await this.react(emoji, times));
    } catch (e) {
      sender.send((e as Error).message);
    }
  }

  async onRequest(req: Party.Request) {
    const form = await req.formData();
    const emoji = form.get("emoji");
    const times = form.has("times") ? Number(form.get("times")) : undefined;
    try {
      return new Response(await this.react(emoji, times), { status: 201 });
    } catch (e) {
      return new Response((e as Error).message, { status: 400 });
    }
  }
}
