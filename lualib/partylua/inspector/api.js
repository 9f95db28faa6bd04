// api -- asks the server that has served this page.
//
// The token came with the address that the log names. It is kept for this tab, and taken out of
// the address, where it could be read over a shoulder.
const given = new URLSearchParams(location.search).get("token");
if (given) {
  sessionStorage.setItem("token", given);
  history.replaceState(null, "", location.pathname + location.hash);
}

export const hasToken = () => sessionStorage.getItem("token") !== null;

export function setToken(token) {
  sessionStorage.setItem("token", token);
}

export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function send(path, query, { method = "GET", body, signal } = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "") search.set(name, value);
  }
  const token = sessionStorage.getItem("token") ?? "";
  return fetch(`${path}${search.size > 0 ? `?${search}` : ""}`, {
    method, signal, body: body === undefined ? undefined : JSON.stringify(body),
    headers: { authorization: `Bearer ${token}` }, cache: "no-store",
  });
}

async function refuse(response) {
  const text = await response.text();
  let message = text;
  try {
    message = JSON.parse(text).error ?? text;
  } catch {
    // not ours: shown as it is
  }
  throw new Refusal(response.status, message || `the server answered ${response.status}`);
}

// The JSON that the server answers.
export async function ask(path, query, options) {
  const response = await send(path, query, options);
  if (!response.ok) await refuse(response);
  return response.json();
}

// An action: POST with a JSON body.
export const act = (path, query, body = {}) => ask(path, query, { method: "POST", body });

// The lines of an answer, each parsed.
export async function lines(path, query) {
  const response = await send(path, query);
  if (!response.ok) await refuse(response);
  return (await response.text()).split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

async function readLines(body, onLine) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const part of parts) if (part) onLine(JSON.parse(part));
  }
}

// Calls onLine for each line that comes, until the returned function is called. When the
// connection is lost it begins anew, a second later.
export function follow(path, query, onLine, onState = () => {}) {
  const stop = new AbortController();
  async function run() {
    while (!stop.signal.aborted) {
      try {
        const response = await send(path, query, { signal: stop.signal });
        if (!response.ok) await refuse(response);
        onState(true);
        await readLines(response.body, onLine);
      } catch (error) {
        if (stop.signal.aborted) return;
        if (error instanceof Refusal && error.status < 500) return onState(false, error);
      }
      onState(false);
      await new Promise((resume) => setTimeout(resume, 1000));
    }
  }
  run();
  return () => stop.abort();
}
