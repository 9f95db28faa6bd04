// poll -- the page: the part of the address behind the # is the poll; without one, a form makes it.
const at = (id) => document.getElementById(id);
const pollOfAddress = () => location.hash.slice(1).replace(/[^\w-]/g, "");
const address = (poll) => `/parties/main/${poll}`;

function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Who clears this votes again: a page cannot know people. Where it matters, ask for a login.
const voter = localStorage.getItem("poll.voter") ?? randomName();
localStorage.setItem("poll.voter", voter);

let socket;
let delay;

function enter() {
  const poll = pollOfAddress();
  if (socket) socket.onclose = null;
  socket?.close();
  at("notice").textContent = "";
  at("poll").hidden = true;
  at("new").hidden = poll !== "";
  delay = 500;
  if (poll !== "") watch(poll);
}

// Comes back after a loss, and later each time.
function watch(poll) {
  const url = new URL(address(poll), location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(url);
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "poll") show(message.poll);
    else at("notice").textContent = message.message;
  };
  socket.onclose = () => {
    if (pollOfAddress() !== poll) return;
    at("total").textContent = "Connection lost, trying again …";
    setTimeout(() => pollOfAddress() === poll && watch(poll), delay);
    delay = Math.min(delay * 2, 15_000);
  };
}

function show(poll) {
  at("poll").hidden = !poll;
  at("new").hidden = Boolean(poll);
  at("notice").textContent = poll ? "" : "There is no such poll, or no longer. You can make it:";
  if (!poll) return;
  const total = poll.options.reduce((sum, option) => sum + option.votes, 0);
  at("question").textContent = poll.question;
  at("options").replaceChildren(...poll.options.map((option) => row(option, total, poll.isClosed)));
  at("total").textContent = `${total} ${total === 1 ? "vote" : "votes"}${poll.isClosed ? ", closed" : ""}`;
}

function row({ text, votes }, total, isClosed) {
  const button = document.createElement("button");
  const share = total === 0 ? 0 : votes / total;
  button.style.setProperty("--share", `${share * 100}%`);
  button.disabled = isClosed;
  const label = document.createElement("span");
  label.textContent = text;
  const count = document.createElement("b");
  count.textContent = votes;
  button.append(label, count);
  button.onclick = () => socket.send(JSON.stringify({ option: text, voter }));
  const item = document.createElement("li");
  item.append(button);
  return item;
}

at("new").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(at("new"));
  const options = form.get("options").split("\n").map((line) => line.trim()).filter(Boolean);
  const poll = pollOfAddress() || randomName();
  const answer = await fetch(address(poll), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question: form.get("question"), options })
  });
  if (!answer.ok) at("notice").textContent = (await answer.json()).error;
  else if (pollOfAddress() !== poll) location.hash = poll;
});

addEventListener("hashchange", enter);
enter();
