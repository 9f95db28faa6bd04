// live -- what happens, as it happens.
import { follow } from "./api.js";
import { button, el, field, log, show } from "./dom.js";
import { eventLine } from "./event.js";

const TOPICS = ["messages", "connections", "requests", "log"];

// A log of events with its switches; `only` says of which party and room. Gives what stops it.
export function liveLog(only, topics) {
  const lines = log("Live events");
  const filter = field("Filter", { type: "search" });
  const state = el("span", { class: "hint", role: "status" });
  let isPaused = false, stop = () => {};
  const boxes = topics.map((topic) => {
    const box = el("input", { type: "checkbox", value: topic, checked: true, onchange: begin });
    return { box, label: el("label", {}, box, ` ${topic}`) };
  });
  const pause = button("Pause", () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? "Go on" : "Pause";
  });
  function apply() {
    for (const line of lines.list.children) {
      line.hidden = !line.dataset.text.includes(filter.input.value);
    }
  }
  filter.input.addEventListener("input", apply);
  function begin() {
    stop();
    const wanted = boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
    if (wanted.length === 0) {
      state.textContent = "nothing is watched";
      stop = () => {};
      return;
    }
    stop = follow("/api/tail", { ...only, topics: wanted.join(",") }, (event) => {
      if (isPaused) return;
      const line = eventLine(event);
      line.hidden = !line.dataset.text.includes(filter.input.value);
      lines.add(line);
    }, (isOpen, error) => {
      state.textContent = isOpen ? "watching" : "not connected";
      if (error) show(error);
    });
  }
  begin();
  const box = el("div", {},
    el("div", { class: "bar" }, boxes.map(({ label }) => label), filter.label, pause,
      button("Clear", lines.clear), state), lines.list);
  return { box, stop: () => stop() };
}

export function live(view) {
  const { box, stop } = liveLog({}, TOPICS);
  view.replaceChildren(el("h2", {}, "Live"), box);
  return stop;
}
