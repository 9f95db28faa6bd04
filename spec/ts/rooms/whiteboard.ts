import type * as Party from "partykit/server";

type Point = readonly [x: number, y: number];
interface Stroke {
  readonly id: string;
  readonly author: string;
  color: string;
  points: Point[];
}

const round = (n: number) => Math.round(n * 100) / 100;

/** Leaves out points that lie nearly on the line between their neighbours. */
function simplify(points: Point[], tolerance = 0.5): Point[] {
  if (points.length < 3) return points;
  const [first, last] = [points[0], points[points.length - 1]];
  const length = Math.hypot(last[0] - first[0], last[1] - first[1]);
  let [index, furthest] = [0, 0];
  for (let i = 1; i < points.length - 1; i++) {
    const [px, py] = points[i];
    const area = Math.abs((last[0] - first[0]) * (first[1] - py) - (first[0] - px) * (last[1] - first[1]));
    const distance = length === 0 ? Math.hypot(px - first[0], py - first[1]) : area / length;
    if (distance > furthest) [index, furthest] = [i, distance];
  }
  if (furthest <= tolerance) return [first, last];
  return simplify(points.slice(0, index + 1), tolerance).slice(0, -1).concat(simplify(points.slice(index), tolerance));
}

export default class Whiteboard implements Party.Server {
  strokes = new Map<string, Stroke>();
  undone: Stroke[] = [];
  n = 0;

  constructor(readonly room: Party.Room) {}

  onMessage(message: string, { id: author }: Party.Connection) {
    const [kind, ...args] = JSON.parse(message) as ["draw", string, ...Point[]] | ["undo"] | ["redo"] | ["box"];
    let changed: Partial<Stroke> | null = null;
    if (kind === "draw") {
      const [color, ...points] = args as [string, ...Point[]];
      const id = `${author}-${this.n++}`;
      const simple = simplify(points).map(([x, y]): Point => [round(x), round(y)]);
      changed = { id, author, color: color.toLowerCase(), points: simple };
      this.strokes.set(id, changed as Stroke);
      this.undone.length = 0;
    } else if (kind === "undo") {
      const mine = [...this.strokes.values()].filter((s) => s.author === author).pop();
      if (mine && this.strokes.delete(mine.id)) {
        this.undone.push(mine);
        changed = { id: mine.id };
      }
    } else if (kind === "redo") {
      const stroke = this.undone.pop();
      if (stroke) {
        this.strokes.set(stroke.id, stroke);
        changed = stroke;
      }
    } else {
      const all = [...this.strokes.values()].flatMap(({ points }) => points);
      const xs = all.map(([x]) => x);
      const ys = all.map(([, y]) => y);
      this.room.broadcast(JSON.stringify({ box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] }));
      return;
    }
    this.room.broadcast(JSON.stringify({ changed, count: this.strokes.size }));
  }
}
