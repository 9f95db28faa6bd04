import type * as Party from "partykit/server";

export const LOBBY_ID = "lobby";

interface RoomInfo {
  id: string;
  connections: number;
  action?: "enter" | "leave";
}

// One room of this party, "lobby", knows how many are in the others.
export default class Lobby implements Party.Server {
  rooms: Record<string, number> = {};

  constructor(public party: Party.Party) {}

  get isLobby() {
    return this.party.id === LOBBY_ID;
  }

  async onStart() {
    if (this.isLobby) this.rooms = (await this.party.storage.get<Record<string, number>>("rooms")) || {};
  }

  async onConnect(connection: Party.Connection) {
    if (this.isLobby) {
      connection.send(JSON.stringify({ type: "rooms", rooms: this.rooms }));
    } else {
      await this.report("enter");
      connection.send(`welcome to ${this.party.id}`);
    }
  }

  async onClose() {
    if (!this.isLobby) await this.report("leave");
  }

  async report(action: RoomInfo["action"]) {
    const connections = Array.from(this.party.getConnections()).length;
    const info: RoomInfo = { id: this.party.id, connections, action };
    const res = await this.party.context.parties.lobby.get(LOBBY_ID).fetch({
      method: "POST",
      body: JSON.stringify(info),
    });
    if (!res.ok) throw new Error(await res.text());
    return res.json();
  }

  async onRequest(req: Party.Request) {
    if (!this.isLobby) return new Response("only the lobby is asked", { status: 400 });
    if (req.method === "POST") {
      const { id, connections, action } = (await req.json()) as RoomInfo;
      if (connections > 0) this.rooms[id] = connections;
      else delete this.rooms[id];
      await this.party.storage.put("rooms", this.rooms);
      this.party.broadcast(JSON.stringify({ type: action, id, rooms: this.rooms }));
    }
    return Response.json(this.rooms);
  }
}
