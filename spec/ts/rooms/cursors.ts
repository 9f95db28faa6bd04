import type {
  Connection,
  ConnectionContext,
  Party,
  Request,
  Server,
  Worker,
} from "partykit/server";

type Cursor = {
  id: string;
  uri?: string;
  country?: string;
  x?: number;
  y?: number;
  pointer?: "mouse" | "touch";
  lastUpdate?: number;
};

type UpdateMessage = { type: "update" } & Cursor;
type SyncMessage = { type: "sync"; cursors: { [id: string]: Partial<Cursor> } };
type RemoveMessage = { type: "remove"; id: string };

type ConnectionWithCursor = Connection & { cursor?: Cursor };

// server.ts
export default class CursorServer implements Server {
  constructor(public party: Party) {}
  options: { hibernate: boolean } = {
    hibernate: true,
  };

  onConnect(websocket: Connection, { request }: ConnectionContext): void | Promise<void> {
    const country = (request.cf?.country as string) ?? request.headers.get("x-country") ?? null;

    // Stash the country in the websocket attachment
    websocket.serializeAttachment({
      ...websocket.deserializeAttachment(),
      country: country,
    });

    console.log("[connect]", this.party.id, websocket.id, country);

    // On connect, send a "sync" message to the new connection
    // Pull the cursor from all websocket attachments
    let cursors: { [id: string]: Partial<Cursor> } = {};
    for (const ws of this.party.getConnections()) {
      const id = ws.id;
      let cursor = (ws as ConnectionWithCursor).cursor ?? ws.deserializeAttachment();
      if (id !== websocket.id && cursor !== null && cursor.x !== undefined && cursor.y !== undefined) {
        cursors[id] = {
          x: cursor.x,
          y: cursor.y,
          pointer: cursor.pointer,
          country: cursor.country,
        };
      }
    }

    const msg = <SyncMessage>{
      type: "sync",
      cursors: cursors,
    };
    websocket.send(JSON.stringify(msg));
  }

  onMessage(message: string | ArrayBuffer, websocket: Connection): void | Promise<void> {
    const position = JSON.parse(message as string);
    const prevCursor = this.getCursor(websocket as ConnectionWithCursor);
    const cursor = <Cursor>{
      id: websocket.id,
      x: position.x,
      y: position.y,
      pointer: position.pointer,
      country: prevCursor?.country,
      lastUpdate: Date.now(),
    };

    this.setCursor(websocket as ConnectionWithCursor, cursor);

    const { lastUpdate, ...shown } = cursor;
    const msg =
      position.x && position.y
        ? <UpdateMessage>{ type: "update", ...shown, id: websocket.id }
        : <RemoveMessage>{ type: "remove", id: websocket.id };
    this.party.broadcast(JSON.stringify(msg), [websocket.id]);
  }

  getCursor(connection: ConnectionWithCursor) {
    if (!connection.cursor) {
      connection.cursor = connection.deserializeAttachment();
    }
    return connection.cursor;
  }

  setCursor(connection: ConnectionWithCursor, cursor: Cursor) {
    let prevCursor = connection.cursor;
    connection.cursor = cursor;

    // throttle writing to attachment to once every 100ms
    let now = Date.now();
    if (!prevCursor || !prevCursor.lastUpdate || now - prevCursor.lastUpdate > 100) {
      connection.serializeAttachment({ ...cursor });
    }
  }

  onClose(websocket: Connection) {
    this.party.broadcast(JSON.stringify(<RemoveMessage>{ type: "remove", id: websocket.id }), []);
  }

  async onRequest(req: Request) {
    return new Response(req.method + " is not for cursors", { status: 501 });
  }
}

CursorServer satisfies Worker;
