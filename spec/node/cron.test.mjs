// Cron expressions, held against cron-parser and against looking at every minute, at random.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { CronExpressionParser } from "cron-parser";
import { changesBetween, minuteByMinute } from "../support/clocks.mjs";
import { program, root } from "../support/server.mjs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// Zones whose rules have been left alone, so that old and new time zone data agree on them.
const ZONES = [
  "Europe/Berlin", "Europe/London", "America/New_York", "America/St_Johns", "Australia/Sydney",
  "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Asia/Kolkata", "Asia/Kathmandu",
  "Asia/Tokyo", "America/Phoenix", "UTC"
];

// Random numbers, the same ones in every run (mulberry32).
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

// What the server's own code says, for a list of { expression, zone, after, count }.
async function ask(questions) {
  const child = spawn(program, [resolve(root, "spec/node/cron_next.lua")], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => { output += text; });
  const ended = new Promise((done) => child.once("close", done));
  child.stdin.end(questions.map((question) => JSON.stringify(question) + "\n").join(""));
  assert.equal(await ended, 0);
  const answers = output.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(answers.length, questions.length);
  return answers;
}

function askCronParser({ expression, zone, after, count }) {
  const parsed = CronExpressionParser.parse(expression, { tz: zone, currentDate: new Date(after) });
  return Array.from({ length: count }, () => parsed.next().getTime());
}

// The same, or nothing where cron-parser loses its way: a change of half an hour is too odd for it.
function askOrGiveUp(question) {
  try {
    return askCronParser(question);
  } catch (error) {
    if (question.zone === "Australia/Lord_Howe" && /loop limit/.test(error.message)) return undefined;
    throw error;
  }
}

class Maker {
  constructor(seed) { this.next = random(seed); }
  int(least, most) { return least + Math.floor(this.next() * (most - least + 1)); }
  pick(list) { return list[this.int(0, list.length - 1)]; }
  chance(share) { return this.next() < share; }

  value(kind) {
    const value = this.int(kind.least, kind.most);
    if (!kind.names || this.chance(0.5)) return [String(value), value];
    const name = kind.names[value - kind.least];
    return [this.pick([name, name.toLowerCase()]), value];
  }

  item(kind) {
    const [first, a] = this.value(kind), [second, b] = this.value(kind);
    const step = this.chance(0.3) ? `/${this.int(1, kind.most - kind.least)}` : "";
    if (a < b && this.chance(0.4)) return `${first}-${second}${step}`;
    if (kind.hasStarSteps && step && this.chance(0.5)) return `*${step}`;
    return kind.hasOpenSteps ? first + step : first;
  }

  field(kind) {
    if (this.chance(kind.stars)) return "*";
    return Array.from({ length: this.chance(0.3) ? this.int(2, 4) : 1 }, () => this.item(kind)).join(",");
  }

  // cron-parser wants no value twice in a list.
  expression(kinds = KINDS) {
    for (;;) {
      const text = kinds.map((kind) => this.field(kind)).join(" ");
      try {
        CronExpressionParser.parse(text);
        return text;
      } catch (error) {
        if (!/duplicate values/.test(error.message)) return text;
      }
    }
  }

  moment(from, to) { return Math.floor(Date.UTC(from, 0) + this.next() * (Date.UTC(to, 0) - Date.UTC(from, 0))); }
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

// Steps are left out where cron-parser means something else by them (see below).
const KINDS = [
  { least: 0, most: 59, stars: 0.2, hasStarSteps: true, hasOpenSteps: true },
  { least: 0, most: 23, stars: 0.4, hasStarSteps: true, hasOpenSteps: true },
  { least: 1, most: 31, stars: 0.6, hasOpenSteps: true },
  { least: 1, most: 12, stars: 0.7, hasStarSteps: true, hasOpenSteps: true, names: MONTHS },
  { least: 0, most: 6, stars: 0.6, names: WEEKDAYS }
];

const shown = (times) => times.map((at) => new Date(at).toISOString());

describe("a cron expression", () => {
  test("comes true when cron-parser says so, in UTC", async () => {
    const maker = new Maker(1);
    const questions = Array.from({ length: 5000 }, () => (
      { expression: maker.expression(), zone: "UTC", after: maker.moment(1970, 2150), count: 4 }));
    const answers = await ask(questions);
    let refused = 0;
    questions.forEach((question, i) => {
      let expected;
      try {
        expected = shown(askCronParser(question));
      } catch (error) {
        refused += 1;
        assert.match(answers[i].fault ?? "", /never comes true/, `${question.expression}: ${error.message}`);
        return;
      }
      assert.deepEqual(shown(answers[i].times), expected, JSON.stringify(question));
    });
    assert.ok(refused < 100, `${refused} were refused`);
  });

  test("comes true when cron-parser says so, in zones, where no clocks are changed", async () => {
    const maker = new Maker(2);
    const questions = Array.from({ length: 3000 }, () => (
      { expression: maker.expression(), zone: maker.pick(ZONES), after: maker.moment(1995, 2120), count: 4 }));
    const answers = await ask(questions);
    let differing = 0;
    questions.forEach((question, i) => {
      if (answers[i].fault) return;
      const times = answers[i].times, expected = askOrGiveUp(question);
      if (!expected) return;
      const at = times.findIndex((time, n) => time !== expected[n]);
      if (at < 0) return;
      differing += 1;
      const first = Math.min(times[at], expected[at]);
      const changes = changesBetween(question.zone, first - 3 * HOUR, first + 25 * HOUR, HOUR);
      assert.equal(changes.length, 1, `${JSON.stringify(question)}: ${shown(times)}, not ${shown(expected)}`);
    });
    assert.ok(differing < 60, `${differing} differ around changes of clocks`);
  });

  test("keeps to its rules around changes of clocks, looking at each minute", async () => {
    const maker = new Maker(3);
    const kinds = KINDS.map((kind, i) => ({ ...kind, names: undefined, stars: [0.3, 0.4, 0.9, 0.9, 0.9][i] }));
    const questions = [];
    while (questions.length < 400) {
      const zone = maker.pick(ZONES), year = maker.moment(1996, 2100);
      const change = maker.pick(changesBetween(zone, year, year + 365 * DAY, 10 * DAY));
      if (!change) continue;
      const after = Math.floor(change.at / MINUTE) * MINUTE - maker.int(0, 30 * 60) * MINUTE;
      const stop = after + 34 * HOUR;
      questions.push({ expression: maker.expression(kinds), zone, after, stop, count: 34 * 60 });
    }
    const answers = await ask(questions);
    questions.forEach((question, i) => {
      if (answers[i].fault) return;
      const { expression, zone, after, stop } = question;
      const expected = minuteByMinute(expression, zone, after, stop);
      assert.deepEqual(shown(answers[i].times), shown(expected), JSON.stringify(question));
    });
  });
});

// Where it is meant to differ. Each line is a rule of docs/crons.md.
describe("a cron expression, unlike in cron-parser,", () => {
  async function both(expression, zone, after, count = 3) {
    const question = { expression, zone, after: Date.parse(after), count };
    const [{ times }] = await ask([question]);
    return { ours: shown(times), theirs: shown(askCronParser(question)) };
  }

  test("runs once for all of its times in a gap, at the first moment after it", async () => {
    const { ours, theirs } = await both("15,45 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2);
    assert.deepEqual(ours, ["2026-03-29T01:00:00.000Z", "2026-03-30T00:15:00.000Z"]);
    assert.notDeepEqual(theirs, ours);
  });

  test("leaves a gap out when it is a rhythm", async () => {
    const { ours, theirs } = await both("0 */2 * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", 2);
    assert.deepEqual(ours, ["2026-03-29T02:00:00.000Z", "2026-03-29T04:00:00.000Z"]);
    assert.notDeepEqual(theirs, ours);
  });

  test("runs in both hours of the same name when it is a rhythm", async () => {
    const { ours, theirs } = await both("0 */2 * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", 2);
    assert.deepEqual(ours, ["2026-10-25T00:00:00.000Z", "2026-10-25T01:00:00.000Z"]);
    assert.notDeepEqual(theirs, ours);
  });

  test("takes a step on a star for no restriction of the day, as crontab(5) does", async () => {
    const { ours, theirs } = await both("0 0 */2 * MON", "UTC", "2026-05-01T00:00:00Z", 2);
    assert.deepEqual(ours, ["2026-05-11T00:00:00.000Z", "2026-05-25T00:00:00.000Z"]);
    assert.notDeepEqual(theirs, ours);
  });

  test("counts from a day of the week to Saturday, not to a second Sunday", async () => {
    const { ours, theirs } = await both("0 0 * * 1/3", "UTC", "2026-05-01T00:00:00Z", 3);
    assert.deepEqual(ours, ["2026-05-04T00:00:00.000Z", "2026-05-07T00:00:00.000Z", "2026-05-11T00:00:00.000Z"]);
    assert.notDeepEqual(theirs, ours);
  });
});
