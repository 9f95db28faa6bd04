// What the command line asks for.

import { parseArgs } from "node:util";

const help = `usage: bench/run [option...]

Runs partylua (build/release/partylua) beside other servers and prints ratios.

  --rounds N      rounds; each starts every server anew (3)
  --peers LIST    of partylua,bun,ws (all)
  --only LIST     scenarios whose name contains one of these words
  --quick         one round of short windows and few connections, to see that all of it runs
  --json FILE     write every single figure to FILE
  --list          print the names of the scenarios
  --self-check    see that the load generator notices servers that lose, double, reorder or
                  alter messages
`;

const known = {
  rounds: { type: "string", default: "3" },
  peers: { type: "string", default: "" },
  only: { type: "string", default: "" },
  quick: { type: "boolean", default: false },
  json: { type: "string", default: "" },
  list: { type: "boolean", default: false },
  "self-check": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
};

const words = (text) => text.split(",").filter((word) => word !== "");

/** Ends the program after --help and after a mistake. */
export function readOptions(argv) {
  let values;
  try {
    ({ values } = parseArgs({ args: argv, options: known }));
  } catch (error) {
    console.error(`bench: ${error.message}\n\n${help}`);
    process.exit(2);
  }
  if (values.help) {
    process.stdout.write(help);
    process.exit(0);
  }
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000) {
    console.error("bench: --rounds takes a whole number from 1 on");
    process.exit(2);
  }
  return {
    rounds: values.quick ? 1 : rounds,
    peers: words(values.peers),
    only: words(values.only),
    isQuick: values.quick,
    json: values.json,
    isList: values.list,
    isSelfCheck: values["self-check"],
  };
}
