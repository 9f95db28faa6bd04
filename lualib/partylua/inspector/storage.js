// storage -- what one room stores: to be looked at and changed.
import { act, lines } from "./api.js";
import { button, el, field, parseJson, trying } from "./dom.js";

const PAGE = 50;

// Keys that are plain strings are shown as they are.
const shown = (key) => (typeof key === "string" ? key : JSON.stringify(key));

// A dialog for one entry; a new one when `entry` is undefined.
function editor(name, entry, reload) {
  const key = field("Key", { required: true });
  const value = el("textarea", { "aria-label": "Value as JSON", spellcheck: "false" });
  if (entry) {
    key.input.value = shown(entry.key);
    key.input.disabled = true;
    value.value = JSON.stringify(entry.value, null, 2);
  }
  const problem = el("p", { class: "error", role: "alert" });
  const dialog = el("dialog", { "aria-label": entry ? "Edit an entry" : "New entry" });
  const change = (body) => async (event) => {
    event.preventDefault();
    try {
      await act("/api/storage", name, body());
      dialog.close();
      await reload();
    } catch (error) {
      problem.textContent = error.message;
    }
  };
  const save = change(() => ({
    put: [{ key: entry ? entry.key : key.input.value, value: parseJson(value.value, "the value") }],
  }));
  dialog.append(el("form", { onsubmit: save }, key.label, value, problem,
    el("button", {}, "Save"),
    entry ? button("Delete", change(() => ({ delete: [entry.key] })), { class: "danger" }) : null,
    button("Cancel", () => dialog.close())));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function row(name, entry, reload) {
  const text = JSON.stringify(entry.value);
  return el("tr", { "data-key": shown(entry.key) },
    el("td", {}, el("code", {}, shown(entry.key))),
    el("td", {}, el("code", {}, text.length > 200 ? `${text.slice(0, 200)}…` : text)),
    el("td", {}, button("Edit", () => editor(name, entry, reload))));
}

// Deletes everything, once its name was typed.
async function clear(name, reload) {
  const wanted = `${name.party}/${name.room}`;
  if (prompt(`This deletes everything that the room stores. Type ${wanted}`) !== wanted) return;
  await act("/api/storage", name, { clear: true });
  await reload();
}

// The storage of the room `name`, { party, room }; gives an element, and what loads it anew.
export function storage(name, onAlarm) {
  const prefix = field("Prefix", { type: "search" });
  const body = el("tbody");
  const more = button("More", trying(() => load(true)), { hidden: true });
  const empty = el("p", { class: "hint" });
  let last;

  async function load(isNext) {
    const answer = await lines("/api/storage", {
      ...name, prefix: prefix.input.value, limit: PAGE,
      after: isNext ? JSON.stringify(last) : undefined,
    });
    const end = answer.pop();
    if (answer.length > 0) last = answer.at(-1).key;
    const rows = answer.map((entry) => row(name, entry, () => load(false)));
    if (isNext) body.append(...rows); else body.replaceChildren(...rows);
    more.hidden = !end.more;
    empty.textContent = body.childElementCount === 0 ? "nothing is stored under such a key" : "";
    onAlarm(end.alarm);
  }
  prefix.input.addEventListener("input", trying(() => load(false)));
  const box = el("section", { "aria-label": "Storage" },
    el("div", { class: "bar" }, prefix.label,
      button("Reload", trying(() => load(false))),
      button("New entry", () => editor(name, undefined, () => load(false))),
      button("Delete everything", trying(() => clear(name, () => load(false))), { class: "danger" })),
    el("div", { class: "scroll" }, el("table", {},
      el("thead", {}, el("tr", {}, ["Key", "Value", ""].map((title) => el("th", {}, title)))),
      body)),
    empty, more);
  return { box, load: () => load(false) };
}
