// faults -- the last warnings and errors, with the line of source that raised them.
import { ask } from "./api.js";
import { el, repeat, roomLink } from "./dom.js";

const KNOWN = new Set(["ts", "level", "topic", "msg", "party", "room", "hook", "at", "err", "source"]);

function fault(each) {
  const others = Object.entries(each).filter(([key]) => !KNOWN.has(key));
  return el("article", { class: "card", "data-level": each.level },
    el("div", { class: "bar" },
      el("time", { datetime: each.ts }, new Date(each.ts).toLocaleString()),
      el("b", { class: each.level }, each.level), `${each.topic}: ${each.msg}`,
      each.hook ? el("code", {}, each.hook) : null,
      each.party ? el("span", {}, `${each.party}/`, roomLink(each.party, each.room)) : null),
    each.err ? el("pre", { class: "error" }, each.at ? `${each.at}: ${each.err}` : each.err) : null,
    each.source ? el("pre", {}, each.source) : null,
    others.length > 0
      ? el("p", { class: "hint" }, others.map(([key, value]) => `${key}=${value}`).join("  "))
      : null);
}

export function faults(view) {
  const list = el("div");
  const hint = el("p", { class: "hint" });
  view.replaceChildren(el("h2", {}, "Errors and warnings"), hint, list);
  let last;
  return repeat(1, async () => {
    const found = await ask("/api/faults");
    const now = JSON.stringify(found.faults);
    if (now === last) return;
    last = now;
    hint.textContent = found.faults.length === 0 ? "none since the server has started"
      : `the last ${found.faults.length}, newest first`;
    list.replaceChildren(...found.faults.reverse().map(fault));
  });
}
