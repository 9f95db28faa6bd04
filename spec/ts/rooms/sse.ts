import type * as Party from "partykit/server";

type Subscriber = { id: number; controller: ReadableStreamDefaultController<Uint8Array>; left: number };

const encoder = new TextEncoder();
const event = (name: string, data: unknown, id?: number) =>
  encoder.encode(`${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);

// Server-sent events: what is said on sockets goes to open responses.
export default class Events implements Party.Server {
  subscribers: Subscriber[] = [];
  lastId = 0;

  constructor(readonly room: Party.Room) {}

  publish(name: string, data: unknown) {
    const id = ++this.lastId;
    for (const each of [...this.subscribers]) {
      each.controller.enqueue(event(name, data, id));
      if (--each.left === 0) this.finish(each);
    }
  }

  finish(subscriber: Subscriber) {
    subscriber.controller.enqueue(encoder.encode(": bye\n\n"));
    subscriber.controller.close();
    this.subscribers = this.subscribers.filter((each) => each !== subscriber);
  }

  onMessage(message: string) {
    this.publish("message", message);
    this.room.broadcast(`${this.subscribers.length} listening`);
  }

  onRequest(req: Party.Request) {
    const url = new URL(req.url);
    if (url.pathname.endsWith("/transform")) {
      const { readable, writable } = new TransformStream<string, Uint8Array>({
        transform(chunk, controller) {
          controller.enqueue(encoder.encode(chunk.toUpperCase() + "\n"));
        },
        flush(controller) {
          controller.enqueue(encoder.encode("end\n"));
        },
      });
      const writer = writable.getWriter();
      (async () => {
        for (const word of ["one", "two", "straße"]) await writer.write(word);
        await writer.close();
      })();
      return new Response(readable);
    }
    const left = Number(url.searchParams.get("count") ?? 2);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const subscriber = { id: this.subscribers.length, controller, left };
        this.subscribers.push(subscriber);
        controller.enqueue(event("hello", { left }));
        setTimeout(() => {
          for (let i = 0; i < left; i++) this.publish("tick", { i, text: "line\nbreak" });
        }, 10);
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" } });
  }
}
