// playground -- several test clients side by side, and requests to rooms.
import { act } from "./api.js";
import { button, clock, el, field, log, parseJson, trying } from "./dom.js";

// The address that clients connect to: the server may listen on all of them.
function serverUrl(info) {
  const url = new URL(info.url);
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = location.hostname;
  return url;
}

function roomUrl(info, party, room, id, query) {
  const url = serverUrl(info);
  url.protocol = "ws:";
  url.pathname = `/parties/${party}/${encodeURIComponent(room)}`;
  url.search = query;
  if (id) url.searchParams.set("_pk", id);
  return url;
}

function client(info, { party, room, id, query }, onRemove) {
  const lines = log(`Messages of ${id}`);
  const text = field("Message", { placeholder: "text" });
  const state = el("b", { role: "status" });
  const add = (mark, what) =>
    lines.add(el("div", { "data-mark": mark }, `${clock(Date.now())} ${mark} ${what}`));
  let socket;
  function setState(name) {
    state.textContent = name;
    state.className = name;
    join.textContent = name === "closed" ? "Join again" : "Leave";
    send.disabled = name !== "open";
  }
  function open() {
    const own = new WebSocket(roomUrl(info, party, room, id, query));
    socket = own;
    setState("connecting");
    own.binaryType = "arraybuffer";
    own.onopen = () => setState("open");
    own.onmessage = ({ data }) =>
      add("←", typeof data === "string" ? data : `(${data.byteLength} bytes)`);
    own.onclose = ({ code, reason }) => {
      if (socket !== own) return;
      add("×", `${code} ${reason}`);
      setState("closed");
    };
  }
  const join = button("Leave", () => {
    if (socket.readyState === WebSocket.CLOSED) open(); else socket.close(1000);
  });
  const send = el("button", {}, "Send");
  const form = el("form", {
    onsubmit: (event) => {
      event.preventDefault();
      socket.send(text.input.value);
      add("→", text.input.value);
      text.input.value = "";
    },
  }, text.label, send);
  const box = el("section", { class: "client", "aria-label": `Client ${id}` },
    el("div", { class: "bar" }, el("b", {}, id), `in ${party}/${room}`, state, join,
      button("Remove", () => {
        socket.onclose = null;
        socket.close(1000);
        box.remove();
        onRemove();
      })), lines.list, form);
  open();
  return { box, close: () => socket.close(1000) };
}

function requestForm(parties) {
  const party = el("select", { "aria-label": "Party of the request" },
    parties.map((name) => el("option", {}, name)));
  const room = field("Room", { required: true, value: "lobby" });
  const method = el("select", { "aria-label": "Method" },
    ["GET", "POST", "PUT", "PATCH", "DELETE"].map((name) => el("option", {}, name)));
  const path = field("Path", { placeholder: "/path?query" });
  const headers = field("Headers", { placeholder: '{"accept":"text/plain"}' });
  const body = field("Body");
  const answer = el("pre", { "aria-label": "Answer", "aria-live": "polite" });
  const form = el("form", {
    onsubmit: trying(async () => {
      const given = headers.input.value.trim();
      const response = await act("/api/room/fetch", { party: party.value, room: room.input.value }, {
        method: method.value, path: path.input.value || undefined,
        headers: given ? parseJson(given, "Headers") : undefined,
        body: body.input.value || undefined,
      });
      const head = Object.entries(response.headers).map(([key, value]) => `${key}: ${value}`);
      answer.textContent = [response.status, ...head, "", response.body].join("\n");
    }),
  }, method, party, room.label, path.label, headers.label, body.label,
  el("button", {}, "Send request"));
  return el("section", { "aria-label": "Request" }, form, answer);
}

let count = 0;

export function playground(view, { info }) {
  const clients = new Set();
  const grid = el("div", { class: "clients" });
  const party = el("select", { "aria-label": "Party" },
    info.parties.map((name) => el("option", {}, name)));
  const room = field("Room", { required: true, value: "lobby" });
  const id = field("Id", { placeholder: "made up if left out" });
  const query = field("Query", { placeholder: "a=b&c=d" });
  const form = el("form", {
    onsubmit: trying(() => {
      const made = client(info, {
        party: party.value, room: room.input.value, query: query.input.value,
        id: id.input.value || `client-${++count}`,
      }, () => clients.delete(made));
      clients.add(made);
      grid.append(made.box);
      id.input.value = "";
    }),
  }, party, room.label, id.label, query.label, el("button", {}, "Add client"));
  view.replaceChildren(
    el("h2", {}, "Clients"), form, grid,
    el("h2", {}, "Requests"), requestForm(info.parties));
  return () => {
    for (const each of clients) each.close();
  };
}
