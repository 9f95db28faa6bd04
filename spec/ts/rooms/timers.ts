import type * as Party from "partykit/server";

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Calls `fn` once, when nothing has come for `ms`. */
function debounce<A extends unknown[]>(fn: (...args: A) => void, ms: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args: A) => {
    clearTimeout(timer);
    timer = setTimeout(() => fn(...args), ms);
  };
}

export default class Timers implements Party.Server {
  typing = new Set<string>();

  constructor(readonly room: Party.Room) {}

  showTyping = debounce(() => {
    this.room.broadcast(`typing: ${[...this.typing].sort().join(", ") || "nobody"}`);
    this.typing.clear();
  }, 20);

  async countdown(from: number) {
    for (let i = from; i > 0; i--) {
      this.room.broadcast(`${i}…`);
      await sleep(5);
    }
    this.room.broadcast("go!");
  }

  order(reply: (text: string) => void) {
    setTimeout(reply, 15, "timer 15");
    setTimeout(() => reply("timer 0"));
    queueMicrotask(() => reply("microtask"));
    Promise.resolve().then(() => reply("promise"));
    const never = setTimeout(() => reply("never"), 1);
    clearTimeout(never);
    clearTimeout(undefined);
    let left = 3;
    const interval = setInterval(
      (word: string) => {
        reply(`${word} ${left}`);
        if (--left === 0) clearInterval(interval);
      },
      30,
      "interval"
    );
    reply("now");
  }

  async onMessage(message: string, sender: Party.Connection) {
    const [command, argument] = message.split(" ");
    if (command === "typing") {
      this.typing.add(sender.id);
      this.showTyping();
    } else if (command === "countdown") {
      await this.countdown(Number(argument));
    } else if (command === "order") {
      this.order((text) => sender.send(text));
    } else if (command === "late") {
      try {
        await Promise.race([sleep(1000), sleep(5).then(() => Promise.reject(new Error("timed out")))]);
      } catch (error) {
        sender.send(`${error}`);
      }
    }
  }
}
