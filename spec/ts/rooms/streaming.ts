import type * as Party from "partykit/server";

const sse = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

export default class Stream implements Party.Server {
  constructor(readonly room: Party.Room) {}

  async onRequest(req: Party.Request) {
    const mode = new URL(req.url).searchParams.get("mode");
    const enc = new TextEncoder();
    if (mode === "pull") {
      let n = 0;
      return new Response(new ReadableStream({ pull(c) {
          if (n++ < 3)
            c.enqueue(enc.encode(sse("n", { n })));
          else
            c.close();
        } }), { headers: { "content-type": "text/event-stream" } });
    }
    if (mode === "transform") {
      const { readable, writable } = new TransformStream<string, Uint8Array>({ transform(chunk, c) {
          c.enqueue(enc.encode(chunk.toUpperCase() + "\n"));
        } });
      const w = writable.getWriter();
      (async () => {
        for (const word of ["a", "bé", "c"])
          await w.write(word);
        await w.close();
      })();
      return new Response(readable);
    }
    if (mode === "read") {
      const lines: string[] = [];
      const reader = req.body!.getReader();
      const dec = new TextDecoder();
      let buf = "";
      while (true) {
        const { done, value } = await reader.read();
        if (done)
          break;
        buf += dec.decode(value, { stream: true });
        const parts = buf.split("|");
        buf = parts.pop()!;
        lines.push(...parts);
      }
      if (buf)
        lines.push(buf + "$");
      return Response.json(lines);
    }
    if (mode === "clone") {
      const c = req.clone();
      return Response.json([await c.text(), (await req.arrayBuffer()).byteLength, req.bodyUsed]);
    }
    return new Response("mode?", { status: 400, statusText: "Bad" });
  }
}
