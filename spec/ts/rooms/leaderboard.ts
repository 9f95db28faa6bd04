import type * as Party from "partykit/server";

type Entry = { player: string; score: number; when: string };

const pad = (n: number, width: number) => String(n).padStart(width, "0");
const scoreKey = (score: number, player: string) => `score/${pad(1e6 - score, 7)}/${player}`;

export default class Leaderboard implements Party.Server {
  constructor(readonly room: Party.Room) {}

  async submit(player: string, score: number) {
    const best = await this.room.storage.get<number>(`best/${player}`);
    if (best !== undefined && best >= score) return { best, improved: false };
    const entry: Entry = { player, score, when: new Date(Date.UTC(2024, 1, 29, 12, score % 60)).toISOString() };
    await this.room.storage.transaction(async (txn) => {
      if (best !== undefined) await txn.delete(scoreKey(best, player));
      await txn.put(scoreKey(score, player), entry);
      await txn.put(`best/${player}`, score);
    });
    return { best: score, improved: true };
  }

  async top(limit = 3) {
    const entries = await this.room.storage.list<Entry>({ prefix: "score/", limit });
    return Array.from(entries.values(), ({ player, score }, i) => ({ place: i + 1, player, score }));
  }

  async stats() {
    const scores = [...(await this.room.storage.list<number>({ prefix: "best/" })).values()];
    const sum = scores.reduce((a, b) => a + b, 0);
    const mean = sum / scores.length;
    const deviation = Math.sqrt(scores.map((s) => (s - mean) ** 2).reduce((a, b) => a + b, 0) / scores.length);
    const sorted = scores.toSorted((a, b) => a - b);
    return {
      count: scores.length,
      mean: +mean.toFixed(2),
      deviation: Number(deviation.toPrecision(4)),
      median: sorted.at(Math.floor(sorted.length / 2)),
      percent: `${((100 * Math.max(...scores)) / sum).toFixed(1)} %`,
      sum: sum.toLocaleString("en-US"),
    };
  }

  async onRequest(req: Party.Request) {
    const url = new URL(req.url);
    if (req.method === "POST") {
      const { player, score } = await req.json<{ player: string; score: number }>();
      if (!Number.isInteger(score) || score < 0) return new Response("not a score", { status: 400 });
      const result = await this.submit(player, score);
      this.room.broadcast(JSON.stringify(await this.top()));
      return Response.json(result, { status: result.improved ? 201 : 200 });
    }
    if (url.searchParams.has("stats")) return Response.json(await this.stats());
    const entries = await this.room.storage.list<Entry>({ prefix: "score/", reverse: true });
    return Response.json([...entries].map(([key, { when }]) => [key, when]));
  }
}
