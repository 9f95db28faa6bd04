// clocks -- what the clocks of a time zone show, asked of Node's own time zone data.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const formats = new Map();

function formatOf(zone) {
  if (!formats.has(zone)) {
    formats.set(zone, new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
      hour: "numeric", minute: "numeric", second: "numeric"
    }));
  }
  return formats.get(zone);
}

// How far the clocks are ahead of UTC, in milliseconds.
export function offsetAt(zone, at) {
  const part = Object.fromEntries(formatOf(zone).formatToParts(at).map(({ type, value }) => [type, +value]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second)
    - Math.floor(at / 1000) * 1000;
}

// The moments between `from` and `to` at which the clocks are changed, with the offsets.
export function changesBetween(zone, from, to, step = 12 * HOUR) {
  const changes = [];
  for (let at = from; at < to; at += step) {
    let [low, high] = [at, Math.min(at + step, to)];
    const before = offsetAt(zone, low), after = offsetAt(zone, high);
    if (before === after) continue;
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000;
      if (offsetAt(zone, middle) === before) low = middle;
      else high = middle;
    }
    changes.push({ at: high, before, after });
  }
  return changes;
}

function valuesOf(text, least, most) {
  const values = new Set();
  for (const item of text.split(",")) {
    const [range, step] = item.split("/");
    const [first, last] = range === "*" ? [least, most] : range.split("-").map(Number);
    const end = last ?? (step ? most : first);
    for (let value = first; value <= end; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

// Whether clocks that show `shown` (milliseconds as if there were no zones) meet an expression of
// numbers.
function matcher(expression) {
  const [minute, hour, day, month, weekday] = expression.split(" ");
  const minutes = valuesOf(minute, 0, 59), hours = valuesOf(hour, 0, 23);
  const days = valuesOf(day, 1, 31), months = valuesOf(month, 1, 12);
  const weekdays = new Set([...valuesOf(weekday, 0, 6)].map((value) => value % 7));
  const isEither = !day.includes("*") && !weekday.includes("*");
  return (shown) => {
    const date = new Date(shown);
    if (!minutes.has(date.getUTCMinutes()) || !hours.has(date.getUTCHours())) return false;
    if (!months.has(date.getUTCMonth() + 1)) return false;
    const byDate = days.has(date.getUTCDate()), byWeek = weekdays.has(date.getUTCDay());
    return isEither ? byDate || byWeek : byDate && byWeek;
  };
}

// Every moment after `from` and up to `to` at which the expression comes true, found by looking at
// each minute and by following the rules of docs/crons.md to the letter. One change of clocks, at
// most, may lie in between.
export function minuteByMinute(expression, zone, from, to) {
  const matches = matcher(expression);
  const hour = expression.split(" ")[1];
  const isRhythm = /[*/]/.test(hour) || valuesOf(hour, 0, 23).size === 24;
  const [change] = changesBetween(zone, from - 26 * HOUR, to);
  const jump = change ? change.after - change.before : 0;
  const constant = offsetAt(zone, from);
  const times = new Set();
  for (let at = from + MINUTE; at <= to; at += MINUTE) {
    const shown = at + (!change ? constant : at < change.at ? change.before : change.after);
    const isSecond = change && at >= change.at && at < change.at - jump;
    if (matches(shown) && (isRhythm || !isSecond)) times.add(at);
  }
  if (!isRhythm && change && change.at > from && change.at <= to) {
    for (let skipped = 0; skipped < jump; skipped += MINUTE) {
      if (matches(change.at + change.before + skipped)) times.add(change.at);
    }
  }
  return [...times].sort((a, b) => a - b);
}
