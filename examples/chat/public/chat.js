// chat -- the page: one room, named by the part of the address behind the #.
import { openLine } from "./line.js";

const TYPING_SHOWN_MS = 4000;
const TYPING_TOLD_MS = 2000;

const at = (id) => document.getElementById(id);
const messages = at("messages");

let line; // to the room
let you; // the number the room knows us by
let people = new Map(); // number -> name, of everybody with a name
let typists = new Map(); // number -> timer that takes it out again
let toldTyping = 0;
const shown = new Set(); // ids of messages, since a reconnect brings the last ones again

// What goes into an address, and needs no escapes in it.
const plain = (name) => name.trim().replace(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 40);

// A badly escaped address is no reason to fail.
function roomOfAddress() {
  try {
    return plain(decodeURIComponent(location.hash.slice(1))) || "lobby";
  } catch {
    return "lobby";
  }
}

function enter() {
  const room = roomOfAddress();
  line?.close();
  messages.replaceChildren();
  shown.clear();
  setPeople([]);
  at("room").value = room;
  document.title = `${room} – Chat`;
  at("status").textContent = "Connecting …";
  line = openLine(`/parties/main/${encodeURIComponent(room)}`, {
    open: () => line.send({ type: "join", name: at("name").value }),
    message: (message) => handlers[message.type]?.(message),
    lost: () => {
      document.body.dataset.line = "lost";
      at("status").textContent = "Connection lost, trying again …";
    }
  });
}

// What the room tells ----------------------------------------------------------------------------

const handlers = {
  welcome(welcome) {
    document.body.dataset.line = "open";
    you = welcome.you;
    setPeople(welcome.people);
    welcome.messages.forEach(show);
  },
  joined({ id, name }) {
    people.set(id, name);
    showPeople();
  },
  left({ id }) {
    people.delete(id);
    stopTyping(id);
    showPeople();
  },
  message(message) {
    stopTyping(message.from);
    show(message);
  },
  typing({ id }) {
    clearTimeout(typists.get(id));
    typists.set(id, setTimeout(stopTyping, TYPING_SHOWN_MS, id));
    showTypists();
  },
  error({ message }) {
    at("notice").textContent = message;
  }
};

// What is seen -----------------------------------------------------------------------------------

// Text from others is only ever set as textContent, so nothing in it is taken for HTML.
function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text ?? "";
  return made;
}

function hueOf(name) {
  let hue = 7;
  for (const character of name) hue = (hue * 31 + character.codePointAt(0)) % 360;
  return hue;
}

function show(message) {
  if (shown.has(message.id)) return;
  shown.add(message.id);
  const name = element("b", "name", message.name);
  name.dir = "auto";
  const text = element("p", "text", message.text);
  text.dir = "auto";
  const date = new Date(message.at);
  const time = element("time", "time", date.toLocaleTimeString([], { timeStyle: "short" }));
  time.dateTime = date.toISOString();
  const item = element("li", message.from === you ? "message own" : "message");
  item.style.setProperty("--hue", hueOf(message.name));
  item.append(name, time, text);

  // Follows the talk, unless the reader has scrolled back.
  const isAtEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80;
  messages.append(item);
  if (isAtEnd || message.from === you) messages.scrollTop = messages.scrollHeight;
}

function setPeople(list) {
  people = new Map(list.map(({ id, name }) => [id, name]));
  typists.forEach((timer) => clearTimeout(timer));
  typists = new Map();
  showPeople();
  showTypists();
}

const list = new Intl.ListFormat("en");

function showPeople() {
  if (people.size === 0) return;
  const names = [...people.values()];
  const named = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  at("status").textContent = `${people.size} here: ${list.format(named)}`;
}

function showTypists() {
  const names = [...typists.keys()].map((id) => people.get(id)).filter(Boolean);
  if (names.length === 0) at("typing").textContent = "";
  else if (names.length > 3) at("typing").textContent = "Several people are typing …";
  else at("typing").textContent = `${list.format(names)} ${names.length > 1 ? "are" : "is"} typing …`;
}

function stopTyping(id) {
  clearTimeout(typists.get(id));
  if (typists.delete(id)) showTypists();
}

// What the reader does ---------------------------------------------------------------------------

at("say-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (text === "") return;
  const isSent = line.send({ type: "say", text });
  // What was written stays where it is until there is somebody to take it.
  at("notice").textContent = isSent ? "" : "Not connected: please send it again in a moment.";
  if (isSent) at("text").value = "";
  toldTyping = 0;
});

at("text").addEventListener("input", () => {
  if (Date.now() - toldTyping < TYPING_TOLD_MS || at("text").value === "") return;
  toldTyping = Date.now();
  line.send({ type: "typing" });
});

at("name-form").addEventListener("submit", (event) => {
  event.preventDefault();
  at("text").focus(); // which also ends the editing of the name
});

at("name").addEventListener("change", () => {
  const name = at("name").value.trim() || guest();
  at("name").value = name;
  localStorage.setItem("chat.name", name);
  at("notice").textContent = "";
  line.send({ type: "join", name });
});

at("room-form").addEventListener("submit", (event) => {
  event.preventDefault();
  location.hash = plain(at("room").value) || "lobby"; // and hashchange enters it
  at("text").focus();
});

const guest = () => `Guest ${100 + Math.floor(Math.random() * 900)}`;

at("name").value = localStorage.getItem("chat.name") ?? guest();
addEventListener("hashchange", enter);
enter();
