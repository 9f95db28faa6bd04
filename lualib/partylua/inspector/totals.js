// totals -- what changed between two answers of /api/totals.

// The duration that a share of the hooks between two answers stayed below, in seconds.
export function quantile(before, after, share) {
  const counts = after.hooks.map(([, count], i) => count - before.hooks[i][1]);
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return 0;
  let passed = 0;
  for (let i = 0; i < counts.length; i++) {
    passed += counts[i];
    if (passed < all * share) continue;
    const bound = after.hooks[i][0];
    return bound < 0 ? after.hooks[i - 1][0] : bound;
  }
  return 0;
}

export function rates(before, after) {
  const seconds = Math.max((after.at - before.at) / 1000, 1e-3);
  return {
    received: Math.max(0, after.received - before.received) / seconds,
    sent: Math.max(0, after.sent - before.sent) / seconds,
    p50: quantile(before, after, 0.5),
    p99: quantile(before, after, 0.99),
  };
}

export function duration(seconds) {
  if (seconds === 0) return "–";
  if (seconds < 1e-3) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${Math.round(seconds * 1e3)} ms`;
  return `${seconds.toFixed(1)} s`;
}
