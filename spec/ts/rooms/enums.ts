import type * as Party from "partykit/server";

enum Phase {
  Waiting,
  Playing = 5,
  Paused,
  Over,
}

enum Color {
  Red = "RED",
  Green = "GREEN",
}

const enum Flag {
  None = 0,
  Muted = 1 << 0,
  Host = 1 << 1,
  Away = 1 << 2,
  Special = Muted | Host,
}

namespace Rules {
  export const minimum = 2;
  export function canStart(players: number) {
    return players >= minimum;
  }
  export enum Reason {
    TooFew = "too few players",
    Started = "already started",
  }
}

type PhaseName = keyof typeof Phase;
const NEXT: Readonly<Record<Phase, Phase>> = {
  [Phase.Waiting]: Phase.Playing,
  [Phase.Playing]: Phase.Paused,
  [Phase.Paused]: Phase.Over,
  [Phase.Over]: Phase.Waiting,
};

export default class Enums implements Party.Server {
  phase: Phase = Phase.Waiting;
  flags: Record<string, Flag> = {};

  constructor(readonly room: Party.Room) {}

  onConnect(conn: Party.Connection) {
    const isFirst = [...this.room.getConnections()].length === 1;
    this.flags[conn.id] = isFirst ? Flag.Host : Flag.None;
    conn.send(JSON.stringify({ phase: Phase[this.phase], colors: Object.values(Color), phases: Object.keys(Phase) }));
  }

  onMessage(message: string, sender: Party.Connection) {
    const flags = this.flags[sender.id];
    switch (message as "start" | "next" | "mute" | "flags" | `color ${string}`) {
      case "start":
        if (!Rules.canStart([...this.room.getConnections()].length)) sender.send(Rules.Reason.TooFew);
        else if (this.phase !== Phase.Waiting) sender.send(Rules.Reason.Started);
        else this.go(Phase.Playing);
        break;
      case "next":
        this.go(NEXT[this.phase]);
        break;
      case "mute":
        this.flags[sender.id] ^= Flag.Muted;
      // falls through
      case "flags": {
        const now = this.flags[sender.id];
        const names = [
          (now & Flag.Muted) !== 0 && "muted",
          now & Flag.Host ? "host" : null,
          (now & Flag.Special) === Flag.Special && "special",
        ].filter(Boolean);
        sender.send(`${flags} -> ${now} [${names}] ${(~now >>> 0).toString(2).length}`);
        break;
      }
      default: {
        const [, name = ""] = message.split(" ");
        const color = Color[name as keyof typeof Color];
        sender.send(color === Color.Red ? "red it is" : `color ${color ?? "unknown"}`);
      }
    }
  }

  go(phase: Phase) {
    const before = Phase[this.phase] as PhaseName;
    this.phase = phase;
    this.room.broadcast(`${before} -> ${Phase[phase]} (${phase})`);
  }
}
