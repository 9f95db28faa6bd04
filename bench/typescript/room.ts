import type * as Party from "partykit/server";

type Poll = { title: string; options: string[]; votes?: number[] };

/** A room of forty lines, such as most are: it is loaded beside empty.lua. */
export default class PollServer implements Party.Server {
  poll: Poll | undefined;

  constructor(readonly room: Party.Room) {}

  async onStart() {
    this.poll = await this.room.storage.get<Poll>("poll");
  }

  async savePoll() {
    if (this.poll) {
      await this.room.storage.put<Poll>("poll", this.poll);
    }
  }

  async onRequest(req: Party.Request) {
    if (req.method === "POST") {
      const poll = (await req.json()) as Poll;
      this.poll = { ...poll, votes: poll.options.map(() => 0) };
      this.savePoll();
    }
    return this.poll ? Response.json(this.poll) : new Response("Not found", { status: 404 });
  }

  async onMessage(message: string) {
    if (!this.poll) return;
    const event = JSON.parse(message);
    if (event.type === "vote") {
      this.poll.votes![event.option] += 1;
      this.room.broadcast(JSON.stringify(this.poll));
      this.savePoll();
    }
  }
}
