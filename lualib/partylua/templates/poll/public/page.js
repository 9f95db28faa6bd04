// The page: shows the poll of the room, and votes.
import { openLine, ownId, roomOfAddress } from "./line.js";

const at = (id) => document.getElementById(id);

const line = openLine(`/parties/main/${roomOfAddress()}?voter=${ownId()}`, {
  message: (message) => handlers[message.type]?.(message),
  lost: () => { at("status").textContent = "Connection lost, trying again …"; }
});

const handlers = {
  result({ question, options, votes }) {
    const total = votes.reduce((sum, each) => sum + each, 0);
    at("question").textContent = question;
    at("status").textContent = `${total} ${total === 1 ? "vote" : "votes"}`;
    at("options").replaceChildren(...options.map((text, i) => button(text, i, votes[i], total)));
  },
  error({ message }) {
    at("status").textContent = message;
  }
};

function button(text, index, votes, total) {
  const made = document.createElement("button");
  made.style.setProperty("--share", `${total === 0 ? 0 : (votes / total) * 100}%`);
  made.onclick = () => line.send({ vote: index + 1 });
  const count = document.createElement("b");
  count.textContent = votes;
  made.append(text, count);
  return made;
}

addEventListener("hashchange", () => location.reload());
