// The bench's job on Node and ws: a room whose id begins with "echo-" sends each message
// back, any other room sends it to all its members, the sender included; a GET is answered
// with the room's name.
//
// usage: node server.mjs PORT

import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const prefix = "/parties/main/";
const rooms = new Map(); // of sets of sockets, by room

const server = createServer((request, response) => {
  const found = request.url.startsWith(prefix);
  const body = found ? JSON.stringify({ hello: request.url.slice(prefix.length) }) : "Not found";
  response.writeHead(found ? 200 : 404, {
    "Content-Type": found ? "application/json" : "text/plain",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
});

function join(socket, id) {
  let members = rooms.get(id);
  if (members === undefined) rooms.set(id, (members = new Set()));
  members.add(socket);
  socket.on("close", () => {
    members.delete(socket);
    if (members.size === 0 && rooms.get(id) === members) rooms.delete(id);
  });
  return members;
}

const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket, request) => {
  const id = request.url.slice(prefix.length);
  const members = join(socket, id);
  const echoes = id.startsWith("echo-");
  socket.on("message", (message, binary) => {
    if (echoes) socket.send(message, { binary });
    else for (const member of members) member.send(message, { binary });
  });
  socket.on("error", () => socket.terminate());
});

server.keepAliveTimeout = 0;
server.listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 1024 });
