import type * as Party from "partykit/server";

type Listener<T> = (value: T, previous: T | undefined) => void;

class Store<K extends string, V extends { version: number }> {
  private readonly items = new Map<K, V>();
  private readonly listeners: { [P in K]?: Listener<V>[] } = {};

  set<P extends K>(key: P, value: Omit<V, "version">): V {
    const previous = this.items.get(key);
    const next = { ...value, version: (previous?.version ?? 0) + 1 } as V;
    this.items.set(key, next);
    this.listeners[key]?.forEach((listener) => listener(next, previous));
    return next;
  }

  on(key: K, listener: Listener<V>): () => void {
    (this.listeners[key] ||= []).push(listener);
    return () => {
      this.listeners[key] = this.listeners[key]?.filter((each) => each !== listener);
    };
  }

  *[Symbol.iterator](): IterableIterator<[K, V]> {
    yield* this.items;
  }
}

class Result<T, E = string> {
  private constructor(private readonly value: T | null, private readonly error: E | null) {}
  static ok = <T>(value: T) => new Result<T, never>(value, null);
  static fail = <E>(error: E) => new Result<never, E>(null, error);

  map<U>(fn: (value: T) => U): Result<U, E> {
    return this.error === null ? (Result.ok(fn(this.value as T)) as Result<U, any>) : (this as unknown as Result<U, E>);
  }

  unwrapOr<D>(fallback: D): T | D {
    return this.error === null ? this.value! : fallback;
  }
}

const identity = <T,>(x: T): T => x;
const pick = <T extends object, K extends keyof T>(object: T, ...keys: K[]): Pick<T, K> =>
  keys.reduce((made, key) => ({ ...made, [key]: object[key] }), {} as Pick<T, K>);
function groupBy<T>(list: readonly T[], keyOf: (item: T) => string): Record<string, T[]> {
  return list.reduce<Record<string, T[]>>((groups, item) => {
    (groups[keyOf(item)] ??= []).push(item);
    return groups;
  }, {});
}
const parse = (text: string): Result<number> => {
  const n = Number(text);
  return Number.isNaN(n) ? Result.fail(`"${text}" is no number`) : Result.ok(n);
};

type Doc = { title: string; version: number; tags?: string[] };

export default class Generics implements Party.Server {
  store = new Store<string, Doc>();

  constructor(readonly room: Party.Room) {}

  onConnect(conn: Party.Connection) {
    const off = this.store.on("readme", (doc, previous) => {
      conn.send(`${previous?.title ?? "(none)"} -> ${doc.title} v${doc.version}`);
      if (doc.version >= 2) off();
    });
  }

  async onRequest(req: Party.Request) {
    const url = new URL(req.url);
    const title = url.searchParams.get("title");
    if (title) this.store.set(identity<string>("readme"), { title, tags: url.searchParams.getAll("tag") });
    const numbers = ["1", "0x10", "", "abc", "1e3"].map((t) => parse(t).map((n) => n * 2).unwrapOr<"?">("?"));
    return Response.json({
      docs: [...this.store].map(([key, doc]) => ({ key, ...pick(doc, "title", "version") })),
      numbers,
      groups: groupBy(["apple", "avocado", "banana"], ([first]) => first),
    });
  }
}
