import type * as Party from "partykit/server";

type Issue = { number: number; title: string; labels?: { name: string }[]; user?: { login: string } | null };

type GitHubEvent =
  | { kind: "issues"; action: "opened" | "closed"; issue: Issue }
  | { kind: "push"; ref: string; commits: Array<{ id: string; message: string }> }
  | { kind: "ping"; zen: string };

const json = <T>(data: T, init?: ResponseInit) =>
  new Response(JSON.stringify(data), {
    ...init,
    headers: { "Content-Type": "application/json", ...init?.headers },
  });

const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "POST, OPTIONS",
};

function describe(event: GitHubEvent): string {
  switch (event.kind) {
    case "issues": {
      const { number, title, labels = [], user } = event.issue;
      const tags = labels.map((l) => `[${l.name}]`).join("");
      return `#${number} ${event.action}: ${title}${tags ? " " + tags : ""} by ${user?.login ?? "ghost"}`;
    }
    case "push": {
      const branch = event.ref.split("/").slice(2).join("/");
      const [first, ...rest] = event.commits;
      const more = rest.length ? ` (+${rest.length} more)` : "";
      return `${branch}: ${first?.message.split("\n")[0] ?? "nothing"}${more}`;
    }
    default:
      return `ping: ${event.zen}`;
  }
}

export default class Webhook implements Party.Server {
  log: string[] = [];

  constructor(readonly room: Party.Room) {}

  async onRequest(req: Party.Request) {
    if (req.method === "OPTIONS") return new Response(null, { status: 204, headers: CORS });
    if (req.method === "GET") return json({ log: this.log }, { headers: CORS });
    if (req.method !== "POST") return json({ error: "method" }, { status: 405 });

    const kind = req.headers.get("x-github-event");
    if (!kind) return json({ error: "no event" }, { status: 400, headers: { "X-Reason": "missing header" } });
    let body: any;
    try {
      body = await req.json();
    } catch (err) {
      return json({ error: "bad JSON", name: (err as Error).name }, { status: 400 });
    }

    const text = describe({ kind, ...body });
    this.log.unshift(text);
    this.log.length = Math.min(this.log.length, 3);
    this.room.broadcast(text);
    return json({ ok: true, listeners: [...this.room.getConnections()].length }, { headers: CORS });
  }
}
