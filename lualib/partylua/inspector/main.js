// main -- which view is shown: the part of the address behind its #.
import { ask, hasToken, setToken } from "./api.js";
import { el, field, hideNotice, repeat, show } from "./dom.js";
import { faults } from "./faults.js";
import { live } from "./live.js";
import { overview } from "./overview.js";
import { playground } from "./playground.js";
import { room } from "./room.js";
import { rooms } from "./rooms.js";

const VIEWS = { overview, rooms, live, playground, errors: faults };
const TITLES = {
  overview: "Overview", rooms: "Rooms", live: "Live", playground: "Playground", errors: "Errors",
};

const view = document.getElementById("view");
const nav = document.getElementById("nav");
const server = document.getElementById("server");

function askForToken(error) {
  if (error) show(error);
  const token = field("Token", { type: "password", required: true });
  view.replaceChildren(el("form", {
    onsubmit: (event) => {
      event.preventDefault();
      setToken(token.input.value.trim());
      begin();
    },
  }, el("p", {}, "The server's log names the address of this page with its token."), token.label,
  el("button", {}, "Open")));
}

let stop = () => {};

function route(info) {
  stop();
  hideNotice();
  const [name = "overview", party, id] = location.hash.replace(/^#\/?/, "").split("/")
    .map(decodeURIComponent).map((part) => part || undefined);
  for (const link of nav.children) {
    const isHere = link.dataset.view === name || (name === "room" && link.dataset.view === "rooms");
    if (isHere) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  if (name === "room" && party && id) stop = room(view, { party, room: id });
  else stop = (VIEWS[name] ?? overview)(view, { info });
}

async function begin() {
  if (!hasToken()) return askForToken();
  let info;
  try {
    info = await ask("/api/info");
  } catch (error) {
    return error.status === 401 ? askForToken(error) : show(error);
  }
  hideNotice();
  nav.replaceChildren(...Object.entries(TITLES).map(([name, title]) =>
    el("a", { href: `#/${name}`, "data-view": name }, title)));
  document.title = `${info.name ?? "partylua"} inspector`;
  addEventListener("hashchange", () => route(info));
  route(info);
  repeat(5, async () => {
    try {
      const now = await ask("/api/info");
      server.textContent = `${now.url} · ${now.draining ? "draining" : "serving"} · ${now.version}`;
    } catch {
      server.textContent = "the server does not answer";
    }
  });
}

begin();
