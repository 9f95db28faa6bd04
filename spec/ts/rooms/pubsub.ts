import type * as Party from "partykit/server";

type Events = {
  message: { topic: string; text: string };
  subscribe: { topic: string; id: string };
};

class Emitter<T extends Record<string, any>> {
  #listeners: { [K in keyof T]?: Set<(event: T[K]) => void> } = {};

  on<K extends keyof T>(name: K, fn: (event: T[K]) => void): this {
    (this.#listeners[name] ??= new Set()).add(fn);
    return this;
  }

  once<K extends keyof T>(name: K, fn: (event: T[K]) => void): this {
    const wrapper = (event: T[K]) => {
      this.off(name, wrapper);
      fn(event);
    };
    return this.on(name, wrapper);
  }

  off<K extends keyof T>(name: K, fn: (event: T[K]) => void) {
    return this.#listeners[name]?.delete(fn) ?? false;
  }

  emit<K extends keyof T>(name: K, event: T[K]): number {
    const listeners = [...(this.#listeners[name] ?? [])];
    listeners.forEach((fn) => fn(event));
    return listeners.length;
  }
}

const matches = (pattern: string, topic: string) => {
  const regex = new RegExp("^" + pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, "[^/]+").replace("#", ".*") + "$");
  return regex.test(topic);
};

export default class PubSub extends Emitter<Events> implements Party.Server {
  subscriptions = new Map<string, Set<string>>();

  constructor(readonly room: Party.Room) {
    super();
    this.on("message", ({ topic, text }) => {
      for (const [id, patterns] of this.subscriptions) {
        if ([...patterns].some((p) => matches(p, topic))) this.room.getConnection(id)?.send(`${topic}: ${text}`);
      }
    });
    this.once("subscribe", ({ id }) => this.room.broadcast(`first subscriber is ${id}`));
  }

  onMessage(message: string, sender: Party.Connection) {
    const match = message.match(/^(?<verb>sub|unsub|pub)\s+(?<topic>\S+)(?:\s+(?<text>.*))?$/);
    if (!match?.groups) {
      sender.send("usage: sub|unsub|pub TOPIC [TEXT]");
      return;
    }
    const { verb, topic, text = "" } = match.groups;
    switch (verb) {
      case "sub":
        if (!this.subscriptions.has(sender.id)) this.subscriptions.set(sender.id, new Set());
        this.subscriptions.get(sender.id)!.add(topic);
        this.emit("subscribe", { topic, id: sender.id });
        break;
      case "unsub":
        sender.send(this.subscriptions.get(sender.id)?.delete(topic) ? "done" : "you were not subscribed");
        break;
      case "pub":
        this.emit("message", { topic, text });
    }
  }

  onClose = ({ id }: Party.Connection) => {
    this.subscriptions.delete(id);
  };
}
