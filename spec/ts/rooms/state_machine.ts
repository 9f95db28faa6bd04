import type * as Party from "partykit/server";

type State =
  | { status: "idle" }
  | { status: "countdown"; left: number }
  | { status: "running"; laps: Record<string, number> }
  | { status: "finished"; winner: string; laps: Record<string, number> };

type Event = { type: "START" } | { type: "TICK" } | { type: "LAP"; by: string } | { type: "RESET" };

type Transitions = {
  [S in State["status"]]: {
    [E in Event["type"]]?: (state: Extract<State, { status: S }>, event: Extract<Event, { type: E }>) => State;
  };
};

const LAPS = 2;

const transitions: Transitions = {
  idle: {
    START: () => ({ status: "countdown", left: 3 }),
  },
  countdown: {
    TICK: ({ left }) => (left > 1 ? { status: "countdown", left: left - 1 } : { status: "running", laps: {} }),
    RESET: () => ({ status: "idle" }),
  },
  running: {
    LAP: ({ laps }, { by }) => {
      const next = { ...laps, [by]: (laps[by] ?? 0) + 1 };
      return next[by] >= LAPS ? { status: "finished", winner: by, laps: next } : { status: "running", laps: next };
    },
  },
  finished: {
    RESET: () => ({ status: "idle" }),
  },
};

function transition(state: State, event: Event): State {
  const handler = transitions[state.status][event.type] as ((s: State, e: Event) => State) | undefined;
  return handler?.(state, event) ?? state;
}

const describe = (state: State): string => {
  switch (state.status) {
    case "idle": return "waiting";
    case "countdown": return `${state.left}`;
    case "running": return `laps ${JSON.stringify(state.laps)}`;
    case "finished": return `${state.winner} won`;
  }
};

export default class Race implements Party.Server {
  private state: State = { status: "idle" };
  private timer?: ReturnType<typeof setTimeout>;

  constructor(private readonly room: Party.Room) {}

  dispatch(event: Event): boolean {
    const next = transition(this.state, event);
    if (next === this.state) return false;
    this.state = next;
    this.room.broadcast(describe(this.state));
    if (this.state.status === "countdown") this.timer = setTimeout(() => this.dispatch({ type: "TICK" }), 10);
    else if (this.timer) (clearTimeout(this.timer), (this.timer = void 0));
    return true;
  }

  onMessage(message: string, sender: Party.Connection) {
    const type = message.toUpperCase() as Event["type"];
    if (!this.dispatch({ type, by: sender.id } as Event)) sender.send(`${type} means nothing while ${this.state.status}`);
  }
}
