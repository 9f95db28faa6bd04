import type * as Party from "partykit/server";

interface Account {
  balance: number;
  opened: Date;
  history: { at: number; change: number }[];
}

const accountKey = (id: string) => `account:${id}` as const;

// Storage as people use that of a Durable Object.
export default class Bank implements Party.Server {
  private cache?: Map<string, Account>;

  constructor(readonly room: Party.Room) {
    this.room.blockConcurrencyWhile(async () => {
      this.cache = await this.room.storage.list<Account>({ prefix: "account:" });
    });
  }

  get storage() {
    return this.room.storage;
  }

  async load(id: string): Promise<Account> {
    return (await this.storage.get<Account>(accountKey(id))) ?? { balance: 0, opened: new Date(86400000), history: [] };
  }

  async change(id: string, change: number) {
    const account = await this.load(id);
    if (account.balance + change < 0) throw new Error(`${id} has only ${account.balance}`);
    account.balance += change;
    account.history.push({ at: account.history.length, change });
    await this.storage.put(accountKey(id), account);
    this.cache?.set(accountKey(id), account);
    return account;
  }

  async onRequest(req: Party.Request) {
    const url = new URL(req.url);
    const [action, ...args] = url.pathname.split("/").slice(4);
    const options = Object.fromEntries(url.searchParams);
    try {
      switch (action) {
        case "deposit":
          return Response.json(await this.change(args[0], Number(args[1])));
        case "transfer": {
          const [from, to, amount] = args;
          const [a, b] = await Promise.all([this.change(from, -Number(amount)), this.change(to, +amount)]);
          return Response.json({ [from]: a.balance, [to]: b.balance });
        }
        case "account": {
          const { opened, ...rest } = await this.load(args[0]);
          return Response.json({ year: opened.getUTCFullYear(), iso: opened.toISOString(), isDate: opened instanceof Date, ...rest });
        }
        case "list": {
          const list = await this.storage.list<Account>({
            ...options,
            limit: options.limit ? parseInt(options.limit, 10) : undefined,
            reverse: "reverse" in options,
          });
          return Response.json([...list.keys()]);
        }
        case "many": {
          await this.storage.put({ "x:1": 1, "x:3": new Map([["k", new Set([1, 2])]]), "x:2": null });
          const got = await this.storage.get<any>(["x:3", "x:1", "x:9", "x:2"]);
          const deleted = await this.storage.delete(["x:1", "x:9"]);
          return Response.json({ keys: [...got.keys()], has: got.get("x:3").get("k").has(2), nil: got.get("x:2"), deleted });
        }
        case "copies": {
          const value = { list: [1] };
          await this.storage.put("copy", value);
          value.list.push(2);
          const [one, two] = [await this.storage.get<typeof value>("copy"), await this.storage.get<typeof value>("copy")];
          one!.list.push(3);
          return Response.json({ one, two, same: one === two });
        }
        case "clear":
          await this.storage.deleteAll();
          return Response.json({ left: (await this.storage.list()).size, cached: this.cache!.size });
        default:
          return new Response(`cannot ${action || "do nothing"}`, { status: 404 });
      }
    } catch (error) {
      return new Response((error as Error).message, { status: 409 });
    }
  }
}
