import type * as Party from "partykit/server";

const ROLES = new Set(["host", "guest", "spectator"]);

export default class Tags implements Party.Server {
  constructor(readonly room: Party.Room) {}

  getConnectionTags(connection: Party.Connection, { request }: Party.ConnectionContext) {
    const params = new URL(request.url).searchParams;
    const role = params.get("role") ?? "guest";
    const team = params.get("team");
    return [ROLES.has(role) ? role : "guest", ...(team ? [`team:${team}`] : []), connection.id.length > 3 ? "long" : "short"];
  }

  *audience(spec: string): Generator<Party.Connection> {
    if (spec === "*") yield* this.room.getConnections();
    else {
      const seen = new Set<string>();
      for (const tag of spec.split("+")) {
        for (const conn of this.room.getConnections(tag)) {
          if (seen.has(conn.id)) continue;
          seen.add(conn.id);
          yield conn;
        }
      }
    }
  }

  onMessage(message: string, sender: Party.Connection) {
    const colon = message.indexOf(": ");
    const [spec, text] = colon < 0 ? ["*", message] : [message.slice(0, colon), message.substring(colon + 2)];
    let n = 0;
    for (const conn of this.audience(spec)) {
      if (conn === sender) continue;
      conn.send(text);
      n++;
    }
    const iterator = this.audience(spec);
    const first = iterator.next();
    iterator.return?.(undefined);
    sender.send(`${n} heard; first ${first.done ? "nobody" : first.value.id}; then ${iterator.next().done}`);
  }
}
