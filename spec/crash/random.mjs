// random -- chances that come again with the same seed.

export function createRandom(seed) {
  let state = seed >>> 0;

  // mulberry32: small, and even enough for choosing what to do.
  function next() {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  const below = (count) => Math.floor(next() * count);
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (share) => next() < share,
    of: (list) => list[below(list.length)],
    some: (list, count) => Array.from({ length: count }, () => list[below(list.length)]),
    fork: () => createRandom(below(2 ** 32)),
  };
}
