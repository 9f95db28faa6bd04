import type * as Party from "partykit/server";

/** A handler that awaits twice what is there at once, as storage is. */
export default class Awaits implements Party.Server {
  seen = 0;

  constructor(readonly room: Party.Room) {}

  private async load(n: number): Promise<number> {
    return n + 1;
  }

  async onMessage(message: string) {
    const n = await this.load(this.seen);
    await null;
    this.seen = n;
  }
}
