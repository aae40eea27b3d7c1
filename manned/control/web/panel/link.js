// The connection to the instrument: OSCQuery's tree by HTTP, OSC and LISTEN by one WebSocket.
// It comes back by itself. Values that others set arrive here and go on to whoever watches them.

import { bundle, decode, encode, pairs } from "./osc.js";

const MESSAGES_A_SECOND = 30; // of one control, at most
const RETRY_MS = [300, 600, 1200, 2500];
const SILENT_MS = 8000; // without a word, though asked: it is gone
const ASK_MS = 2000;

export class Link {
  #socket = null;
  #tries = 0;
  #heard = 0;
  #values = new Map();
  #watchers = new Map();
  #hearers = new Map();
  #listeners = new Map();
  #sending = new Map();
  #reading = false;
  #again = false;
  #meanwhile = [];
  #begins = null;
  #begun = new Promise((begin) => (this.#begins = begin));

  constructor() {
    this.nodes = new Map();
    this.online = false;
    setInterval(() => this.#ask(), ASK_MS);
    this.on("/status.reply", ({ values }) => this.#tell("status", pairs(values)));
    this.on("/error", ({ values }) => this.#tell("problem", values.slice(1).join(" ")));
    this.on("/fail", ({ values }) => this.#tell("problem", values.slice(1).join(" ")));
    this.#connect();
  }

  /** Tell what is there. The connection opens before, while those who are told are still on their way. */
  begin() {
    this.#begins();
  }

  /** Be told of "online" (a boolean), "tree", "status" (a Map), "problem" (a text),
   *  "moved" (address and values that somebody else set). */
  listen(kind, listener) {
    if (!this.#listeners.has(kind)) this.#listeners.set(kind, []);
    this.#listeners.get(kind).push(listener);
  }

  #tell(kind, what) {
    for (const listener of this.#listeners.get(kind) ?? []) listener(what);
  }

  // -- connection -----------------------------------------------------------

  #connect() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      this.#tries = 0;
      this.#heard = performance.now();
      socket.send(JSON.stringify({ COMMAND: "LISTEN", DATA: "/" }));
      this.#readTree();
    };
    socket.onmessage = ({ data }) => {
      this.#heard = performance.now();
      if (typeof data === "string") this.#readTree(); // PATH_ADDED and its like
      else for (const message of decode(data)) this.#hear(message);
    };
    socket.onclose = () => {
      if (socket !== this.#socket) return;
      this.#setOnline(false);
      const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)];
      this.#tries += 1;
      setTimeout(() => this.#connect(), wait);
    };
  }

  #ask() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (performance.now() - this.#heard > SILENT_MS) this.#socket.close();
    else if (!document.hidden) this.send("/status");
    else this.send("/version");
  }

  #setOnline(online) {
    if (online === this.online) return;
    this.online = online;
    this.#tell("online", online);
  }

  async #readTree() {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      do {
        this.#again = false;
        this.#meanwhile = [];
        const tree = await this.fetch("/");
        await this.#begun;
        this.nodes = new Map();
        const walk = (node) => {
          if (node.TYPE !== undefined) this.nodes.set(node.FULL_PATH, node);
          for (const child of Object.values(node.CONTENTS ?? {})) walk(child);
        };
        walk(tree);
        for (const [path, node] of this.nodes) if (node.VALUE) this.#take({ address: path, values: node.VALUE });
        for (const { address, values } of this.#meanwhile) if (this.nodes.has(address)) this.#keep(address, values); // newer
      } while (this.#again);
      this.#setOnline(true);
      this.#tell("tree");
    } catch {
      this.#socket?.close(); // comes back soon
    } finally {
      this.#reading = false;
    }
  }

  /** JSON at a path of the server. */
  async fetch(path) {
    const answer = await fetch(path); // just as the preloads of index.html ask, or it would be asked for twice
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  }

  // -- values ---------------------------------------------------------------

  /** What stands at an address: a list, or undefined. */
  values(path) {
    return this.#values.get(path);
  }

  /** The first value at an address. */
  value(path) {
    return this.#values.get(path)?.[0];
  }

  /** Call `watcher` with the values at an address, now if they are known and whenever they change. */
  watch(path, watcher) {
    if (!this.#watchers.has(path)) this.#watchers.set(path, new Set());
    this.#watchers.get(path).add(watcher);
    if (this.#values.has(path)) watcher(this.#values.get(path));
    return () => this.#watchers.get(path).delete(watcher);
  }

  /** Call `hearer` with every message of an address, also of those that hold no value. */
  on(path, hearer) {
    if (!this.#hearers.has(path)) this.#hearers.set(path, []);
    this.#hearers.get(path).push(hearer);
  }

  #hear(message) {
    if (this.#reading) this.#meanwhile.push(message);
    this.#take(message);
    if (this.nodes.get(message.address)?.DEFAULT && message.values.length) this.#tell("moved", message);
  }

  #take(message) {
    for (const hearer of this.#hearers.get(message.address) ?? []) hearer(message);
    if (this.nodes.has(message.address)) this.#keep(message.address, message.values);
  }

  #keep(path, values) {
    this.#values.set(path, values);
    for (const watcher of this.#watchers.get(path) ?? []) watcher(values);
  }

  /** Set a control: shown at once, sent 30 times a second at most, the last value always. */
  set(path, ...values) {
    this.#keep(path, values);
    this.#inTime(path, encode(path, ...values));
  }

  /** Set several controls in one audio block, as `set`: messages [path, ...values], of one hand that `key` names. */
  setTogether(key, messages) {
    if (!messages.length) return;
    for (const [path, ...values] of messages) this.#keep(path, values);
    const packets = messages.map((message) => encode(...message));
    this.#inTime(key, packets.length === 1 ? packets[0] : bundle(packets));
  }

  #inTime(key, packet) {
    const rate = this.#sending.get(key) ?? { next: 0, timer: 0, packet };
    this.#sending.set(key, rate);
    rate.packet = packet;
    if (rate.timer) return;
    const now = performance.now();
    const go = () => {
      rate.timer = 0;
      rate.next = performance.now() + 1000 / MESSAGES_A_SECOND;
      this.#write(rate.packet);
    };
    if (now >= rate.next) go();
    else rate.timer = setTimeout(go, rate.next - now);
  }

  /** Send a message at once. Nothing waits for a connection that is not there. */
  send(path, ...values) {
    this.#write(encode(path, ...values));
  }

  #write(packet) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(packet);
  }

  /** The default of an address, undefined where it has none. */
  defaultOf(path) {
    return this.nodes.get(path)?.DEFAULT?.[0];
  }
}
