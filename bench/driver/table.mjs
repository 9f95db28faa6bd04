// Prints the figures: what a unit costs, as ratios; and how fast it went.

import { median } from "./scenarios.mjs";

const subject = "partylua";
const yardstick = "bun";

const digits = (number) => (number >= 100 ? 0 : number >= 10 ? 1 : 2);
const show = (number, unit) => `${number.toFixed(digits(Math.abs(number)))} ${unit}`;

function showTime(us) {
  if (!(us >= 0)) return "?";
  return us < 1000 ? show(us, "us") : show(us / 1000, "ms");
}

function showRate(rate) {
  return rate >= 1e6 ? `${(rate / 1e6).toFixed(2)} M/s` : `${(rate / 1e3).toFixed(1)} k/s`;
}

/** Left-aligned first column, right-aligned others. */
function printColumns(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  for (const row of rows) {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
    console.log(cells.join("  ").trimEnd());
  }
}

/** Figures by scenario, peer and round. */
class Figures {
  constructor(bench, results) {
    this.bench = bench;
    this.results = results;
  }

  /** The figure that is compared in each round; undefined where a run failed. */
  costs(scenario, peer) {
    return this.rounds(scenario, peer).map(({ cpu_us, value }) => cpu_us ?? value);
  }

  rounds(scenario, peer) {
    return this.results
      .filter((result) => result.scenario === scenario.name && result.peer === peer)
      .map((result) => result.figures);
  }

  /** partylua's cost divided by another's, in each round where both have one. */
  ratios(scenario, peer) {
    const theirs = this.costs(scenario, peer);
    return this.costs(scenario, subject)
      .map((cost, round) => cost / theirs[round])
      .filter((ratio) => Number.isFinite(ratio));
  }

  middle(scenario, peer, pick) {
    const numbers = this.rounds(scenario, peer).map(pick).filter(Number.isFinite);
    return numbers.length === 0 ? undefined : median(numbers);
  }
}

function showCost(figures, scenario, peer) {
  const costs = figures.costs(scenario, peer).filter(Number.isFinite);
  return costs.length === 0 ? "failed" : show(median(costs), scenario.unit ?? "us");
}

function showRatio(figures, scenario, peer) {
  const ratios = figures.ratios(scenario, peer);
  if (ratios.length === 0) return "-";
  const middle = median(ratios).toFixed(2);
  if (ratios.length === 1) return middle;
  return `${middle} (${Math.min(...ratios).toFixed(2)}..${Math.max(...ratios).toFixed(2)})`;
}

/** [what is to be reached, whether it was]. */
function judge(figures, scenario) {
  if (scenario.reach === undefined) return ["", ""];
  const { absolute, reach, unit } = scenario;
  const bound = absolute ? `<= ${reach} ${unit}` : `<= ${reach} x bun`;
  const costs = figures.costs(scenario, subject);
  const reached = absolute ? costs.filter(Number.isFinite) : figures.ratios(scenario, yardstick);
  if (costs.includes(undefined)) return [bound, "FAILED"];
  if (reached.length === 0) return [bound, "not compared"];
  return [bound, median(reached) <= reach ? "reached" : "NOT REACHED"];
}

function printCosts(figures) {
  const names = figures.bench.peers.map((peer) => peer.name);
  const others = names.includes(subject) ? names.filter((name) => name !== subject) : [];
  console.log("\nServer CPU (user + system) a unit, or what else is said: median over rounds;");
  console.log("a ratio is partylua's figure by the other's in the same round, with its range\n");
  const head = ["scenario", "unit", ...names, ...others.map((name) => `/ ${name}`)];
  const rows = [[...head, "to reach", ""]];
  for (const scenario of figures.bench.scenarios) {
    const unit = figures.rounds(scenario, names[0])[0]?.unit ?? "";
    const costs = names.map((name) => showCost(figures, scenario, name));
    const ratios = others.map((name) => showRatio(figures, scenario, name));
    rows.push([scenario.name, unit, ...costs, ...ratios, ...judge(figures, scenario)]);
  }
  printColumns(rows);
}

function showSpeed(figures, scenario, peer) {
  const rate = figures.middle(scenario, peer, (figure) => figure.per_second);
  if (rate === undefined) return ["failed", "", ""];
  const time = (name) => showTime(figures.middle(scenario, peer, (figure) => figure[name]));
  return [showRate(rate), time("p50_us"), time("p99_us")];
}

function printSpeeds(figures) {
  const names = figures.bench.peers.map((peer) => peer.name);
  const timed = figures.bench.scenarios.filter((scenario) => scenario.fresh === undefined);
  if (timed.length === 0) return;
  console.log("\nThroughput and latency, median over rounds (they move with whatever else the");
  console.log("machine does, far more than CPU a unit)\n");
  const rows = [["scenario", ...names.flatMap((name) => [name, "p50", "p99"])]];
  for (const scenario of timed)
    rows.push([scenario.name, ...names.flatMap((name) => showSpeed(figures, scenario, name))]);
  printColumns(rows);
}

export function printHead({ commit, isDirty, machine, cores, peers, rounds, isQuick }) {
  const count = rounds === 1 ? "1 round" : `${rounds} rounds`;
  console.log(`partylua bench, commit ${commit}${isDirty ? ", tree is dirty" : ""}, ${count}`);
  console.log(peers.map((peer) => peer.version).join("; "));
  const pinning = cores === null ? "nothing pinned" : `server on core ${cores[0]}, load on core ${cores[1]}`;
  console.log(`${machine}; ${pinning}`);
  if (isQuick) console.log("--quick: too short for figures worth quoting");
}

export function printTables(bench, results) {
  const figures = new Figures(bench, results);
  printCosts(figures);
  printSpeeds(figures);
}
