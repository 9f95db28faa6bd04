// connection -- a socket of the package "ws" as Party.Connection.

const bufferOf = (data) => data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);

export class Connection {
  #socket;
  #state = null;

  constructor(socket, id, uri, tags = []) {
    this.#socket = socket;
    this.id = id;
    this.uri = uri;
    this.tags = tags;
  }

  get socket() {
    return this;
  }

  get readyState() {
    return this.#socket.readyState;
  }

  get state() {
    return this.#state;
  }

  setState(value) {
    const next = typeof value === "function" ? value(this.#state) : value;
    this.#state = structuredClone(next) ?? null;
    return this.#state;
  }

  serializeAttachment(value) {
    this.setState(value);
  }

  deserializeAttachment() {
    return this.#state;
  }

  accept() {}

  send(message) {
    this.#socket.send(typeof message === "string" || ArrayBuffer.isView(message) ? message
      : message instanceof ArrayBuffer ? new Uint8Array(message) : String(message));
  }

  close(code, reason) {
    this.#socket.close(code, reason);
  }

  addEventListener(type, listener) {
    const tell = (event) => listener.call(this, Object.assign(event, { type, target: this }));
    if (type === "message") {
      this.#socket.on("message", (data, isBinary) =>
        tell({ data: isBinary ? bufferOf(data) : data.toString() }));
    } else if (type === "close") {
      this.#socket.on("close", (code, reason) => tell({ code, reason: reason.toString() }));
    } else {
      this.#socket.on(type, (error) => tell({ error }));
    }
  }
}
