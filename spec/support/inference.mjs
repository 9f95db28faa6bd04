// inference -- the provider of the specs on AI: OpenAI's protocol below /v1, the REST form of
// Workers AI below /client/v4. What a model does, well or badly, is in its name.
//
// It prints "http=PORT" and serves until it is stopped. The key is "spec-key".
import { createServer } from "node:http";

const KEY = "spec-key";
const ACCOUNT = "spec-account";
const requests = []; // { method, path, headers, body } in the order they came
const gone = []; // models whose reader left before the end
const waiting = new Map(); // the model wait-NAME: what /go/NAME releases
let active = 0;
let mostActive = 0;
const activeIn = {}; // the same by room: hold-ROOM1 and hold-ROOM2 are one's
let mostActiveInOne = 0;

function readBody(request) {
  return new Promise((done) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => done(Buffer.concat(chunks)));
    request.on("error", () => done(Buffer.alloc(0)));
  });
}

function json(response, value, status = 200, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

// The same words in both protocols, and how each wraps them.
const openai = {
  whole: (text) => ({
    id: "chatcmpl-1", object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  }),
  piece: (text) => ({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] }),
  last: () => ({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
  failure: (code, message) => ({ error: { message, type: "error", code } }),
};
const workers = {
  whole: (text) => ({ result: { response: text }, success: true, errors: [], messages: [] }),
  piece: (text) => ({ response: text, p: "abc" }),
  last: () => ({ response: "", usage: { total_tokens: 5 } }),
  failure: (code, message) => ({ errors: [{ message, code }], success: false, result: {}, messages: [] }),
};

const event = (value) => `data: ${JSON.stringify(value)}\n\n`;

function startStream(response) {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "x-request-id": "req-7" });
}

function stream(response, form, pieces) {
  startStream(response);
  for (const piece of pieces) response.write(event(form.piece(piece)));
  response.write(event(form.last()));
  response.end("data: [DONE]\n\n");
}

const TOOLS = [{ index: 0, id: "call_1", function: { name: "weather", arguments: '{"pla' } },
  { index: 0, function: { arguments: 'ce":"Oslo"}' } }];

const models = {
  // Says what it was asked, word by word when it streams.
  echo(response, form, body) {
    const text = body.prompt ?? body.messages.map((each) => `${each.role}: ${each.content}`).join(" / ");
    if (body.stream) return stream(response, form, text.split(/(?<= )/));
    json(response, form.whole(text), 200, { "x-request-id": "req-7" });
  },
  tools(response, form, body) {
    if (!body.stream) {
      const [{ id }] = TOOLS;
      const message = { role: "assistant", content: null, tool_calls: [{ id, type: "function",
        function: { name: "weather", arguments: '{"place":"Oslo"}' } }] };
      return json(response, { choices: [{ message, finish_reason: "tool_calls" }] });
    }
    startStream(response);
    for (const call of TOOLS) response.write(event({ choices: [{ delta: { tool_calls: [call] } }] }));
    response.end(event({ choices: [{ delta: {}, finish_reason: "tool_calls" }] }));
  },
  // Streams the first word, and the rest when /go/NAME was asked for.
  wait(response, form, body, name) {
    startStream(response);
    response.write(event(form.piece("first ")));
    waiting.set(name, () => {
      response.write(event(form.piece("second")));
      response.write(event(form.last()));
      response.end("data: [DONE]\n\n");
    });
  },
  // A word again and again until its reader has gone.
  drip(response, form) {
    startStream(response);
    const timer = setInterval(() => response.write(event(form.piece("drop "))), 5);
    response.on("close", () => clearInterval(timer));
  },
  stall() {},
  // Says much, and then nothing more.
  mute(response, form) {
    startStream(response);
    for (let i = 0; i < 100; i += 1) response.write(event(form.piece("word ".repeat(100))));
  },
  hold(response, form, body, name) {
    active += 1;
    mostActive = Math.max(mostActive, active);
    const room = name.slice(0, -1);
    activeIn[room] = (activeIn[room] ?? 0) + 1;
    mostActiveInOne = Math.max(mostActiveInOne, activeIn[room]);
    waiting.set(name, () => {
      active -= 1;
      activeIn[room] -= 1;
      json(response, form.whole("held"));
    });
  },
  cut(response, form) {
    startStream(response);
    response.write(event(form.piece("half ")));
    setImmediate(() => response.socket.destroy());
  },
  // Ends as an answer does, but not as a stream of events does.
  unfinished(response, form) {
    startStream(response);
    response.end(event(form.piece("half ")));
  },
  // Neither does every server say [DONE].
  undone(response, form) {
    startStream(response);
    response.write(event(form.piece("all")));
    response.end(event(form.last()));
  },
  split(response, form) {
    startStream(response);
    const bytes = Buffer.from(`\ufeff: hello\r\n\r\nevent: x\r\ndata: ${JSON.stringify(form.piece("grüße"))}\r\n\r\ndata: [DONE]\n\n`);
    let at = 0;
    (function more() {
      if (at === bytes.length) return response.end();
      response.write(bytes.subarray(at, (at += 1)), () => setImmediate(more));
    })();
  },
  "bad-event"(response, form) {
    startStream(response);
    response.end(event(form.piece("one ")) + "data: {nonsense\n\n");
  },
  "late-error"(response, form) {
    startStream(response);
    response.end(event(form.piece("one ")) + event(form.failure("overloaded", "no more room")));
  },
  "large-event"(response) {
    startStream(response);
    const piece = "x".repeat(65536);
    (function more() {
      while (!response.destroyed) {
        if (!response.write(response.headersSent && piece)) return void response.once("drain", more);
      }
    })();
  },
  "bad-json"(response) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end('{"choices": [');
  },
  odd: (response) => json(response, { choices: [{ message: { tool_calls: [7] } }], success: true, result: 7 }),
  shapeless: (response) => json(response, { success: true, result: { nothing: true } }),
  html(response) {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end("<!doctype html><p>A page</p>");
  },
  huge(response) {
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"choices":"');
    const piece = "x".repeat(65536);
    (function more() {
      while (!response.destroyed) {
        if (!response.write(piece)) return void response.once("drain", more);
      }
    })();
  },
  busy: (response, form) => json(response, form.failure("rate_limited", "slow down"), 429, { "retry-after": "7" }),
  down(response) {
    response.writeHead(500, { "content-type": "text/html" });
    response.end(`<h1>Oops</h1>\r\n${"y".repeat(5000)}`);
  },
  nothing(response) {
    response.writeHead(503);
    response.end();
  },
  // Says the key it was given, which nobody should see.
  leak: (response, form, body, name, request) =>
    json(response, form.failure("bad", `bad header ${request.headers.authorization}`), 400),
  // The same at the place where a long text is cut.
  "long-leak"(response, form, body, name, request) {
    startStream(response);
    response.end(event(form.failure("bad", `${"x".repeat(480)} ${request.headers.authorization}`)));
  },
  moved(response) {
    response.writeHead(307, { location: "http://127.0.0.1:9/" });
    response.end();
  },
  image(response) {
    response.writeHead(200, { "content-type": "image/png" });
    response.end(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0]));
  },
};

function refuses(request, response, form) {
  if (request.headers.authorization === `Bearer ${KEY}`) return false;
  json(response, form.failure("invalid_api_key", `Incorrect API key provided: ${request.headers.authorization}`), 401);
  return true;
}

function runModel(request, response, form, model, body) {
  const [name, ...rest] = model.split("-");
  const run = models[model] ?? models[name];
  response.on("close", () => response.writableFinished || gone.push(model));
  response.on("error", () => {});
  if (!run) return json(response, form.failure(5007, `No such model ${model}`), 404);
  run(response, form, body, rest.join("-"), request);
}

const vector = (text) => [text.length, 0.5, -1];

const routesOfOpenai = {
  "/chat/completions": (request, response, body) => runModel(request, response, openai, body.model, body),
  "/completions": (request, response, body) => json(response, {
    choices: [{ text: `${body.prompt}, raw`, finish_reason: "stop" }],
  }),
  // Backwards, as the index says.
  "/embeddings"(request, response, body) {
    if (body.model === "shapeless") return json(response, { data: [] });
    const data = body.input.map((text, index) => ({ object: "embedding", index, embedding: vector(text) }));
    json(response, { object: "list", data: data.reverse(), model: body.model });
  },
  "/images/generations": (request, response, body) => json(response, {
    data: [body.response_format === "b64_json" ? { b64_json: Buffer.from("\x89PNG\0", "latin1").toString("base64") } : { url: "http://elsewhere/" }],
  }),
  "/audio/transcriptions": (request, response) => json(response, {
    text: "hello", words: [{ word: "hello", start: 0, end: 0.5 }],
  }),
  "/models": (request, response) => json(response, {
    object: "list",
    data: ["echo", "tools", "nomic-embed-text"].map((id) => ({ id, object: "model", owned_by: "spec" })),
  }),
};

const ALL = [
  { id: "1", name: "@cf/meta/llama-3.1-8b-instruct", description: "talks", task: { id: "t", name: "Text Generation" }, tags: ["a"] },
  { id: "2", name: "@cf/baai/bge-small-en-v1.5", description: "embeds", task: { id: "e", name: "Text Embeddings" }, tags: [] },
];

function serveWorkers(request, response, url, body) {
  const [, account, what] = url.pathname.match(/^\/client\/v4\/accounts\/([^/]+)\/ai\/(.*)$/) ?? [];
  if (account !== ACCOUNT) return json(response, workers.failure(7003, "No such account"), 404);
  if (what === "models/search") {
    const search = url.searchParams.get("search") ?? "";
    return json(response, { result: ALL.filter((each) => each.name.includes(search)), success: true, errors: [] });
  }
  const model = decodeURIComponent(what.slice("run/".length)).replace(/^@cf\/spec\//, "");
  if (model === "embed") {
    const texts = [body.text].flat();
    return json(response, { result: { shape: [texts.length, 3], data: texts.map(vector) }, success: true, errors: [] });
  }
  if (model === "classify") {
    return json(response, { result: [{ label: `of ${body.image.length} bytes`, score: 0.9 }], success: true, errors: [] });
  }
  if (model === "refused") return json(response, workers.failure(5006, "bad input"), 200);
  runModel(request, response, workers, model, body);
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://spec");
  if (url.pathname === "/stats") return json(response, { requests, gone, mostActive, mostActiveInOne, active });
  if (url.pathname.startsWith("/go/")) {
    const name = url.pathname.slice(4);
    waiting.get(name)?.();
    return json(response, { went: waiting.delete(name) });
  }
  const bytes = await readBody(request);
  const isJson = request.headers["content-type"] === "application/json";
  const body = isJson ? JSON.parse(bytes.toString()) : bytes.toString("latin1");
  requests.push({ method: request.method, path: request.url, headers: request.headers, body });
  const form = url.pathname.startsWith("/v1") ? openai : workers;
  if (refuses(request, response, form)) return;
  if (form === workers) return serveWorkers(request, response, url, body);
  const route = routesOfOpenai[url.pathname.slice(3)];
  if (!route) return json(response, openai.failure(404, "no such route"), 404);
  route(request, response, body);
});
server.listen(0, "127.0.0.1", () => console.log(`http=${server.address().port}`));
