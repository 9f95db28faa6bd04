// operations -- what clients ask of a room, and what the room must hold afterwards.

// Keys of every kind of place they can have in the store: short, at the border of a page's key,
// one and two nodes further down.
const keys = [];
for (let i = 0; i < 12; i++) keys.push(`k${i}`);
for (let i = 0; i < 4; i++) keys.push(`${"k".repeat(501)}${i}`, `${"long/".repeat(120)}${i}`);
keys.push(`${"k".repeat(502)}`, `${"long/".repeat(300)}`);

const sizes = [0, 0, 10, 10, 100, 1000, 5000, 60000];

const fill = (random) => ({ keys: random.some(keys, random.between(1, 6)), size: random.of(sizes) });

const makers = {
  batch: fill,
  puts: (random) => ({ ...fill(random), gone: random.some(keys, random.below(3)) }),
  delete: (random) => ({ gone: random.some(keys, random.between(1, 4)) }),
  transaction: (random) => ({ ...fill(random), gone: random.some(keys, random.below(3)) }),
  rollback: fill,
  clear: () => ({}),
  arm: (random) => ({ ms: random.below(40) }),
  read: () => ({}),
};

const often = ["batch", "batch", "puts", "puts", "puts", "delete", "transaction", "transaction"];
const kinds = [...often, ...often, ...often, "rollback", "arm", "arm", "read", "read", "clear"];

export const writes = ({ op }) => op !== "read" && op !== "rollback";

export function makeOperation(random, token) {
  const op = random.of(kinds);
  return { t: token, op, ...makers[op](random) };
}

// Does to `state`, a Map, what the room does for an operation.
export function apply(state, operation) {
  const { t, op, keys: put = [], size, gone = [] } = operation;
  for (const key of put) state.set(key, `${t}:${size}`);
  for (const key of gone) state.delete(key);
  if (op === "arm") state.set("armed", t);
}
