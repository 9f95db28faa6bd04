import type * as Party from "partykit/server";

type ChatMessage = {
  id: number;
  from: string;
  text: string;
};

type ClientMessage =
  | { type: "join"; name: string }
  | { type: "say"; text: string }
  | { type: "history"; limit?: number };

const MAX_HISTORY = 5;

export default class ChatRoom implements Party.Server {
  messages: ChatMessage[] = [];
  names = new Map<string, string>();
  nextId = 1;

  constructor(readonly room: Party.Room) {}

  async onStart() {
    this.messages = (await this.room.storage.get<ChatMessage[]>("messages")) ?? [];
    this.nextId = (this.messages.at(-1)?.id ?? 0) + 1;
  }

  onConnect(conn: Party.Connection, ctx: Party.ConnectionContext) {
    const name = new URL(ctx.request.url).searchParams.get("name");
    if (name) this.join(conn, name);
    conn.send(JSON.stringify({ type: "history", messages: this.messages }));
  }

  private join(conn: Party.Connection, name: string) {
    this.names.set(conn.id, name);
    this.room.broadcast(
      JSON.stringify({ type: "joined", name, online: this.names.size }),
      [conn.id]
    );
  }

  async onMessage(raw: string, sender: Party.Connection) {
    let msg: ClientMessage;
    try {
      msg = JSON.parse(raw) as ClientMessage;
    } catch {
      sender.send(JSON.stringify({ type: "error", error: "not JSON" }));
      return;
    }

    if (msg.type === "join") {
      this.join(sender, msg.name);
    } else if (msg.type === "say") {
      const message = {
        id: this.nextId++,
        from: this.names.get(sender.id) ?? "anonymous",
        text: msg.text.trim().slice(0, 40),
      };
      this.messages = [...this.messages, message].slice(-MAX_HISTORY);
      await this.room.storage.put("messages", this.messages);
      this.room.broadcast(JSON.stringify({ type: "said", ...message }));
    } else if (msg.type === "history") {
      const limit = msg.limit || MAX_HISTORY;
      sender.send(JSON.stringify({ type: "history", messages: this.messages.slice(-limit) }));
    } else {
      sender.send(JSON.stringify({ type: "error", error: `unknown type ${(msg as any).type}` }));
    }
  }

  onClose(conn: Party.Connection) {
    const name = this.names.get(conn.id);
    if (!this.names.delete(conn.id)) return;
    this.room.broadcast(JSON.stringify({ type: "left", name, online: this.names.size }));
  }

  async onRequest(req: Party.Request) {
    if (req.method === "GET") {
      return Response.json({ count: this.messages.length, last: this.messages.at(-1) ?? null });
    }
    return new Response("Method not allowed", { status: 405 });
  }
}

ChatRoom satisfies Party.Worker;
