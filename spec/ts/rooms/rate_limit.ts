import type * as Party from "partykit/server";

interface Limiter {
  nextAllowedTime: number;
}

/** Refuses what comes too fast: a bucket of tokens for each connection. */
class TokenBucket {
  #tokens: number;
  #refilledAt: number;
  violations = 0;

  constructor(
    private readonly capacity: number,
    private readonly refillPerSecond: number,
    now = Date.now()
  ) {
    this.#tokens = capacity;
    this.#refilledAt = now;
  }

  take(now = Date.now()): boolean {
    const elapsed = (now - this.#refilledAt) / 1000;
    this.#tokens = Math.min(this.capacity, this.#tokens + elapsed * this.refillPerSecond);
    this.#refilledAt = now;
    if (this.#tokens < 1) {
      this.violations += 1;
      return false;
    }
    this.#tokens -= 1;
    return true;
  }
}

const buckets = new WeakMap<Party.Connection, TokenBucket>();

function rateLimit(conn: Party.Connection, action: () => void) {
  let bucket = buckets.get(conn);
  if (!bucket) buckets.set(conn, (bucket = new TokenBucket(3, 0.001)));
  if (bucket.take()) {
    action();
  } else if (bucket.violations >= 3) {
    conn.close(4429, "too many messages");
  } else {
    conn.send(JSON.stringify({ limited: true, violations: bucket.violations }));
  }
}

export default class RateLimited implements Party.Server {
  limits: { [ip: string]: Limiter } = {};

  constructor(readonly room: Party.Room) {}

  static async onBeforeRequest(req: Party.Request) {
    const key = req.headers.get("x-api-key");
    if (!key) {
      return new Response("Slow down", { status: 429, headers: { "Retry-After": "60" } });
    }
    return req;
  }

  onMessage(message: string, sender: Party.Connection) {
    rateLimit(sender, () => this.room.broadcast(`${sender.id}: ${message}`));
  }

  async onRequest(req: Party.Request) {
    const key = req.headers.get("x-api-key")!;
    const limit = (this.limits[key] ??= { nextAllowedTime: 0 });
    const now = Date.now();
    if (now < limit.nextAllowedTime) return new Response("Too Many Requests", { status: 429 });
    limit.nextAllowedTime = now + 60_000;
    return new Response("OK");
  }
}
