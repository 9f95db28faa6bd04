// chart -- lines over the last two minutes, as SVG.
import { el } from "./dom.js";

const POINTS_MAX = 120;
const WIDTH = 300, HEIGHT = 100;
const NAMESPACE = "http://www.w3.org/2000/svg";

function path(points, top) {
  const step = WIDTH / (POINTS_MAX - 1);
  const from = WIDTH - (points.length - 1) * step;
  return points.map((value, i) => {
    const x = from + i * step, y = HEIGHT - (value / top) * (HEIGHT - 6) - 2;
    return `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
  }).join("");
}

// A chart of one or two lines; `format` shows a value.
export function chart(title, names, format) {
  const lines = names.map(() => []);
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  const paths = names.map(() => svg.appendChild(document.createElementNS(NAMESPACE, "path")));
  const now = el("span");
  const figure = el("figure", { class: "card chart" },
    el("figcaption", {}, el("strong", {}, title), now), svg);
  function add(values) {
    values.forEach((value, i) => {
      lines[i].push(value);
      if (lines[i].length > POINTS_MAX) lines[i].shift();
    });
    const top = Math.max(...lines.flat(), 1e-9);
    paths.forEach((each, i) => each.setAttribute("d", path(lines[i], top)));
    now.textContent = names.map((name, i) => `${name} ${format(values[i])}`).join(", ");
    svg.setAttribute("aria-label", `${title}: ${now.textContent}`);
  }
  return { figure, add };
}
