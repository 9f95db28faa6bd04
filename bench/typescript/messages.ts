import type * as Party from "partykit/server";

type Move = { type: "move"; id: string; x: number; y: number; keys: string[] };
type Chat = { type: "chat"; from: string; text: string };

/** A message comes as JSON and goes out as JSON. */
export default class Messages implements Party.Server {
  seen = 0;
  positions: Record<string, { x: number; y: number; at: number }> = {};

  constructor(readonly room: Party.Room) {}

  onMessage(message: string, sender: Party.Connection) {
    const data = JSON.parse(message) as Move | Chat;
    this.seen++;
    switch (data.type) {
      case "move": {
        this.positions[data.id] = { x: data.x, y: data.y, at: this.seen };
        this.room.broadcast(JSON.stringify({ type: "moved", id: data.id, x: data.x, y: data.y, keys: data.keys.length }), [sender.id]);
        break;
      }
      case "chat":
        this.room.broadcast(JSON.stringify({ ...data, text: data.text.trim(), n: this.seen }));
        break;
    }
  }
}
