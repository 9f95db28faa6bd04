// storage -- room.storage in memory: values are cloned on both ways, lists are in key order.

const byBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Does a key belong to what the options of list() ask for? */
function isListed(key, { start, startAfter, end, prefix }) {
  if (start !== undefined && byBytes(key, start) < 0) return false;
  if (startAfter !== undefined && byBytes(key, startAfter) <= 0) return false;
  if (end !== undefined && byBytes(key, end) >= 0) return false;
  return prefix === undefined || key.startsWith(prefix);
}

export class Storage {
  #entries = new Map();
  #due = null;
  #timer;

  /** @param {() => void} onAlarm    called when the alarm is due */
  constructor(onAlarm) {
    this.onAlarm = onAlarm;
  }

  async get(key) {
    if (!Array.isArray(key)) return structuredClone(this.#entries.get(key));
    const found = [...key].sort(byBytes).filter((each) => this.#entries.has(each));
    return new Map(found.map((each) => [each, structuredClone(this.#entries.get(each))]));
  }

  async put(key, value) {
    const entries = typeof key === "string" ? { [key]: value } : key;
    for (const [name, each] of Object.entries(entries)) {
      if (each === undefined) throw new TypeError("put() called with undefined value.");
      this.#entries.set(name, structuredClone(each));
    }
  }

  async delete(key) {
    if (!Array.isArray(key)) return this.#entries.delete(key);
    return key.filter((each) => this.#entries.delete(each)).length;
  }

  async deleteAll() {
    this.#entries.clear();
  }

  async list(options = {}) {
    const keys = [...this.#entries.keys()].filter((key) => isListed(key, options)).sort(byBytes);
    if (options.reverse) keys.reverse();
    const wanted = keys.slice(0, options.limit);
    return new Map(wanted.map((key) => [key, structuredClone(this.#entries.get(key))]));
  }

  async transaction(run) {
    return run(this);
  }

  async sync() {}

  async getAlarm() {
    return this.#due;
  }

  async setAlarm(due) {
    await this.deleteAlarm();
    this.#due = Number(due);
    this.#timer = setTimeout(() => {
      this.#due = null;
      this.onAlarm();
    }, Math.max(0, this.#due - Date.now()));
  }

  async deleteAlarm() {
    clearTimeout(this.#timer);
    this.#due = null;
  }
}
