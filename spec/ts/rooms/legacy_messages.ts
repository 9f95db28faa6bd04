import type { PartyKitServer, PartyKitConnection, PartyKitRoom } from "partykit/server";

function everyone(room: PartyKitRoom, except?: PartyKitConnection) {
  return [...room.getConnections()].filter((c) => c !== except).map(({ id }) => id);
}

const handlers: Record<string, (rest: string, conn: PartyKitConnection, room: PartyKitRoom) => void> = {
  say: (rest, conn, room) => room.broadcast(`${conn.id}: ${rest}`),
  who: (_, conn, room) => conn.send(everyone(room, conn).join(", ") || "only you"),
  tell(rest, conn, room) {
    const [to, ...words] = rest.split(" ");
    const other = room.getConnection(to);
    other ? other.send(`(${conn.id}) ${words.join(" ")}`) : conn.send(`${to} is not here`);
  },
  throw() {
    throw new Error("on purpose");
  },
};

// The older form with onMessage: the room hibernates.
const server: PartyKitServer = {
  onMessage: function (message, connection, room) {
    const [, command, rest = ""] = /^\/(\w+)\s*(.*)$/.exec(message as string) ?? [null, "say", message as string];
    handlers[command]?.(rest, connection, room);
    if (!handlers.hasOwnProperty(command)) connection.send(`no command ${command}`);
  },
  onClose(connection, room) {
    room.broadcast(`- ${connection.id}`);
  },
};

export default server;
