import type * as Party from "partykit/server";

// Hears what another server says, by a WebSocket of its own: here a room of the same server.
export default class Relay implements Party.Server {
  sockets: Record<string, WebSocket> = {};

  constructor(readonly room: Party.Room) {}

  open(url: string, name: string) {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.sockets[name] = socket;
    const tell = (text: string) => this.room.broadcast(`${name}: ${text}`);
    tell(`state ${socket.readyState === WebSocket.CONNECTING}`);
    socket.addEventListener("open", () => tell(`open ${socket.readyState}`), { once: true });
    socket.onmessage = (event) => {
      tell(typeof event.data === "string" ? `text ${event.data}` : `bytes ${new Uint8Array(event.data).join()}`);
    };
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      delete this.sockets[name];
      tell(`close ${code} ${reason} ${wasClean}`);
    });
    try {
      socket.send("too early");
    } catch (e) {
      tell(`refused ${e instanceof Error}`);
    }
  }

  onMessage(message: string, sender: Party.Connection) {
    const [command, name, ...rest] = message.split(" ");
    const socket = this.sockets[name];
    if (command === "open") {
      const url = new URL(sender.uri);
      url.protocol = "ws:";
      url.pathname = `/parties/chat/${rest[0]}`;
      url.search = `?_pk=${name}&name=${name}`;
      this.open(url.href, name);
    } else if (command === "silent") {
      socket.onmessage = null;
    } else if (command === "send") {
      socket.send(JSON.stringify({ type: "say", text: rest.join(" ") }));
    } else if (command === "close") {
      socket.close(4001, "enough");
    } else {
      sender.send(`${Object.keys(this.sockets)} ${socket?.readyState ?? "none"} ${typeof socket?.onmessage}`);
    }
  }
}
