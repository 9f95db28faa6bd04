// A list of things to do that everybody in the room shares, kept in the room's storage.
import type * as Party from "partykit/server";

interface Item {
  id: number;
  text: string;
  isDone: boolean;
}

type Request =
  | { type: "add"; text: string }
  | { type: "toggle"; id: number }
  | { type: "remove"; id: number };

const ITEMS_MAX = 100;
const TEXT_LENGTH_MAX = 200;

// What a stranger sends is checked before anything is done with it.
function read(data: string | ArrayBuffer): Request | undefined {
  if (typeof data !== "string") return undefined;
  let sent: any;
  try {
    sent = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (typeof sent !== "object" || sent === null) return undefined;
  if (sent.type === "add") {
    const text = typeof sent.text === "string" ? sent.text.trim() : "";
    return text === "" || text.length > TEXT_LENGTH_MAX ? undefined : { type: "add", text };
  }
  const isKnown = sent.type === "toggle" || sent.type === "remove";
  return isKnown && Number.isInteger(sent.id) ? { type: sent.type, id: sent.id } : undefined;
}

export default class TodoList implements Party.Server {
  readonly options: Party.ServerOptions = { hibernate: true };
  private items: Item[] = [];

  constructor(readonly room: Party.Room) {}

  async onStart() {
    this.items = (await this.room.storage.get<Item[]>("items")) ?? [];
  }

  onConnect(connection: Party.Connection) {
    connection.send(this.list());
  }

  async onMessage(data: string | ArrayBuffer, sender: Party.Connection) {
    const request = read(data);
    if (!request || !this.apply(request)) {
      sender.send(JSON.stringify({ type: "error", message: "that cannot be done" }));
      return;
    }
    await this.room.storage.put("items", this.items);
    this.room.broadcast(this.list());
  }

  onRequest(request: Party.Request) {
    if (request.method !== "GET") return new Response("only GET\n", { status: 405 });
    return new Response(this.list(), { headers: { "content-type": "application/json" } });
  }

  private apply(request: Request): boolean {
    if (request.type === "add") {
      if (this.items.length >= ITEMS_MAX) return false;
      const last = this.items.reduce((most, { id }) => Math.max(most, id), 0);
      this.items.push({ id: last + 1, text: request.text, isDone: false });
      return true;
    }
    const item = this.items.find(({ id }) => id === request.id);
    if (!item) return false;
    if (request.type === "toggle") item.isDone = !item.isDone;
    else this.items = this.items.filter((each) => each !== item);
    return true;
  }

  private list(): string {
    return JSON.stringify({ type: "list", items: this.items });
  }
}

TodoList satisfies Party.Worker;
