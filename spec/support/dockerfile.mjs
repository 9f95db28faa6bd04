// dockerfile -- reads a Dockerfile: its stages, each a list of instructions.
import { readFileSync } from "node:fs";

// "A=1 B=2" as [["A", "1"], ["B", "2"]].
const pairs = (text) => text.split(/\s+/).map((word) => {
  const at = word.indexOf("=");
  if (at < 1) throw new Error(`no variable: ${word}`);
  return [word.slice(0, at), word.slice(at + 1)];
});

const words = (text) => JSON.parse(text);

// Each kind of instruction, and what it says. Another one is an error: nothing is passed over.
const KINDS = {
  CMD: words,
  COPY: (text) => {
    const [, from, rest] = /^(?:--from=(\S+)\s+)?(.*)$/.exec(text);
    const paths = rest.split(/\s+/);
    return { from, sources: paths.slice(0, -1), to: paths.at(-1) };
  },
  ENTRYPOINT: words,
  ENV: pairs,
  EXPOSE: Number,
  HEALTHCHECK: (text) => words(/\sCMD\s+(\[.*\])$/.exec(` ${text}`)[1]),
  RUN: (text) => text,
  USER: (text) => text,
  VOLUME: (text) => text,
  WORKDIR: (text) => text
};

/** The stages of a file: [{ base, name, steps: [{ kind, value }] }]. */
export function readStages(file) {
  const stages = [];
  const lines = readFileSync(file, "utf8").replaceAll(/^#.*\n/gm, "").replaceAll(/\\\n/g, " ");
  for (const line of lines.split("\n").filter((one) => one.trim() !== "")) {
    const [, kind, text] = /^([A-Z]+)\s+(.*?)\s*$/.exec(line) ?? [];
    const from = kind === "FROM" && /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(text);
    if (from) {
      stages.push({ base: from[1], name: from[2], steps: [] });
    } else if (kind in KINDS && stages.length > 0) {
      stages.at(-1).steps.push({ kind, value: KINDS[kind](text) });
    } else {
      throw new Error(`${file}: not understood: ${line}`);
    }
  }
  return stages;
}
