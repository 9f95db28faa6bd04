import type * as Party from "partykit/server";

declare const require: unknown;
declare const process: { env: Record<string, string | undefined> };

const title = process.env.TITLE ?? "untitled";
const DEBUG = process.env.NODE_ENV === "test";

console.debug("loaded", { title, nested: { list: [1, "two", null] } });

export default class Env implements Party.Server {
  constructor(readonly room: Party.Room) {
    const { TITLE = "none", MISSING } = this.room.env as { TITLE?: string; MISSING?: string };
    this.text = `${TITLE} ${MISSING}`;
  }

  readonly text: string;

  async onRequest() {
    console.group?.("request");
    console.log("%s is %d and %o", this.room.id, 5, [this.text]);
    console.warn(new Error("only a warning").message, undefined, null, Symbol("s").toString());
    console.table?.([{ a: 1 }]);
    return Response.json({
      text: this.text,
      room: [this.room.id, this.room.internalID.length > 0, this.room.name],
      title: typeof title,
      DEBUG,
      keys: Object.keys(this.room.env).filter((key) => key === "TITLE" || key === "AI_KEY").sort(),
      globals: [typeof globalThis, typeof window, typeof setTimeout, typeof require, typeof undefined],
      url: new URL("../up?x=%20#h", "https://user@example.com:8080/a/b/c").href,
      random: [Math.random() < 1, crypto.randomUUID().length, crypto.getRandomValues(new Uint8Array(4)).length],
    });
  }
}
