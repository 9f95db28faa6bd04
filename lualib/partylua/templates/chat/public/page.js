// The page: one room, named by the part of the address behind the #.
import { openLine, roomOfAddress } from "./line.js";

const at = (id) => document.getElementById(id);
const name = localStorage.getItem("name") ?? `Guest ${100 + Math.floor(Math.random() * 900)}`;
localStorage.setItem("name", name);

const room = roomOfAddress();
const line = openLine(`/parties/main/${room}?name=${encodeURIComponent(name)}`, {
  open: () => { at("status").textContent = `You are ${name}, in the room ${room}.`; },
  message: (message) => handlers[message.type]?.(message),
  lost: () => { at("status").textContent = "Connection lost, trying again …"; }
});

const handlers = {
  history({ messages }) {
    at("messages").replaceChildren();
    messages.forEach(show);
  },
  message: show,
  error({ message }) {
    at("status").textContent = message;
  }
};

// Text from others is only ever set as textContent, so nothing in it is taken for HTML.
function show(message) {
  const item = document.createElement("li");
  const by = document.createElement("b");
  by.textContent = message.name;
  item.append(by, message.text);
  at("messages").append(item);
  item.scrollIntoView();
}

at("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (text !== "" && line.send({ text })) at("text").value = "";
});

addEventListener("hashchange", () => location.reload());
