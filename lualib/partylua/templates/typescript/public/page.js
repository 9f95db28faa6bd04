// The page: shows the list of the room, and changes it.
import { openLine, roomOfAddress } from "./line.js";

const at = (id) => document.getElementById(id);

const line = openLine(`/parties/main/${roomOfAddress()}`, {
  message: (message) => handlers[message.type]?.(message),
  lost: () => { at("status").textContent = "Connection lost, trying again …"; }
});

const handlers = {
  list({ items }) {
    const open = items.filter(({ isDone }) => !isDone).length;
    at("status").textContent = items.length === 0 ? "Nothing to do." : `${open} of ${items.length} to do.`;
    at("items").replaceChildren(...items.map(row));
  },
  error({ message }) {
    at("status").textContent = message;
  }
};

function row({ id, text, isDone }) {
  const done = document.createElement("input");
  done.type = "checkbox";
  done.checked = isDone;
  done.onchange = () => line.send({ type: "toggle", id });
  const words = document.createElement("span");
  words.textContent = text;
  words.className = isDone ? "done" : "";
  const remove = document.createElement("button");
  remove.textContent = "Remove";
  remove.onclick = () => line.send({ type: "remove", id });
  const item = document.createElement("li");
  item.append(done, words, remove);
  return item;
}

at("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (text !== "" && line.send({ type: "add", text })) at("text").value = "";
});
addEventListener("hashchange", () => location.reload());
