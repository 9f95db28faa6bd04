import type * as Party from "partykit/server";

interface Ticket {
  id: string;
  rating: number;
  region: "eu" | "us";
  resolve: (match: Match) => void;
  reject: (reason: Error) => void;
}

interface Match {
  id: string;
  players: string[];
  spread: number;
}

const MAX_SPREAD = 200;

export default class Matchmaking implements Party.Server {
  queue: Ticket[] = [];
  matches = 0;

  constructor(readonly room: Party.Room) {}

  enqueue(id: string, rating: number, region: Ticket["region"]): Promise<Match> {
    return new Promise((resolve, reject) => {
      if (this.queue.some((t) => t.id === id)) {
        reject(new Error("already waiting"));
        return;
      }
      this.queue.push({ id, rating, region, resolve, reject });
      this.match();
    });
  }

  match() {
    const byRegion = this.queue.reduce((map, ticket) => {
      const list = map.get(ticket.region) ?? [];
      return map.set(ticket.region, [...list, ticket]);
    }, new Map<string, Ticket[]>());

    outer: for (const [region, tickets] of byRegion) {
      tickets.sort((a, b) => a.rating - b.rating);
      for (let i = 1; i < tickets.length; i++) {
        const pair = [tickets[i - 1], tickets[i]] as const;
        const spread = pair[1].rating - pair[0].rating;
        if (spread > MAX_SPREAD) continue;
        const match: Match = { id: `${region}-${++this.matches}`, players: pair.map((t) => t.id), spread };
        this.queue = this.queue.filter((t) => !pair.includes(t));
        pair.forEach((t) => t.resolve(match));
        continue outer;
      }
    }
  }

  async onMessage(message: string, sender: Party.Connection) {
    const { rating, region = "eu", leave } = JSON.parse(message);
    if (leave) {
      const index = this.queue.findIndex(({ id }) => id === sender.id);
      const [ticket] = index >= 0 ? this.queue.splice(index, 1) : [];
      ticket?.reject(new Error("you left"));
      return;
    }
    await this.enqueue(sender.id, rating, region)
      .then((match) => {
        const other = match.players.find((id) => id !== sender.id);
        sender.send(`match ${match.id} with ${other} (${match.spread})`);
        return match;
      })
      .catch((e: Error) => sender.send(`no match: ${e.message}`))
      .finally(() => sender.send(`${this.queue.length} waiting`));
  }

  onClose(conn: Party.Connection) {
    this.queue = this.queue.filter((t) => t.id !== conn.id);
  }
}
