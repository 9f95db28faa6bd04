import type * as Party from "partykit/server";

interface Command<S> {
  readonly kind: string;
  apply(state: S): S;
  invert(before: S): Command<S>;
}

class SetValue implements Command<Record<string, unknown>> {
  readonly kind = "set" as const;
  constructor(private readonly key: string, private readonly value: unknown) {}

  apply(state: Record<string, unknown>) {
    const next = { ...state };
    if (this.value === undefined)
      delete next[this.key];
    else
      next[this.key] = this.value;
    return next;
  }

  invert(before: Record<string, unknown>) {
    return new SetValue(this.key, before[this.key]);
  }
}

class History<S, C extends Command<S> = Command<S>> {
  #undo: C[] = [];
  #redo: C[] = [];
  static readonly LIMIT = 3;
  constructor(public state: S) {}

  do(command: C) {
    this.#undo.push(command.invert(this.state) as C);
    if (this.#undo.length > History.LIMIT)
      this.#undo.shift();
    this.#redo.length = 0;
    this.state = command.apply(this.state);
  }

  undo(): boolean {
    const c = this.#undo.pop();
    if (!c)
      return false;
    this.#redo.push(c.invert(this.state) as C);
    this.state = c.apply(this.state);
    return true;
  }

  redo(): boolean {
    const c = this.#redo.pop();
    if (!c)
      return false;
    this.#undo.push(c.invert(this.state) as C);
    this.state = c.apply(this.state);
    return true;
  }

  get depth(): [
    number,
    number
  ] {
    return [this.#undo.length, this.#redo.length];
  }
}

export default class UndoServer implements Party.Server {
  history = new History<Record<string, unknown>>({});
  constructor(readonly room: Party.Room) {}

  onMessage(raw: string, sender: Party.Connection) {
    const [op, key, ...rest] = raw.trim().split(/\s+/);
    let ok: boolean | undefined;
    switch (op) {
      case "set":
        this.history.do(new SetValue(key, JSON.parse(rest.join(" "))));
        ok = true;
        break;
      case "unset":
        this.history.do(new SetValue(key, undefined));
        ok = true;
        break;
      case "undo":
        ok = this.history.undo();
        break;
      case "redo":
        ok = this.history.redo();
        break;
      default: return sender.send(`unknown: ${op}`);
    }
    this.room.broadcast(JSON.stringify([ok, this.history.state, this.history.depth]));
  }
}
