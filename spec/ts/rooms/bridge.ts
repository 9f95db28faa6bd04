import type * as Party from "partykit/server";

// Joins rooms: what is said in one is heard in another, through sockets between rooms.
export default class Bridge implements Party.Server {
  links = new Map<string, WebSocket>();

  constructor(readonly room: Party.Room) {}

  async link(to: string) {
    if (this.links.has(to)) return "already linked";
    const socket = await this.room.context.parties.bridge.get(to).socket({ headers: { "x-from": this.room.id } });
    socket.addEventListener("message", (event: MessageEvent) => {
      this.room.broadcast(`[${to}] ${event.data}`);
    });
    socket.addEventListener("close", (event: CloseEvent) => {
      this.links.delete(to);
      this.room.broadcast(`${to} closed ${event.code} ${event.reason}`);
    });
    this.links.set(to, socket as unknown as WebSocket);
    return `linked to ${to}`;
  }

  async onMessage(message: string, sender: Party.Connection) {
    const [command, argument] = message.split(" ");
    if (command === "link") {
      sender.send(await this.link(argument));
    } else if (command === "kick") {
      for (const conn of this.room.getConnections()) {
        if (conn !== sender) conn.close(4100, `kicked by ${sender.id}`);
      }
    } else if (command === "tell") {
      for (const [, socket] of this.links) socket.send(`say ${argument}`);
    } else if (command === "ask") {
      const stub = this.room.context.parties["bridge"].get(argument);
      const res = await stub.fetch("/sub/path?x=1", { method: "PATCH", body: "question", headers: { "X-Who": sender.id } });
      sender.send(`${res.status} ${res.headers.get("x-answer")} ${await res.text()}`);
      const missing = await this.room.context.parties.poll.get("none").fetch();
      sender.send(`poll: ${missing.status}`);
      sender.send(Object.keys(this.room.context.parties).includes("bridge") + " " + ("nothing" in this.room.context.parties));
    } else {
      this.room.broadcast(message.replace(/^say /, ""));
    }
  }

  async onRequest(req: Party.Request) {
    const { pathname, search } = new URL(req.url);
    const text = `${req.method} ${pathname.split("/").slice(3).join("/")}${search} ${await req.text()} of ${req.headers.get("x-who")}`;
    return new Response(text, { status: 202, headers: { "X-Answer": this.room.id } });
  }
}
