// search -- the page: the part of the address behind the # is the board.
const at = (id) => document.getElementById(id);
const board = () => location.hash.slice(1).replace(/[^\w-]/g, "") || "board";

const TYPING_MS = 150;
let socket;
let delay;
let timer;
let added = []; // since the page has come to this board

function enter() {
  if (socket) socket.onclose = null;
  socket?.close();
  added = [];
  at("query").value = "";
  delay = 500;
  watch(board());
  show(added);
}

// Comes back after a loss, and later each time.
function watch(name) {
  const url = new URL(`/parties/main/${name}`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(url);
  socket.onopen = () => (at("notice").textContent = "");
  socket.onmessage = (event) => hear(JSON.parse(event.data));
  socket.onclose = () => {
    if (board() !== name) return;
    at("notice").textContent = "Connection lost, trying again …";
    setTimeout(() => board() === name && watch(name), delay);
    delay = Math.min(delay * 2, 15_000);
  };
}

function send(message) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function hear(message) {
  const query = at("query").value.trim();
  if (message.type === "added") added.unshift(message.note);
  if (message.type === "removed") added = added.filter((note) => note.id !== message.id);
  if (message.type === "error") at("notice").textContent = message.message;
  if (message.type === "found" && message.of === query) show(message.notes);
  if (message.type === "added" || message.type === "removed") query === "" ? show(added) : find();
}

function find() {
  const query = at("query").value.trim();
  at("heading").textContent = query === "" ? "Added while you are here" : "Like what you type";
  if (query === "") show(added);
  else send({ find: query });
}

function show(notes) {
  at("notes").replaceChildren(...notes.map(row));
}

function row({ id, text, score }) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  label.textContent = text;
  item.append(label);
  if (score !== undefined) {
    const badge = document.createElement("b");
    badge.textContent = `${Math.round(score * 100)} %`;
    item.append(badge);
  }
  const button = document.createElement("button");
  button.textContent = "Remove";
  button.onclick = () => send({ remove: id });
  item.append(button);
  return item;
}

at("new").addEventListener("submit", (event) => {
  event.preventDefault();
  at("notice").textContent = "";
  send({ add: new FormData(at("new")).get("text") });
  at("new").reset();
});

at("query").addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(find, TYPING_MS);
});

addEventListener("hashchange", enter);
enter();
