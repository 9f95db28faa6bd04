import type * as Party from "partykit/server";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Patch = { op: "add" | "remove" | "replace"; path: string; value?: Json };

function diff(before: any, after: any, path = ""): Patch[] {
  if (Object.is(before, after)) return [];
  const isObject = (x: unknown): x is Record<string, Json> => typeof x === "object" && x !== null && !Array.isArray(x);
  if (!isObject(before) || !isObject(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ op: "replace", path, value: after }];
  }
  const patches: Patch[] = [];
  for (const key in before) {
    if (!(key in after)) patches.push({ op: "remove", path: `${path}/${key}` });
  }
  for (const [key, value] of Object.entries(after)) {
    if (!before.hasOwnProperty(key)) patches.push({ op: "add", path: `${path}/${key}`, value });
    else patches.push(...diff(before[key], value, `${path}/${key}`));
  }
  return patches;
}

function apply(target: any, { op, path, value }: Patch): any {
  const [first, ...rest] = path.split("/").filter((_, i) => i > 0);
  if (first === undefined) return value;
  const copy = { ...target };
  if (rest.length === 0 && op === "remove") delete copy[first];
  else copy[first] = rest.length ? apply(copy[first], { op, path: ["", ...rest].join("/"), value }) : value;
  return copy;
}

// Keeps what a document was at each step, and sends differences.
export default class Snapshots implements Party.Server {
  private doc: Json = {};
  private history: Json[] = [];

  constructor(readonly room: Party.Room) {}

  onMessage(message: string, sender: Party.Connection) {
    const next = JSON.parse(message, (key, value) => (key === "secret" ? undefined : value)) as Json;
    if (next === "undo") {
      const previous = this.history.pop();
      if (previous === undefined) return sender.send("nothing to undo");
      this.send(diff(this.doc, previous));
      this.doc = previous;
      return;
    }
    const patches = diff(this.doc, next);
    const check = patches.reduce(apply, structuredClone(this.doc));
    this.history.push(structuredClone(this.doc));
    this.doc = next;
    this.send(patches, JSON.stringify(check) === JSON.stringify(next));
  }

  send(patches: Patch[], same?: boolean) {
    this.room.broadcast(JSON.stringify({ patches, same }, null, patches.length > 1 ? 1 : undefined));
  }

  onRequest() {
    const clone = structuredClone({ date: new Date(5), map: new Map([[1, { a: [1, , 3] }]]), set: new Set("aab"), nan: NaN, re: /x/gi });
    let refused = "";
    try {
      structuredClone({ f() {} });
    } catch (e) {
      refused = (e as Error).name;
    }
    return new Response(
      JSON.stringify(
        {
          doc: this.doc,
          history: this.history.length,
          date: clone.date.getTime(),
          map: [...clone.map],
          set: [...clone.set].join(""),
          nan: Number.isNaN(clone.nan),
          re: String(clone.re),
          refused,
          skipped: undefined,
          big: [1e21, -0, 1 / 3],
          toJSON: { toJSON: (key: string) => `at ${key}` },
        },
        (key, value) => (typeof value === "number" && key === "history" ? `${value} steps` : value),
        "\t"
      )
    );
  }
}
