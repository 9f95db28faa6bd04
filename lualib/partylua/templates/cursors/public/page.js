// The page: tells the room where the pointer is, and shows the pointers of the others.
import { openLine, roomOfAddress } from "./line.js";

const SEND_MS = 33; // no faster than the room tells the others

const status = document.getElementById("status");
const layer = document.getElementById("pointers");
const shown = new Map(); // number -> element
let you; // the number the room knows us by

const line = openLine(`/parties/main/${roomOfAddress()}`, {
  message: (message) => handlers[message.type]?.(message),
  lost: () => { status.textContent = "Connection lost, trying again …"; }
});

const handlers = {
  welcome(welcome) {
    you = welcome.you;
    for (const id of shown.keys()) remove(id); // those from before a loss have new numbers
    welcome.pointers.forEach(place);
    status.textContent = `You are visitor ${you}.`;
  },
  moves: ({ pointers }) => pointers.forEach(place),
  left: ({ id }) => remove(id)
};

function place({ id, x, y }) {
  if (id === you) return;
  let pointer = shown.get(id);
  if (!pointer) {
    pointer = document.createElement("div");
    pointer.className = "pointer";
    pointer.style.setProperty("--hue", (id * 137.5) % 360); // neighbours get distant colours
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

let position;
let timer;
const part = (value) => Math.min(1, Math.max(0, value));

addEventListener("pointermove", (event) => {
  position = { x: part(event.clientX / innerWidth), y: part(event.clientY / innerHeight) };
  timer ??= setTimeout(() => {
    timer = undefined;
    line.send(position);
  }, SEND_MS);
});
addEventListener("hashchange", () => location.reload());
