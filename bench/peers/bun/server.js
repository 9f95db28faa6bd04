// The bench's job on Bun, with its native publish/subscribe: a room whose id begins with
// "echo-" sends each message back, any other room sends it to all its members, the sender
// included; a GET is answered with the room's name.
//
// usage: bun server.js PORT

const prefix = "/parties/main/";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  idleTimeout: 0,

  fetch(request) {
    const { url } = request;
    const path = url.slice(url.indexOf("/", "http://".length));
    if (!path.startsWith(prefix)) return new Response("Not found", { status: 404 });
    const room = path.slice(prefix.length);
    if (server.upgrade(request, { data: { room, echoes: room.startsWith("echo-") } })) return;
    return Response.json({ hello: room });
  },

  websocket: {
    idleTimeout: 0,
    perMessageDeflate: false,
    open(socket) {
      socket.subscribe(socket.data.room);
    },
    message(socket, message) {
      if (socket.data.echoes) socket.send(message);
      else server.publish(socket.data.room, message);
    },
  },
});
