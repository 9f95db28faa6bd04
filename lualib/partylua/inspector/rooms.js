// rooms -- rooms in memory, to be searched, sorted and opened.
import { ask } from "./api.js";
import { button, el, field, repeat, roomLink, trying } from "./dom.js";

const COLUMNS = [
  ["party", "Party"], ["room", "Room"], ["state", "State"], ["connections", "Connections"],
  ["rate", "Messages/s"],
];

function row(room) {
  return el("tr", { "data-room": `${room.party}/${room.room}` },
    el("td", {}, room.party),
    el("td", {}, roomLink(room.party, room.room)),
    el("td", { class: room.state }, room.state),
    el("td", { class: "number" }, String(room.connections)),
    el("td", { class: "number" }, room.rate.toFixed(1)));
}

function compare(key, isDown) {
  return (a, b) => {
    const order = typeof a[key] === "number" ? a[key] - b[key] : a[key] < b[key] ? -1 : 1;
    return a[key] === b[key] ? 0 : isDown ? -order : order;
  };
}

export function rooms(view, { info }) {
  const search = field("Search", { type: "search" });
  const party = el("select", { "aria-label": "Party" },
    info.parties.map((name) => el("option", {}, name)));
  const id = field("Room", { required: true, placeholder: "lobby" });
  const open = el("form", {
    onsubmit: trying(() => {
      const name = encodeURIComponent(id.input.value);
      location.hash = `#/room/${encodeURIComponent(party.value)}/${name}`;
    }),
  }, party, id.label, el("button", {}, "Open"));
  const body = el("tbody");
  const hint = el("p", { class: "hint" });
  let sortKey = "party", isDown = false, known = { rooms: [], whole: true };

  function draw() {
    const wanted = search.input.value;
    const list = known.rooms.filter((room) => `${room.party}/${room.room}`.includes(wanted));
    list.sort(compare(sortKey, isDown));
    body.replaceChildren(...list.slice(0, 500).map(row));
    hint.textContent = list.length > 500 || !known.whole
      ? `${list.length} rooms, of which 500 are shown; search for others`
      : `${list.length} rooms in memory`;
  }
  const heads = COLUMNS.map(([key, title]) => el("th", {}, button(title, () => {
    isDown = sortKey === key ? !isDown : typeof known.rooms[0]?.[key] === "number";
    sortKey = key;
    draw();
  })));
  search.input.addEventListener("input", draw);
  view.replaceChildren(
    el("h2", {}, "Rooms"), el("div", { class: "bar" }, search.label, open), hint,
    el("div", { class: "scroll" },
      el("table", {}, el("thead", {}, el("tr", {}, heads)), body)));
  return repeat(1, async () => {
    known = await ask("/api/rooms");
    draw();
  });
}
