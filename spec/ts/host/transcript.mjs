// transcript -- the text of a scenario and of what its clients heard.
//
//   # a remark
//   in lobby-2                              the room of what follows, at first "room"
//   ann connects /?name=Ann                 also "ann connects /path [header: value | other: x]"
//   ann sends {"type":"hello"}
//   ann sends bytes 01 02 ff
//   ann closes 4000 enough
//   GET /count
//   POST /add [content-type: application/json] {"by":2}
//   until ann hears 3                       waits, for what timers and alarms bring
//     ann < {"type":"tick"}                 indented: what was heard in the step above
//
// A step of a recorded scenario stands with what was heard in it.

const VERBS = /^(connects|sends|closes)$/;

function parseHeaders(text) {
  const [, inside, rest] = /^\[([^\]]*)\]\s*(.*)$/s.exec(text) ?? [null, "", text];
  const headers = inside.split("|").filter(Boolean).map((each) => {
    const at = each.indexOf(":");
    return [each.slice(0, at).trim(), each.slice(at + 1).trim()];
  });
  return { headers: Object.fromEntries(headers), rest };
}

/** Cuts the first word off a text. */
function cut(text) {
  const [, word, rest] = /^(\S*)\s*(.*)$/s.exec(text);
  return [word, rest];
}

const unhex = (text) => Buffer.from(text.replaceAll(" ", ""), "hex");
const hex = (bytes) => (Buffer.from(bytes).toString("hex").match(/../g) ?? []).join(" ");

function parseClientStep(name, verb, rest) {
  if (verb === "connects") {
    const [path, more] = rest.startsWith("/") ? cut(rest) : ["/", rest];
    return { kind: "connect", name, path, headers: parseHeaders(more).headers };
  }
  if (verb === "closes") {
    const [code, reason] = cut(rest);
    return { kind: "close", name, code: code ? Number(code) : undefined, reason };
  }
  const isBytes = /^bytes\b/.test(rest);
  return { kind: "send", name, data: isBytes ? unhex(rest.slice(5)) : rest };
}

function parseStep(line) {
  const [first, rest] = cut(line);
  if (first === "in") return { kind: "in", room: rest };
  const until = /^until (\S+) hears (\d+)$/.exec(line);
  if (until) return { kind: "until", name: until[1], count: Number(until[2]) };
  if (/^[A-Z]+$/.test(first)) {
    const [path, more] = cut(rest);
    const { headers, rest: body } = parseHeaders(more);
    return { kind: "fetch", method: first, path, headers, body: body || undefined };
  }
  const [verb, more] = cut(rest);
  if (!VERBS.test(verb)) throw new Error(`no step: ${line}`);
  return parseClientStep(first, verb, more);
}

/** The steps of a text: { line, heard, and what the step is }; remarks have no kind. */
export function parse(text) {
  const steps = [];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    if (line.startsWith("  ")) steps.at(-1).heard.push(line);
    else if (line === "" || line.startsWith("#")) steps.push({ line, heard: [] });
    else steps.push({ line, heard: [], ...parseStep(line) });
  }
  return steps;
}

/** What a client heard, as lines of the transcript. */
export const shown = {
  message: (name, data) =>
    `  ${name} < ${typeof data === "string" ? data.replaceAll("\n", "\\n") : `bytes ${hex(data)}`}`,
  closed: (name, code, reason) => `  ${name} closed ${code}${reason ? ` ${reason}` : ""}`,
  refused: (name, status, text) => `  ${name} refused ${status} ${text}`.trimEnd(),
  answer: (status, headers, body) => {
    const head = [status, ...headers.map(([name, value]) => `[${name}: ${value}]`)].join(" ");
    return [`  ${head}`, ...(body === "" ? [] : body.split("\n").map((line) => `  | ${line}`))];
  },
};
