import type * as Party from "partykit/server";

type Todo = { id: string; title: string; done: boolean; createdAt: number };
type Action =
  | { type: "add"; title: string }
  | { type: "toggle"; id: string }
  | { type: "edit"; id: string; title: string }
  | { type: "remove"; id: string }
  | { type: "clear" }
  | { type: "move"; id: string; to: number };

let counter = 0;
const nextId = () => `t${++counter}`;

function reducer(todos: Todo[], action: Action): Todo[] {
  switch (action.type) {
    case "add":
      return [...todos, { id: nextId(), title: action.title, done: false, createdAt: Date.now() }];
    case "toggle":
      return todos.map((t) => (t.id === action.id ? { ...t, done: !t.done } : t));
    case "edit":
      return todos.map((t) => (t.id !== action.id ? t : { ...t, title: action.title }));
    case "remove":
      return todos.filter(({ id }) => id !== action.id);
    case "clear":
      return todos.filter((t) => !t.done);
    case "move": {
      const index = todos.findIndex((t) => t.id === action.id);
      if (index < 0) return todos;
      const copy = todos.slice();
      const [item] = copy.splice(index, 1);
      copy.splice(action.to, 0, item);
      return copy;
    }
    default: {
      const never: never = action;
      throw new Error(`unexpected ${JSON.stringify(never)}`);
    }
  }
}

export default class Todos implements Party.Server {
  todos: Todo[] = [];
  constructor(readonly room: Party.Room) {}

  onMessage(message: string, sender: Party.Connection) {
    try {
      this.todos = reducer(this.todos, JSON.parse(message));
      this.room.broadcast(this.show());
    } catch (e) {
      sender.send(`error: ${(e as Error).message}`);
    }
  }

  show(filter?: (t: Todo) => boolean) {
    const shown = filter ? this.todos.filter(filter) : this.todos;
    return shown.map((t, i) => `${i + 1}. [${t.done ? "x" : " "}] ${t.title} (${t.id})`).join("\n");
  }

  onRequest(req: Party.Request) {
    const { searchParams: params } = new URL(req.url);
    const filters: Record<string, (t: Todo) => boolean> = { done: (t) => t.done, open: (t) => !t.done };
    const list = this.show(filters[params.get("filter")!]);
    const age = Math.max(...this.todos.map((t) => Date.now() - t.createdAt));
    return new Response(list || "nothing", { headers: { "x-recent": String(age < 60_000), "x-count": `${this.todos.length}` } });
  }
}
