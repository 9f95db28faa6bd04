// assistant -- the page: one room, named by the part of the address behind the #.
import { openLine } from "./line.js";

const at = (id) => document.getElementById(id);
const messages = at("messages");

let line; // to the room
let you; // the number the room knows us by
let people = new Map(); // number -> name, of everybody with a name
let answering; // the id of the answer that is being written
const shown = new Map(); // id of a message -> where its text is: a reconnect brings them again

function enter() {
  line?.close();
  messages.replaceChildren();
  shown.clear();
  const room = location.hash.slice(1).replace(/[^\w-]+/g, "-").slice(0, 40) || "lobby";
  document.title = `${room} – Assistant`;
  line = openLine(`/parties/main/${room}`, {
    open: () => line.send({ type: "join", name: at("name").value }),
    message: (message) => handlers[message.type]?.(message),
    lost() {
      setAnswering(undefined);
      at("status").textContent = "Connection lost, trying again …";
    },
  });
}

// What the room tells ----------------------------------------------------------------------------

const handlers = {
  welcome(welcome) {
    you = welcome.you;
    people = new Map(welcome.people.map(({ id, name }) => [id, name]));
    showPeople();
    welcome.messages.forEach(show);
    if (!welcome.answer) return;
    show(welcome.answer);
    shown.get(welcome.answer.id).textContent = welcome.answer.text;
    setAnswering(welcome.answer.id);
  },
  joined({ id, name }) {
    people.set(id, name);
    showPeople();
  },
  left({ id }) {
    people.delete(id);
    showPeople();
  },
  message: show,
  answer(answer) {
    show({ ...answer, text: "" });
    setAnswering(answer.id);
  },
  piece({ id, text }) {
    keepAtEnd(() => shown.get(id)?.append(text));
  },
  end({ id }) {
    setAnswering(undefined);
    if (shown.get(id)?.textContent === "") shown.get(id).closest("li").remove();
  },
  error({ message }) {
    at("notice").textContent = message;
  },
};

// What is seen -----------------------------------------------------------------------------------

// Text from others, and from the model, is only ever set as text: nothing in it is taken for HTML.
function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.dir = "auto";
  made.textContent = text;
  return made;
}

// Follows the talk, unless the reader has scrolled back.
function keepAtEnd(change) {
  const isAtEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80;
  change();
  if (isAtEnd) messages.scrollTop = messages.scrollHeight;
}

function show(message) {
  if (shown.has(message.id)) return;
  const kind = message.from === undefined ? "model" : message.from === you ? "own" : "other";
  const item = element("li", kind, "");
  const text = element("p", "text", message.text);
  item.append(element("b", "name", message.name), text);
  shown.set(message.id, text);
  keepAtEnd(() => messages.append(item));
}

function setAnswering(id) {
  shown.get(answering)?.closest("li").classList.remove("writing");
  answering = id;
  shown.get(answering)?.closest("li").classList.add("writing");
  at("stop").hidden = answering === undefined;
}

const list = new Intl.ListFormat("en");

function showPeople() {
  at("status").textContent = people.size === 0 ? "" : `${people.size} here: ${list.format(people.values())}`;
}

// What the reader does ---------------------------------------------------------------------------

at("say-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (text === "") return;
  const isSent = line.send({ type: "say", text });
  at("notice").textContent = isSent ? "" : "Not connected: please send it again in a moment.";
  if (isSent) at("text").value = "";
});

at("stop").addEventListener("click", () => line.send({ type: "stop" }));

at("name-form").addEventListener("submit", (event) => {
  event.preventDefault();
  at("text").focus();
});

at("name").addEventListener("change", () => {
  const name = at("name").value.trim() || guest();
  at("name").value = name;
  localStorage.setItem("assistant.name", name);
  line.send({ type: "join", name });
});

const guest = () => `Guest ${100 + Math.floor(Math.random() * 900)}`;

at("name").value = localStorage.getItem("assistant.name") ?? guest();
addEventListener("hashchange", enter);
enter();
