// JavaScript, without types.
export default class Counter {
  static defaultStep = 1;

  constructor(room) {
    this.room = room;
    this.count = 0;
  }

  async onStart() {
    this.count = (await this.room.storage.get("count")) || 0;
  }

  async onMessage(message, sender) {
    const steps = { inc: this.constructor.defaultStep, dec: -1 };
    if (message in steps) {
      this.count += steps[message];
    } else if (!isNaN(message) && message !== "") {
      this.count += +message;
    } else {
      sender.send(`what is ${message}?`);
      return;
    }
    await this.room.storage.put("count", this.count);
    this.room.broadcast(this.count);
    this.room.broadcast(`${this.count}`.padStart(5, "0"), [sender.id]);
  }

  async onRequest(request) {
    const { method } = request;
    if (method === "POST") {
      this.count = 0;
      await this.room.storage.delete("count");
    }
    var stored = await this.room.storage.get("count");
    return new Response(String(this.count) + " " + stored + " " + typeof stored);
  }
}
