import type * as Party from "partykit/server";

enum Op {
  Echo = 1,
  Sum = 2,
  Pack = 3,
  Xor = 0x10,
}

const toHex = (buffer: ArrayBuffer) =>
  [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join(" ");

export default class Binary implements Party.Server {
  constructor(readonly room: Party.Room) {}

  onMessage(message: string | ArrayBuffer | ArrayBufferView, sender: Party.Connection) {
    if (typeof message === "string") {
      sender.send(new TextEncoder().encode(message));
      return;
    }
    const bytes = message instanceof ArrayBuffer ? new Uint8Array(message) : new Uint8Array(message.buffer);
    const payload = bytes.subarray(1);
    switch (bytes[0]) {
      case Op.Echo:
        sender.send(payload);
        break;
      case Op.Sum: {
        const view = new DataView(message as ArrayBuffer, 1);
        let sum = 0;
        for (let i = 0; i + 4 <= view.byteLength; i += 4) sum += view.getFloat32(i, true);
        sender.send(`sum ${sum}`);
        break;
      }
      case Op.Pack: {
        const buffer = new ArrayBuffer(16);
        const view = new DataView(buffer);
        view.setUint16(0, 0xbeef);
        view.setInt32(2, -2);
        view.setFloat64(6, Math.PI, true);
        new Uint8Array(buffer, 14).set([...payload].slice(0, 2));
        sender.send(buffer);
        break;
      }
      case Op.Xor: {
        const key = payload[0];
        this.room.broadcast(payload.slice(1).map((b) => b ^ key));
        break;
      }
      default:
        sender.send(`unknown op ${bytes[0]} in ${toHex(message as ArrayBuffer)} (${Op[bytes[0]] ?? "no name"})`);
    }
  }

  async onRequest(req: Party.Request) {
    const buffer = await req.arrayBuffer();
    const words = new Uint16Array(buffer.slice(0, buffer.byteLength & ~1));
    const clamped = Uint8ClampedArray.from([300, -5, 1.5, 2.5]);
    return Response.json({
      size: buffer.byteLength,
      words: Array.from(words),
      clamped: [...clamped],
      text: new TextDecoder().decode(buffer),
      back: btoa(String.fromCharCode(...new Uint8Array(buffer))),
    });
  }
}
