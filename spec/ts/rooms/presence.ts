import type {
  Party as Room,
  PartyConnection,
  PartyConnectionContext,
  PartyServer,
} from "partykit/server";

interface Presence {
  name: string;
  color: string;
  status: "active" | "idle";
  cursor: { x: number; y: number } | null;
}

const COLORS = ["#e11d48", "#2563eb", "#16a34a"] as const;

function hash(text: string): number {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (h * 31 + text.charCodeAt(i)) | 0;
  return Math.abs(h);
}

// Who is here, kept in each connection's state.
export default class PresenceServer implements PartyServer {
  options = { hibernate: true };

  constructor(public party: Room) {}

  everyone() {
    const list: Record<string, Presence> = {};
    for (const each of this.party.getConnections<Presence>()) {
      if (each.state) list[each.id] = each.state as Presence;
    }
    return list;
  }

  onConnect(connection: PartyConnection<Presence>, { request }: PartyConnectionContext) {
    const { searchParams } = new URL(request.url);
    const name = searchParams.get("name") ?? "guest";
    connection.setState({
      name,
      color: COLORS[hash(name) % COLORS.length],
      status: "active",
      cursor: null,
    });
    connection.send(JSON.stringify({ type: "sync", users: this.everyone() }));
    this.update(connection, [connection.id]);
  }

  update(connection: PartyConnection<Presence>, without?: string[]) {
    const user = { id: connection.id, ...connection.state };
    this.party.broadcast(JSON.stringify({ type: "update", user }), without);
  }

  onMessage(message: string | ArrayBuffer, connection: PartyConnection<Presence>) {
    const change: Partial<Presence> = JSON.parse(message as string);
    const next = connection.setState((before) => ({ ...before!, ...change }));
    if (next?.cursor && (next.cursor.x < 0 || next.cursor.y < 0)) {
      connection.setState({ ...next, cursor: null });
    }
    this.update(connection);
  }

  onClose(connection: PartyConnection<Presence>) {
    const name = connection.state?.name;
    this.party.broadcast(JSON.stringify({ type: "gone", id: connection.id, name }));
  }
}
