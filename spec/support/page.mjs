// page -- the blocks of a page of our docs, in one language.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./server.mjs";

/** [{ heading, text }] of the blocks in a language, from top to bottom. */
export function blocks(page, language) {
  const found = [];
  let heading = "", lines;
  for (const line of readFileSync(join(root, page), "utf8").split("\n")) {
    if (lines) {
      if (line === "```") {
        found.push({ heading, text: lines.join("\n") });
        lines = undefined;
      } else {
        lines.push(line);
      }
    } else if (line === `\`\`\`${language}`) {
      lines = [];
    } else if (/^#+ /.test(line)) {
      heading = line.replace(/^#+ /, "");
    }
  }
  return found;
}

/** What was typed and what came, of a console block: [{ command, output }]. */
export function typed(text) {
  return text.split(/^\$ /m).slice(1).map((part) => {
    const [command, ...output] = part.trimEnd().split("\n");
    return { command, output: output.join("\n") };
  });
}
