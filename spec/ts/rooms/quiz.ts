import type * as Party from "partykit/server";
import questions from "./data/questions.json";
import { rank, type Score } from "./lib/scores";
import * as text from "./lib/text";

interface Question {
  question: string;
  answers: string[];
  correct: number;
}

type Stage = { name: "lobby" } | { name: "asking"; index: number; deadline: number } | { name: "results" };

export default class Quiz implements Party.Server {
  stage: Stage = { name: "lobby" };
  scores: Map<string, Score> = new Map();
  answered = new Map<string, number>();
  timeout: any;

  constructor(readonly room: Party.Room) {}

  get current(): Question | undefined {
    return this.stage.name === "asking" ? questions[this.stage.index] : undefined;
  }

  onConnect(conn: Party.Connection) {
    this.scores.set(conn.id, { name: text.title(conn.id), points: 0 });
  }

  ask(index: number) {
    if (index >= questions.length) return this.results();
    this.answered.clear();
    this.stage = { name: "asking", index, deadline: Date.now() + 5000 };
    const { correct, ...shown } = questions[index] as Question;
    this.room.broadcast(JSON.stringify({ n: `${index + 1}/${questions.length}`, ...shown }));
    clearTimeout(this.timeout);
    this.timeout = setTimeout(() => this.reveal(), 5000);
  }

  reveal() {
    if (this.stage.name !== "asking") return;
    const { answers, correct } = this.current!;
    for (const [id, answer] of this.answered) {
      if (answer === correct) this.scores.get(id)!.points += text.points(this.answered.size);
    }
    this.room.broadcast(`It is ${answers[correct]}.`);
    this.ask(this.stage.index + 1);
  }

  results() {
    clearTimeout(this.timeout);
    this.stage = { name: "results" };
    this.room.broadcast(rank([...this.scores.values()]).map((s) => `${s.place}. ${s.name} ${s.points}`).join("; "));
  }

  onMessage(message: string, sender: Party.Connection) {
    if (message === "start" && this.stage.name !== "asking") return this.ask(0);
    const question = this.current;
    if (!question) return sender.send("nothing is asked");
    const answer = question.answers.findIndex((a) => text.same(a, message));
    if (answer < 0) return sender.send(text.hint(question.answers));
    if (this.answered.has(sender.id)) return sender.send("only once");
    this.answered.set(sender.id, answer);
    if (this.answered.size === this.scores.size) this.reveal();
  }
}
