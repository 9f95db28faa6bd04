// dom -- elements from names, attributes and children. Text is always text.
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export const button = (label, onclick, attributes = {}) =>
  el("button", { type: "button", onclick, ...attributes }, label);

// An input with its label around it.
export function field(label, attributes = {}) {
  const input = el("input", { name: label.toLowerCase(), ...attributes });
  return { input, label: el("label", {}, `${label} `, input) };
}

const notice = document.getElementById("notice");

export function show(error) {
  notice.textContent = error.message ?? String(error);
  notice.hidden = false;
}

export function hideNotice() {
  notice.hidden = true;
}

// Runs an action; what goes wrong is said at the top of the page.
export function trying(action) {
  return async (...given) => {
    given[0]?.preventDefault?.();
    try {
      await action(...given);
      hideNotice();
    } catch (error) {
      show(error);
    }
  };
}

// Runs `work` now and then again and again, never twice at a time; gives what stops it.
export function repeat(seconds, work) {
  let timer, stopped = false;
  async function step() {
    try {
      await work();
    } catch (error) {
      if (!stopped) show(error);
    }
    if (!stopped) timer = setTimeout(step, seconds * 1000);
  }
  step();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

export function bytes(count) {
  if (count < 1000) return `${count} B`;
  for (const unit of ["kB", "MB", "GB"]) {
    count /= 1000;
    if (count < 999.95 || unit === "GB") return `${count.toFixed(1)} ${unit}`;
  }
}

export const clock = (ms) => new Date(ms).toLocaleTimeString();

const LINES_MAX = 1000;

// A list of lines that keeps the last thousand, and stays at its end unless somebody scrolled up.
export function log(label) {
  const list = el("div", { class: "log", role: "log", "aria-label": label, tabindex: "0" });
  function add(line) {
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    list.append(line);
    while (list.childElementCount > LINES_MAX) list.firstElementChild.remove();
    if (isAtEnd) list.scrollTop = list.scrollHeight;
  }
  return { list, add, clear: () => list.replaceChildren() };
}

export function parseJson(text, what) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${what} is no JSON: ${error.message}`);
  }
}

export const roomLink = (party, room) =>
  el("a", { href: `#/room/${encodeURIComponent(party)}/${encodeURIComponent(room)}` }, room);
