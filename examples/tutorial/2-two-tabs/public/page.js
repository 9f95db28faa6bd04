// public/page.js
const room = location.hash.slice(1) || "lobby"; // what stands behind # in the address
const url = `${location.origin.replace("http", "ws")}/parties/main/${room}${location.search}`;
const messages = document.querySelector("#messages");
const status = document.querySelector("#status");
const form = document.querySelector("form");
let socket;

function connect() {
  socket = new WebSocket(url);
  socket.onopen = () => {
    messages.replaceChildren();
    status.textContent = "Connected";
  };
  socket.onmessage = (event) => {
    const { from, text } = JSON.parse(event.data);
    const line = document.createElement("li");
    line.textContent = `${from}: ${text}`; // as text: others have written it
    messages.append(line);
  };
  socket.onclose = () => {
    status.textContent = "Not connected, trying again …";
    setTimeout(connect, 1000);
  };
}

form.onsubmit = (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify({ text: form.text.value }));
  form.reset();
};

onhashchange = () => location.reload();
connect();
