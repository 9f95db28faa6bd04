import type * as Party from "partykit/server";

const SUITS = ["♠", "♥", "♦", "♣"] as const;
const RANKS = [2, 3, 4, 5, 6, 7, 8, 9, 10, "J", "Q", "K", "A"] as const;
type Card = `${(typeof RANKS)[number]}${(typeof SUITS)[number]}`;

/** Random numbers that a seed decides. */
function mulberry32(seed: number) {
  return () => {
    seed |= 0;
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function shuffle<T>(list: T[], random: () => number): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}

function valueOf(hand: Card[]): number {
  let aces = 0;
  let sum = 0;
  for (const card of hand) {
    const rank = card.slice(0, -1);
    if (rank === "A") aces++, (sum += 11);
    else sum += "JQK".includes(rank) ? 10 : +rank;
  }
  while (sum > 21 && aces-- > 0) sum -= 10;
  return sum;
}

export default class Blackjack implements Party.Server {
  deck: Card[] = [];
  hands: Record<string, Card[]> = {};
  standing = new Set<string>();

  constructor(readonly room: Party.Room) {}

  start(seed: number) {
    const cards = SUITS.flatMap((suit) => RANKS.map((rank): Card => `${rank}${suit}`));
    this.deck = shuffle(cards, mulberry32(seed));
    this.hands = {};
    this.standing.clear();
    const ids = Array.from(this.room.getConnections(), (c) => c.id).concat("dealer");
    for (let round = 0; round < 2; round++) {
      for (const id of ids) (this.hands[id] ??= []).push(this.deck.pop()!);
    }
    for (const conn of this.room.getConnections()) conn.send(this.show(conn.id));
  }

  show(id: string) {
    const { [id]: mine, dealer, ...others } = this.hands;
    const hidden = Object.entries(others).map(([name, hand]) => `${name}:${"?".repeat(hand.length)}`);
    return `${mine.join(" ")} (${valueOf(mine)}) dealer ${dealer[0]} ${hidden.join(" ")}`.trimEnd();
  }

  onMessage(message: string, sender: Party.Connection) {
    const [command, argument] = message.split(" ");
    const hand = this.hands[sender.id];
    if (command === "start") return this.start(parseInt(argument, 36));
    if (!hand) return sender.send("no game");
    if (command === "hit" && !this.standing.has(sender.id)) hand.push(this.deck.pop()!);
    if (command === "stand" || valueOf(hand) >= 21) this.standing.add(sender.id);
    sender.send(this.show(sender.id));
    const players = Object.keys(this.hands).filter((id) => id !== "dealer");
    if (players.every((id) => this.standing.has(id))) this.finish(players);
  }

  finish(players: string[]) {
    const { dealer } = this.hands;
    while (valueOf(dealer) < 17) dealer.push(this.deck.pop()!);
    const bank = valueOf(dealer);
    const results = players.map((id) => {
      const value = valueOf(this.hands[id]);
      const outcome = value > 21 ? "bust" : bank > 21 || value > bank ? "wins" : value === bank ? "push" : "loses";
      return `${id} ${outcome} ${value}`;
    });
    this.room.broadcast(`dealer ${dealer.join(" ")} (${bank}): ${results.join(", ")}; ${this.deck.length} left`);
    this.hands = {};
  }
}
