// lobby -- the page: a list of rooms, kept up to date, and the room named behind the #.
const at = (id) => document.getElementById(id);
const plain = (name) => name.replace(/[^\w-]/g, "").slice(0, 40);

// A WebSocket that comes back after a loss, and later each time. Gives send and close.
function open(path, onMessage) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  let socket;
  let timer;
  let delay = 500;
  function connect() {
    socket = new WebSocket(url);
    socket.onopen = () => (delay = 500);
    socket.onmessage = (event) => onMessage(JSON.parse(event.data));
    socket.onclose = () => {
      timer = setTimeout(connect, delay);
      delay = Math.min(delay * 2, 15_000);
    };
  }
  connect();
  return {
    send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text),
    close() {
      clearTimeout(timer);
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  };
}

// The lobby --------------------------------------------------------------------------------------

open("/parties/lobby/main", ({ rooms }) => {
  at("none").hidden = rooms.length > 0;
  at("rooms").replaceChildren(...rooms.map(({ room, people }) => {
    const link = document.createElement("a");
    link.href = `#${room}`;
    link.textContent = room;
    const count = document.createElement("span");
    count.textContent = people === 1 ? "1 person" : `${people} people`;
    const item = document.createElement("li");
    item.append(link, count);
    return item;
  }));
});

at("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  location.hash = plain(at("name").value);
});

// The room ---------------------------------------------------------------------------------------

let room;
let waves = 0;

const handlers = {
  people: ({ people }) => (at("people").textContent = `Here: ${people}`),
  wave: () => {
    waves += 1;
    at("waves").textContent = waves === 1 ? "Somebody waves." : `${waves} waves.`;
  }
};

function enter() {
  const name = plain(location.hash.slice(1));
  room?.close();
  room = undefined;
  waves = 0;
  at("waves").textContent = "";
  at("room").hidden = name === "";
  at("title").textContent = name;
  if (name !== "") room = open(`/parties/main/${name}`, (message) => handlers[message.type]?.(message));
}

at("wave").addEventListener("click", () => room?.send("wave"));
addEventListener("hashchange", enter);
enter();
