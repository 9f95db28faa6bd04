import type { PartyKitServer } from "partykit/server";

const words: string[] = [];

export default {
  onConnect(ws, room) {
    ws.send(`you are ${[...room.connections.keys()].indexOf(ws.id) + 1} of ${room.connections.size} in ${room.id}`);
    ws.addEventListener("message", (evt) => {
      if (evt.data === "ping") {
        ws.send("pong");
      } else {
        words.push(evt.data as string);
        room.broadcast(`${ws.id} says ${evt.data}`, [ws.id]);
      }
    });
    ws.addEventListener("close", () => {
      room.broadcast(`${ws.id} has gone`, [ws.id]);
    });
  },

  async onBeforeConnect(req) {
    if (req.headers.get("x-blocked")) {
      return new Response("blocked", { status: 403 });
    }
    return req;
  },

  async onRequest(req, room) {
    const { pathname } = new URL(req.url);
    if (req.method === "POST") await room.storage.put(pathname, await req.text());
    const stored = await room.storage.get<string>(pathname);
    return new Response(`${words.join(" ")}|${stored ?? "-"}|${room.env.TITLE}`);
  },
} satisfies PartyKitServer;
