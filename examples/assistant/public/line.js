// line -- a WebSocket that comes back after a loss, in plain JavaScript.

const DELAY_MIN_MS = 500;
const DELAY_MAX_MS = 15_000;

// Opens a line to `path` of this server. `on` has functions open(), message(object) and
// lost(seconds until the next attempt). Gives send(object), false when the line is down, and
// close(), after which nothing of `on` is called.
export function openLine(path, on) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  let socket;
  let timer;
  let delay = DELAY_MIN_MS;
  let isClosed = false;

  function connect() {
    clearTimeout(timer);
    socket = new WebSocket(url);
    socket.onopen = () => {
      delay = DELAY_MIN_MS;
      on.open();
    };
    socket.onmessage = (event) => on.message(JSON.parse(event.data));
    socket.onclose = retryLater;
  }

  // Each attempt waits twice as long as the one before it, and by chance a little less, so that
  // the pages that a restart has cut off do not all return in the same instant.
  function retryLater() {
    if (isClosed) return;
    const wait = delay * (0.75 + Math.random() / 4);
    delay = Math.min(delay * 2, DELAY_MAX_MS);
    timer = setTimeout(connect, wait);
    on.lost(wait / 1000);
  }

  // A phone that finds its network again need not wait.
  function onOnline() {
    if (socket.readyState === WebSocket.CLOSED) connect();
  }

  addEventListener("online", onOnline);
  connect();
  return {
    send(message) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      removeEventListener("online", onOnline);
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  };
}
