import type * as Party from "partykit/server";

type Reminder = { id: string; text: string; due: number };

const SOON = 30;

// Reminders in storage; one alarm for the earliest.
export default class Reminders implements Party.Server {
  readonly options: Party.ServerOptions = { hibernate: false };

  constructor(readonly room: Party.Room) {}

  async reminders(): Promise<Reminder[]> {
    const stored = await this.room.storage.list<Reminder>({ prefix: "reminder:" });
    return [...stored.values()].sort((a, b) => a.due - b.due);
  }

  async schedule() {
    const [next] = await this.reminders();
    const current = await this.room.storage.getAlarm();
    if (!next) {
      await this.room.storage.deleteAlarm();
    } else if (current === null || current !== next.due) {
      await this.room.storage.setAlarm(next.due);
    }
  }

  async onMessage(message: string) {
    const { id, text, after } = JSON.parse(message) as { id: string; text?: string; after?: number };
    if (text === undefined) {
      const existed = await this.room.storage.delete(`reminder:${id}`);
      this.room.broadcast(`${id} ${existed ? "is gone" : "was never there"}`);
    } else {
      await this.room.storage.put<Reminder>(`reminder:${id}`, { id, text, due: Date.now() + (after ?? SOON) });
      this.room.broadcast(`${id} is set`);
    }
    await this.schedule();
  }

  async onAlarm() {
    const due = (await this.reminders()).filter((each) => each.due <= Date.now() + 5);
    for (const { id, text } of due) {
      this.room.broadcast(`${id}: ${text}`);
    }
    await this.room.storage.delete(due.map((each) => `reminder:${each.id}`));
    await this.schedule();
  }

  async onRequest() {
    const alarm = await this.room.storage.getAlarm();
    const ids = (await this.reminders()).map((each) => each.id);
    return Response.json({ ids, alarm: alarm === null ? null : typeof alarm });
  }
}
