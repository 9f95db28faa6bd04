// cursors -- the page: tells the room where the pointer is, and shows the pointers of the others.
// partysocket is the client of PartyKit; it comes back by itself after a loss.
import PartySocket from "./partysocket.js";

const SEND_MS = 33; // no faster than the room tells the others

// The part of the address behind the # names the room; it stays as encoded as the browser has it.
const room = location.hash.slice(1).replace(/[^\w%-]/g, "-") || "page";
const status = document.getElementById("status");
const layer = document.getElementById("pointers");
const template = document.getElementById("pointer");

let you; // the number the room knows us by
const shown = new Map(); // number -> element

const socket = new PartySocket({
  host: location.host,
  protocol: location.protocol === "https:" ? "wss" : "ws",
  room,
  minReconnectionDelay: 500
});

// What the room tells ----------------------------------------------------------------------------

socket.addEventListener("message", (event) => {
  const message = JSON.parse(event.data);
  handlers[message.type]?.(message);
});

socket.addEventListener("close", () => {
  status.textContent = "Connection lost, trying again …";
});

const handlers = {
  welcome(welcome) {
    you = welcome.you;
    for (const id of shown.keys()) remove(id); // those from before a loss have new numbers
    welcome.pointers.forEach(place);
    count();
  },
  moves({ pointers }) {
    pointers.forEach(place);
    count();
  },
  left({ id }) {
    remove(id);
    count();
  },
  error({ message }) {
    console.error(message);
  }
};

// What is seen -----------------------------------------------------------------------------------

function place({ id, x, y }) {
  if (id === you) return;
  if (x === undefined) return remove(id);
  let pointer = shown.get(id);
  if (!pointer) {
    pointer = template.content.cloneNode(true).firstElementChild;
    pointer.style.setProperty("--hue", (id * 137.5) % 360); // neighbours get distant colours
    pointer.querySelector("span").textContent = `Visitor ${id}`;
    pointer.dataset.id = id;
    layer.append(pointer);
    shown.set(id, pointer);
  }
  pointer.style.left = `${x * 100}%`;
  pointer.style.top = `${y * 100}%`;
}

function remove(id) {
  shown.get(id)?.remove();
  shown.delete(id);
}

function count() {
  const others = shown.size === 1 ? "one other pointer" : `${shown.size} other pointers`;
  status.textContent = `You are visitor ${you}; there ${shown.size === 1 ? "is" : "are"} ${others}.`;
}

// What the pointer does --------------------------------------------------------------------------

let position; // the last one, {} outside the page
let timer;

function tell() {
  timer = undefined;
  // Positions are of the moment: while there is no connection they are not kept for later.
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(position));
}

function move(next) {
  position = next;
  timer ??= setTimeout(tell, SEND_MS);
}

const part = (value) => Math.min(1, Math.max(0, value));

addEventListener("pointermove", (event) => {
  move({ x: part(event.clientX / innerWidth), y: part(event.clientY / innerHeight) });
});
document.documentElement.addEventListener("pointerleave", () => move({}));
addEventListener("hashchange", () => location.reload());
