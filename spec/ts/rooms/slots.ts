import type * as Party from "partykit/server";

export default class Slots implements Party.Server {
  slots: (string | undefined)[] = new Array(4);
  constructor(readonly room: Party.Room) {}

  onConnect(c: Party.Connection) {
    let i = 0;
    while (i in this.slots)
      i++;
    this.slots[i] = c.id;
    this.tell();
  }

  onClose(c: Party.Connection) {
    const i = this.slots.indexOf(c.id);
    if (~i)
      delete this.slots[i];
    this.tell();
  }

  tell() {
    const names: string[] = [];
    this.slots.forEach((id, i) => names.push(`${i}=${id}`));
    const holes = this.slots.length - Object.keys(this.slots).length;
    this.room.broadcast(JSON.stringify({
      names, holes, slots: this.slots, has0: 0 in this.slots,
      next: this.slots.findIndex((s) => s === undefined),
      entries: Object.entries(this.slots).flat(),
    }));
  }
}
