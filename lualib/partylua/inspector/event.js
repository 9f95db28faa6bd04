// event -- an event of the server as a line.
import { clock, el } from "./dom.js";

const WAYS = { in: "←", out: "→", broadcast: "⇒" };

function describe(event) {
  const place = event.party === undefined ? "" : `${event.party}/${event.room ?? ""} `;
  switch (event.type) {
    case "message": {
      const who = event.conn ?? `${event.receivers} connections`;
      return `${WAYS[event.way]} ${place}${who} (${event.size} B) ${event.text ?? event.hex}`;
    }
    case "open": return `open ${place}${event.conn}`;
    case "close": return `close ${place}${event.conn} ${event.code} ${event.reason}`;
    case "request":
      return `${event.method} ${event.url} ${event.status} ${event.ms.toFixed(1)} ms`;
    case "lost": return `(${event.count} lines were lost: they came too fast)`;
    case "log": {
      const { ts, level, topic, msg, ...others } = event.log;
      const fields = Object.entries(others).map(([key, value]) => `${key}=${value}`);
      return `${level} ${topic}: ${msg} ${fields.join(" ")}`;
    }
    default: return JSON.stringify(event);
  }
}

export function eventLine(event) {
  const text = describe(event);
  const level = event.log?.level;
  const kind = level === "error" || event.status >= 500 ? "error"
    : level === "warn" || event.status >= 400 ? "warn" : "";
  const line = el("div", { class: kind, "data-type": event.type },
    event.time ? `${clock(event.time)}  ` : "", text);
  line.dataset.text = text;
  return line;
}
