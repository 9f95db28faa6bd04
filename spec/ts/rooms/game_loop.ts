import type * as Party from "partykit/server";

type Vec = { x: number; y: number };
type Input = { up?: boolean; down?: boolean; left?: boolean; right?: boolean };

const TICK_MS = 10;
const SPEED = 4;
const WORLD = { width: 40, height: 20 };
const GOAL: Vec = { x: 32, y: 8 };

class Player {
  position: Vec = { x: 0, y: 0 };
  velocity: Vec = { x: 0, y: 0 };
  input: Input = {};
  score = 0;

  constructor(public readonly id: string) {}

  update() {
    this.velocity.x = (Number(!!this.input.right) - Number(!!this.input.left)) * SPEED;
    this.velocity.y = (+!!this.input.down - +!!this.input.up) * SPEED;
    this.position.x = clamp(this.position.x + this.velocity.x, 0, WORLD.width);
    this.position.y = clamp(this.position.y + this.velocity.y, 0, WORLD.height);
  }
}

const clamp = (value: number, min: number, max: number) => Math.max(min, Math.min(max, value));

export default class GameLoop implements Party.Server {
  players: Record<string, Player> = {};
  interval: ReturnType<typeof setInterval> | null = null;
  tick = 0;

  constructor(readonly room: Party.Room) {}

  onConnect(conn: Party.Connection) {
    this.players[conn.id] = new Player(conn.id);
    conn.send(JSON.stringify({ type: "world", world: WORLD, goal: GOAL }));
  }

  onMessage(message: string, sender: Party.Connection) {
    const player = this.players[sender.id];
    Object.assign(player.input, JSON.parse(message));
    if (!this.interval) this.start();
  }

  start() {
    this.tick = 0;
    this.interval = setInterval(() => this.loop(), TICK_MS);
  }

  stop() {
    if (this.interval) clearInterval(this.interval);
    this.interval = null;
  }

  loop() {
    this.tick++;
    let isMoving = false;
    for (const player of Object.values(this.players)) {
      const before = { ...player.position };
      player.update();
      if (before.x !== player.position.x || before.y !== player.position.y) isMoving = true;
      if (Math.hypot(player.position.x - GOAL.x, player.position.y - GOAL.y) < 1) {
        player.score += 1;
        player.position = { x: 0, y: 0 };
        player.input = {};
        this.room.broadcast(JSON.stringify({ type: "goal", id: player.id, score: player.score, tick: this.tick }));
      }
    }
    this.room.broadcast(JSON.stringify({ type: "state", tick: this.tick, players: this.snapshot() }));
    if (!isMoving) this.stop();
  }

  snapshot() {
    return Object.entries(this.players).map(([id, { position: { x, y }, velocity }]) => ({
      id,
      at: [x, y],
      moving: velocity.x !== 0 || velocity.y !== 0,
    }));
  }

  onClose(conn: Party.Connection) {
    delete this.players[conn.id];
    if (Object.keys(this.players).length === 0) this.stop();
  }
}
