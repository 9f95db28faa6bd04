import type * as Party from "partykit/server";

type Handler = (payload: any, sender: Party.Connection) => unknown;

abstract class BaseServer<State extends object> implements Party.Server {
  protected state: State;
  protected handlers = new Map<string, Handler>();
  static instances = 0;
  static readonly prefix: string = "base";

  constructor(readonly room: Party.Room) {
    BaseServer.instances++;
    this.state = this.initial();
    this.register("get", (_, sender) => sender.send(this.render()));
  }

  protected abstract initial(): State;

  protected register(name: string, handler: Handler) {
    this.handlers.set(name, handler);
    return this;
  }

  protected render() {
    return JSON.stringify({ state: this.state });
  }

  onMessage(message: string, sender: Party.Connection) {
    const { type, ...payload } = JSON.parse(message);
    const handler = this.handlers.get(type);
    if (!handler) return this.onUnknown(type, sender);
    const result = handler.call(this, payload, sender);
    if (result !== undefined) this.room.broadcast(String(result));
  }

  protected onUnknown(type: string, sender: Party.Connection) {
    sender.send(`${(this.constructor as typeof BaseServer).prefix}: no handler for ${type}`);
  }

  toString() {
    return `[${this.constructor.name} ${this.room.id}]`;
  }
}

class Counter extends BaseServer<{ count: number; by?: string }> {
  static override readonly prefix: string = "counter";
  private step = 1;
  #changes = 0;

  constructor(room: Party.Room) {
    super(room);
    this.register("add", this.add).register("step", ({ step }) => void (this.step = step));
  }

  protected initial() {
    return { count: 0 };
  }

  get changes() {
    return this.#changes;
  }

  set changes(value: number) {
    this.#changes = Math.max(0, value);
  }

  private add({ times = 1 }: { times?: number }, sender: Party.Connection) {
    this.state = { ...this.state, count: this.state.count + times * this.step, by: sender.id };
    this.changes += 1;
    return this.render();
  }

  protected override render() {
    return super.render().replace("}}", `,"changes":${this.changes}}}`);
  }
}

export default class BoundedCounter extends Counter {
  static override readonly prefix = `bounded ${super.prefix}`;

  onConnect(conn: Party.Connection) {
    conn.send(`${this} ${BaseServer.instances > 0} ${this instanceof BaseServer}`);
  }

  protected override initial() {
    return { count: 95 };
  }

  protected override render() {
    if (this.state.count > 100) {
      this.state.count = 100;
      return `limit: ${super.render()}`;
    }
    return super.render();
  }

  protected override onUnknown(type: string, sender: Party.Connection) {
    super.onUnknown(type.toUpperCase(), sender);
    sender.send(Object.keys(this).filter((k) => k !== "room").join());
    sender.send([...this.handlers.keys()].join("|") + " " + Object.getOwnPropertyNames(Object.getPrototypeOf(this)).join());
  }
}
