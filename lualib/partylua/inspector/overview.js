// overview -- how the server does, now and over the last two minutes.
import { ask } from "./api.js";
import { chart } from "./chart.js";
import { bytes, el, repeat } from "./dom.js";
import { duration, rates } from "./totals.js";

function card(label) {
  const value = el("b", {}, "–");
  return { box: el("div", { class: "card", "data-card": label }, value, el("span", {}, label)), value };
}

export function overview(view) {
  const cards = {
    connections: card("connections"), rooms: card("rooms in memory"),
    hibernating: card("hibernating"), messages: card("messages/s"), errors: card("failed hooks"),
    memory: card("memory"), lua: card("Lua memory"),
  };
  const messages = chart("Messages a second", ["in", "out"], (value) => value.toFixed(1));
  const hooks = chart("Hooks", ["p50", "p99"], duration);
  const memory = chart("Memory", ["process", "Lua"], (value) => bytes(Math.round(value)));
  view.replaceChildren(
    el("h2", {}, "Overview"),
    el("div", { class: "cards" }, Object.values(cards).map(({ box }) => box)),
    el("h2", {}, "The last two minutes"),
    el("div", { class: "charts" }, messages.figure, hooks.figure, memory.figure));
  let before;
  return repeat(1, async () => {
    const totals = await ask("/api/totals");
    const rate = rates(before ?? totals, totals);
    cards.connections.value.textContent = totals.connections;
    cards.rooms.value.textContent = totals.rooms;
    cards.hibernating.value.textContent = totals.hibernating;
    cards.messages.value.textContent = (rate.received + rate.sent).toFixed(1);
    cards.errors.value.textContent = totals.errors;
    cards.memory.value.textContent = bytes(totals.memory);
    cards.lua.value.textContent = bytes(totals.lua_bytes);
    messages.add([rate.received, rate.sent]);
    hooks.add([rate.p50, rate.p99]);
    memory.add([totals.memory, totals.lua_bytes]);
    before = totals;
  });
}
