import type * as Party from "partykit/server";

type Booking = { from: Date; to: Date; by: string };

const DAY = 24 * 60 * 60 * 1000;

const startOfDay = (date: Date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
const isoDay = (date: Date) => date.toISOString().slice(0, 10);
const weekday = (date: Date) => ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][date.getUTCDay()];

function ago(ms: number): string {
  const units: [string, number][] = [["day", DAY], ["hour", DAY / 24], ["minute", 60_000], ["second", 1000]];
  for (const [name, size] of units) {
    const n = Math.floor(ms / size);
    if (n >= 1) return `${n} ${name}${n === 1 ? "" : "s"} ago`;
  }
  return "just now";
}

export default class Calendar implements Party.Server {
  bookings: Booking[] = [];
  constructor(readonly room: Party.Room) {}

  async onStart() {
    this.bookings = (await this.room.storage.get<Booking[]>("bookings")) ?? [];
  }

  overlapping = (from: Date, to: Date) => this.bookings.find((b) => b.from < to && from < b.to);

  async onRequest(req: Party.Request) {
    const url = new URL(req.url);
    const date = (name: string) => new Date(url.searchParams.get(name) ?? NaN);
    switch (url.pathname.split("/")[4]) {
      case "book": {
        const [from, to] = [date("from"), date("to")];
        if (isNaN(from.getTime()) || Number.isNaN(+to)) return new Response("no such date", { status: 400 });
        if (from >= to) return new Response("the end is before the start", { status: 400 });
        const other = this.overlapping(from, to);
        if (other) return new Response(`taken by ${other.by} until ${other.to.toJSON()}`, { status: 409 });
        this.bookings.push({ from, to, by: url.searchParams.get("by")! });
        this.bookings.sort((a, b) => a.from.getTime() - b.from.getTime());
        await this.room.storage.put("bookings", this.bookings);
        return Response.json(this.bookings);
      }
      case "stored": {
        const stored = (await this.room.storage.get<Booking[]>("bookings")) ?? [];
        return Response.json(stored.map(({ from, to, by }) => `${by} ${weekday(from)} ${isoDay(from)} ${(to.valueOf() - from.valueOf()) / DAY}`));
      }
      case "month": {
        const first = startOfDay(date("of"));
        first.setUTCDate(1);
        const next = new Date(first);
        next.setUTCMonth(first.getUTCMonth() + 1);
        const last = new Date(next.getTime() - 1);
        return new Response(`${weekday(first)} ${isoDay(first)} to ${weekday(last)} ${last.toISOString()}, ${last.getUTCDate()} days`);
      }
      case "ago":
        return new Response([0, 999, 1000, 59_999, 60_000, 7_200_000, DAY, 3.5 * DAY].map(ago).join(", "));
      case "parse":
        return Response.json(
          ["2024-02-30", "2024-03-10T10:00:00+02:00", "2024-03-10T10:00:00.5Z", "Sun, 10 Mar 2024 10:00:00 GMT", "2024-13-01", "nope", ""].map(
            (text) => [text, Date.parse(text)]
          )
        );
      default:
        return new Response(new Date(0).toUTCString() + " | " + JSON.stringify({ d: new Date(1e12), bad: new Date(NaN) }) + " | " + (typeof Date.now() === "number"));
    }
  }
}
