import type * as Party from "partykit/server";

const WORDS = "apple,grape,lemon,mango,peach".split(",");

type Mark = "hit" | "near" | "miss";
const SIGNS: Record<Mark, string> = { hit: "🟩", near: "🟨", miss: "⬛" };

function judge(guess: string, word: string): Mark[] {
  const left = new Map<string, number>();
  for (const [i, letter] of [...word].entries()) {
    if (guess[i] !== letter) left.set(letter, (left.get(letter) ?? 0) + 1);
  }
  return Array.from(guess, (letter, i) => {
    if (letter === word[i]) return "hit";
    const n = left.get(letter) ?? 0;
    if (n === 0) return "miss";
    left.set(letter, n - 1);
    return "near";
  });
}

const stats = {
  played: 0,
  get average() {
    return this.played ? this.total / this.played : 0;
  },
  total: 0,
  add(guesses: number) {
    this.played++;
    this.total += guesses;
  },
};

export default class Words implements Party.Server {
  #word = WORDS[0]!;
  #guesses: string[] = [];
  #letters: { [letter: string]: Mark } = Object.create(null);

  constructor(readonly room: Party.Room) {}

  static #next = 0;
  static pick() {
    return WORDS[Words.#next++ % WORDS.length]!;
  }

  #reset() {
    this.#word = Words.pick();
    this.#guesses = [];
    this.#letters = Object.create(null);
  }

  onMessage(message: string, sender: Party.Connection) {
    const guess = message.trim().toLowerCase();
    if (guess === "new") return this.#reset();
    if (guess.length !== this.#word.length) {
      sender.send(`${this.#word.length} letters, not ${guess.length}`);
      return;
    }
    if (!/^[a-z]+$/.test(guess)) return void sender.send(`letters only: ${JSON.stringify([...guess].filter((c) => c < "a" || c > "z"))}`);
    const marks = judge(guess, this.#word);
    this.#guesses.push(guess);
    marks.forEach((mark, i) => {
      const before = this.#letters[guess[i]];
      if (before !== "hit" && !(before === "near" && mark === "miss")) this.#letters[guess[i]] = mark;
    });
    this.room.broadcast(`${guess.toUpperCase().split("").join(" ")} ${marks.map((m) => SIGNS[m]).join("")}`);
    if (marks.every((m) => m === "hit")) {
      stats.add(this.#guesses.length);
      this.room.broadcast(`${sender.id} found it in ${this.#guesses.length}; average ${stats.average.toFixed(1)}`);
      this.#reset();
    } else if (this.#guesses.length >= 3) {
      const used = Object.keys(this.#letters).sort((a, b) => a.localeCompare(b));
      this.room.broadcast(`hint: ${this.#word.at(-1)!.repeat(2)}… used ${used.join("")} ${"abc" + 1 + 2} ${"5" as any * 2}`);
    }
  }
}
