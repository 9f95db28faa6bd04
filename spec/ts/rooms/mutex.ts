import type * as Party from "partykit/server";

const wait = (ms: number) => new Promise((r) => setTimeout(r, ms));

/** One after the other, in the order of asking. */
class Mutex {
  private tail: Promise<unknown> = Promise.resolve();
  waiting = 0;

  run<T>(work: () => Promise<T> | T): Promise<T> {
    this.waiting++;
    const result = this.tail.then(work).finally(() => this.waiting--);
    this.tail = result.catch(() => {});
    return result;
  }
}

async function* pages(total: number, size: number) {
  for (let start = 0; start < total; start += size) {
    await wait(1);
    yield Array.from({ length: Math.min(size, total - start) }, (_, i) => start + i);
  }
}

function* take<T>(iterable: Iterable<T>, n: number): Generator<T, string> {
  let i = 0;
  for (const item of iterable) {
    if (i++ >= n) return "cut";
    yield item;
  }
  return "all";
}

function* fibonacci() {
  let [a, b] = [0, 1];
  for (;;) {
    yield a;
    [a, b] = [b, a + b];
  }
}

export default class Workshop implements Party.Server {
  mutex = new Mutex();
  log: string[] = [];

  constructor(readonly room: Party.Room) {}

  async job(name: string, ms: number) {
    this.log.push(`+${name}`);
    await wait(ms);
    if (name === "bad") throw new Error("bad job");
    this.log.push(`-${name}`);
    return `${name} took its time`;
  }

  async onMessage(message: string, sender: Party.Connection) {
    const args = message.split(" ");
    switch (args[0]) {
      case "jobs": {
        this.log = [];
        const jobs = args.slice(1).map((name, i) => this.mutex.run(() => this.job(name, 6 - i * 2)));
        const waiting = this.mutex.waiting;
        const results = await Promise.allSettled(jobs);
        const shown = results.map((r) => (r.status === "fulfilled" ? r.value : r.reason.message));
        sender.send(JSON.stringify({ waiting, log: this.log, shown, left: this.mutex.waiting }));
        break;
      }
      case "pages": {
        const seen: number[] = [];
        for await (const page of pages(+args[1], 3)) {
          if (page.includes(7)) break;
          seen.push(...page);
        }
        sender.send(seen.join());
        break;
      }
      case "fib": {
        const taken = [...take(fibonacci(), Number(args[1]))];
        const it = take([1, 2], 2);
        const steps = [it.next(), it.next(), it.next(), it.next()];
        sender.send(JSON.stringify({ taken, steps }));
        break;
      }
      case "any": {
        const first = await Promise.any([Promise.reject(new Error("no")), wait(5).then(() => "slow"), wait(1).then(() => "fast")]);
        const none = await Promise.any([Promise.reject(1), Promise.reject(2)]).catch((e: AggregateError) => `${e.name} ${e.errors}`);
        let resolve!: (text: string) => void;
        const promise = new Promise<string>((r) => (resolve = r));
        setTimeout(() => resolve("resolved outside"), 1);
        sender.send([first, none, await promise].join("; "));
        break;
      }
      case "order": {
        const out: string[] = [];
        const tick = async (name: string) => {
          out.push(name + 1);
          await null;
          out.push(name + 2);
          await new Promise<void>((r) => r());
          out.push(name + 3);
        };
        const all = [tick("a"), tick("b")];
        Promise.resolve().then(() => out.push("then1")).then(() => out.push("then2"));
        out.push("sync");
        await Promise.all(all);
        sender.send(out.join(" "));
      }
    }
  }
}
