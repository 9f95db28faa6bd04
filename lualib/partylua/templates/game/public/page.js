// The page: says which way, and draws what the room tells.
import { openLine, roomOfAddress } from "./line.js";

const MOVES = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

const status = document.getElementById("status");
const field = document.getElementById("field");
const pen = field.getContext("2d");
let you;
let cell; // pixels

const line = openLine(`/parties/main/${roomOfAddress()}`, {
  message: (message) => handlers[message.type]?.(message),
  lost: () => { status.textContent = "Connection lost, trying again …"; }
});

const handlers = {
  welcome(welcome) {
    you = welcome.you;
    cell = field.width / welcome.width;
    field.height = cell * welcome.height;
  },
  state({ players, coin, best }) {
    pen.clearRect(0, 0, field.width, field.height);
    dot(coin, "gold", 0.3);
    for (const each of players) dot(each, `hsl(${(each.id * 137.5) % 360} 75% 50%)`, 0.45);
    const own = players.find(({ id }) => id === you);
    const others = players.filter(({ id }) => id !== you).map(({ score }) => score);
    status.textContent = `You have ${own?.score ?? 0}, the others ${others.join(", ") || "are away"}; the best ever is ${best}.`;
  }
};

function dot({ x, y }, colour, size) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc((x + 0.5) * cell, (y + 0.5) * cell, size * cell, 0, 2 * Math.PI);
  pen.fill();
}

addEventListener("keydown", (event) => {
  const move = MOVES[event.key];
  if (!move) return;
  event.preventDefault();
  line.send({ move });
});
addEventListener("hashchange", () => location.reload());
