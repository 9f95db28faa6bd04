// room -- one room: who is in it, its alarm, its storage, and what happens there.
import { act, ask } from "./api.js";
import { button, el, field, repeat, trying } from "./dom.js";
import { liveLog } from "./live.js";
import { storage } from "./storage.js";

function connectionRow(name, connection) {
  const to = { ...name, conn: connection.id };
  const text = field("Text", { placeholder: "message" });
  return el("tr", { "data-conn": connection.id },
    el("td", {}, el("code", {}, connection.id)),
    el("td", {}, connection.tags.join(", ")),
    el("td", {}, el("code", {},
      connection.state === undefined ? "" : JSON.stringify(connection.state))),
    el("td", {}, el("form", {
      onsubmit: trying(async () => {
        await act("/api/room/broadcast", to, { text: text.input.value });
        text.input.value = "";
      }),
    }, text.label, el("button", {}, "Send"),
    button("Close", trying(() => act("/api/room/close", to)), { class: "danger" }))));
}

function alarmBar(name) {
  const text = el("span", { "data-alarm": "" });
  const set = (due) => trying(async () => draw((await act("/api/alarm", name, { due: due() })).alarm));
  const fire = button("Fire now", set(() => 0));
  const cancel = button("Cancel", set(() => null), { class: "danger" });
  const seconds = field("Seconds", { type: "number", min: 0, value: 60, size: 6 });
  function draw(due) {
    const left = due ? Math.round((due - Date.now()) / 1000) : null;
    text.textContent = left === null ? "no alarm is set"
      : `${new Date(due).toLocaleString()} (${left > 0 ? `in ${left} s` : "due"})`;
    cancel.disabled = left === null;
  }
  const later = el("form", { onsubmit: set(() => Date.now() + Number(seconds.input.value) * 1000) },
    seconds.label, el("button", {}, "Set"));
  return { box: el("div", { class: "bar" }, text, fire, cancel, later), draw };
}

// Rows are made anew only when something changed: whoever types into one must not lose it.
function connectionTable(name) {
  const body = el("tbody");
  let last;
  function draw(connections) {
    const now = JSON.stringify(connections);
    if (now === last) return;
    last = now;
    const old = new Map([...body.children].map((row) => [row.dataset.text, row]));
    body.replaceChildren(...connections.map((connection) => {
      const text = JSON.stringify(connection);
      const row = old.get(text) ?? connectionRow(name, connection);
      row.dataset.text = text;
      return row;
    }));
  }
  const head = el("tr", {}, ["Id", "Tags", "State", ""].map((title) => el("th", {}, title)));
  return { table: el("table", {}, el("thead", {}, head), body), draw };
}

export function room(view, { party, room: id }) {
  const name = { party, room: id };
  const state = el("span", { role: "status", "data-state": "" });
  const text = field("Message", { placeholder: "to everyone in the room" });
  const alarm = alarmBar(name);
  const connections = connectionTable(name);
  const stored = storage(name, alarm.draw);
  const events = liveLog(name, ["messages", "connections", "log"]);
  const broadcast = el("form", {
    onsubmit: trying(async () => {
      await act("/api/room/broadcast", name, { text: text.input.value });
      text.input.value = "";
    }),
  }, text.label, el("button", {}, "Broadcast"));
  view.replaceChildren(
    el("h2", {}, `${party}/${id}`),
    el("div", { class: "bar" }, state,
      button("Hibernate", trying(() => act("/api/room/hibernate", name))), broadcast),
    el("h2", {}, "Connections"), el("div", { class: "scroll" }, connections.table),
    el("h2", {}, "Alarm"), alarm.box,
    el("h2", {}, "Storage"), stored.box,
    el("h2", {}, "Live"), events.box);
  trying(stored.load)();
  const stop = repeat(1, async () => {
    const found = await ask("/api/room", name);
    state.className = found.state;
    state.textContent = `${found.state}, ${found.connections.length} connections, `
      + `${found.rate.toFixed(1)} messages/s`;
    connections.draw(found.connections);
    alarm.draw(found.alarm);
  });
  return () => {
    stop();
    events.stop();
  };
}
