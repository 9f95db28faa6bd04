import type * as Party from "partykit/server";

const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]!);

const BAD_WORDS = [/\bdarn\b/gi, /h[e3]ck/i];

// Text of people: mentions, links, commands, bad words.
export default class Mentions implements Party.Server {
  constructor(readonly room: Party.Room) {}

  format(text: string) {
    return escapeHtml(text)
      .replace(/\*\*(.+?)\*\*/g, "<b>$1</b>")
      .replace(/(^|\s)_([^_]+)_(?=\s|$)/g, "$1<i>$2</i>")
      .replace(/\bhttps?:\/\/[^\s<]+[^\s<.,;]/gi, (url) => `<a href="${url}">${new URL(url).hostname}</a>`)
      .replace(/@(\w+)/g, (all, name: string, offset: number) => (this.room.getConnection(name) ? `<at ${offset}>${name}</at>` : all));
  }

  censor(text: string): string {
    return BAD_WORDS.reduce((t, re) => t.replace(re, (w) => w[0] + "*".repeat(w.length - 1)), text);
  }

  onMessage(message: string, sender: Party.Connection) {
    const slash = message.match(/^\/(\w+)(?:\s+(.+))?/s);
    if (slash) {
      const [, name, rest = ""] = slash;
      const args = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word);
      sender.send(JSON.stringify({ name, args, index: rest.search(/\d/) }));
      return;
    }
    const mentioned = new Set(Array.from(message.matchAll(/@(?<name>\w+)/g), (m) => m.groups!.name));
    const words = message.trim().split(/\s+/).filter(Boolean).length;
    const slug = message.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
    this.room.broadcast(
      JSON.stringify({
        html: this.format(this.censor(message)),
        mentioned: [...mentioned],
        words,
        slug,
        emoji: message.match(/\p{Emoji_Presentation}/gu)?.length ?? 0,
        shouting: /^[^a-z]*[A-Z]{3,}[^a-z]*$/.test(message),
        date: message.replace(/(\d{4})-(\d{2})-(\d{2})/, "$3.$2.$1"),
      })
    );
  }
}
