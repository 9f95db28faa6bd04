// line -- a WebSocket to a room, which comes back by itself after a loss.

const DELAY_MIN_MS = 500;
const DELAY_MAX_MS = 15_000;

// `on` has functions open(), message(object) and lost(). Gives send(object), which is false while
// there is no connection.
export function openLine(path, on) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  let socket;
  let delay = DELAY_MIN_MS;

  function connect() {
    socket = new WebSocket(url);
    socket.onopen = () => {
      delay = DELAY_MIN_MS;
      on.open?.();
    };
    socket.onmessage = (event) => on.message(JSON.parse(event.data));
    // By chance a little less, so that not all pages return in the same instant.
    socket.onclose = () => {
      on.lost?.();
      setTimeout(connect, delay * (0.75 + Math.random() / 4));
      delay = Math.min(delay * 2, DELAY_MAX_MS);
    };
  }

  connect();
  return {
    send(message) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(message));
      return true;
    }
  };
}

// The room is the part of the address behind the #.
export const roomOfAddress = () => location.hash.slice(1).replace(/[^\w-]/g, "-") || "lobby";

// A name for this browser, which it keeps.
export function ownId() {
  let id = localStorage.getItem("id");
  if (!id) {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    localStorage.setItem("id", id);
  }
  return id;
}
