import type * as Party from "partykit/server";

interface Body {
  x: number;
  y: number;
  vx: number;
  vy: number;
  hits: number;
}

const WIDTH = 800;
const HEIGHT = 600;
const RADIUS = 12;
const DRAG = 1;

/** A game's tick: bodies that move, bounce off walls and off each other. */
export default class Game implements Party.Server {
  bodies: Body[] = [];
  ticks = 0;

  constructor(readonly room: Party.Room) {
    for (let i = 0; i < 16; i++) {
      this.bodies.push({ x: 40 + i * 45, y: 30 + ((i * 97) % 540), vx: (i % 5) - 2, vy: (i % 7) - 3, hits: 0 });
    }
  }

  onTick(): number {
    let energy = 0;
    for (const body of this.bodies) {
      this.move(body);
      energy += body.vx * body.vx + body.vy * body.vy;
    }
    for (let i = 0; i < this.bodies.length; i++) {
      for (let j = i + 1; j < this.bodies.length; j++) {
        this.collide(this.bodies[i], this.bodies[j]);
      }
    }
    this.ticks++;
    return Math.round(energy * 100) / 100;
  }

  private move(body: Body) {
    body.x += body.vx;
    body.y += body.vy;
    if (body.x < RADIUS || body.x > WIDTH - RADIUS) body.vx = -body.vx;
    if (body.y < RADIUS || body.y > HEIGHT - RADIUS) body.vy = -body.vy;
    body.vx *= DRAG;
    body.vy *= DRAG;
  }

  private collide(a: Body, b: Body) {
    const dx = b.x - a.x;
    const dy = b.y - a.y;
    const distance = Math.sqrt(dx * dx + dy * dy);
    if (distance === 0 || distance > 2 * RADIUS) return;
    const nx = dx / distance;
    const ny = dy / distance;
    const push = (a.vx - b.vx) * nx + (a.vy - b.vy) * ny;
    if (push <= 0) return;
    a.vx -= push * nx;
    a.vy -= push * ny;
    b.vx += push * nx;
    b.vy += push * ny;
    a.hits += 1;
    b.hits += 1;
  }
}
