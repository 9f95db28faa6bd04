import type * as Party from "partykit/server";

type Command =
  | { op: "get"; key: string }
  | { op: "put"; key: string; value: unknown }
  | { op: "move"; from: string; to: string }
  | { op: "sum"; keys: string[] }
  | { op: "retry"; times: number }
  | { op: "nested" };

class NotFound extends Error {
  constructor(readonly key: string) {
    super(`${key} is not there`);
  }
}

// switch, try, await and loops in one another.
export default class SwitchAsync implements Party.Server {
  attempts = 0;
  constructor(readonly room: Party.Room) {}

  async get<T>(key: string): Promise<T> {
    const value = await this.room.storage.get<T>(key);
    if (value === undefined) throw new NotFound(key);
    return value;
  }

  async flaky(failures: number) {
    this.attempts++;
    await Promise.resolve();
    if (this.attempts <= failures) throw new Error(`attempt ${this.attempts} failed`);
    return `attempt ${this.attempts} worked`;
  }

  async run(cmd: Command, trail: string[]): Promise<unknown> {
    try {
      switch (cmd.op) {
        case "get":
          return await this.get(cmd.key);
        case "put":
          await this.room.storage.put(cmd.key, cmd.value);
          break;
        case "move": {
          const value = await this.get(cmd.from);
          await this.room.storage.put(cmd.to, value);
          if (!(await this.room.storage.delete(cmd.from))) return "nothing deleted";
          break;
        }
        case "sum": {
          let sum = 0;
          for (const key of cmd.keys) {
            let value: unknown;
            try {
              value = await this.get(key);
            } catch {
              trail.push(`skip ${key}`);
              continue;
            } finally {
              trail.push(`saw ${key}`);
            }
            if (typeof value !== "number") break;
            sum += value;
          }
          return sum;
        }
        case "retry":
          this.attempts = 0;
          for (;;) {
            try {
              return await this.flaky(cmd.times);
            } catch (e) {
              if (this.attempts > 3) throw e;
              trail.push((e as Error).message);
            }
          }
        case "nested":
          try {
            try {
              await Promise.reject(new RangeError("inner"));
            } finally {
              trail.push("finally 1");
              await null;
              trail.push("finally 2");
            }
          } catch (e) {
            if (!(e instanceof RangeError)) throw e;
            throw new Error("outer", { cause: e });
          }
        default:
          throw new TypeError(`no op ${(cmd as { op: string }).op}`);
      }
      return "done";
    } catch (error) {
      if (error instanceof NotFound) return { missing: error.key, text: `${error}` };
      const { name, message, cause } = error as Error & { cause?: Error };
      return { name, message, cause: cause && cause.message };
    } finally {
      trail.push("end");
    }
  }

  async onMessage(message: string, sender: Party.Connection) {
    const trail: string[] = [];
    const result = await this.run(JSON.parse(message), trail);
    sender.send(JSON.stringify({ result, trail }));
  }
}
