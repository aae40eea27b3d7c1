// The connection for sound files: takes, gestures and teaching are told here, wishes and uploads go out.

const PIECE_BYTES = 32 * 1024;
const MOST_UNSENT = 1 << 20;
const PAUSE_MS = 20;
const RETRY_MS = 2000;
const TOPICS = new Set(["takes", "sounds", "teaching", "gesture"]);
export const SUFFIXES = [".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".caf", ".w64"];

export class Workshop {
  #socket = null;
  #wanted = false;
  #turn = Promise.resolve();
  #answer = null; // resolve and reject of the wish that waits
  #news = new Map();
  #watchers = new Map();

  constructor(link) {
    link.listen("online", (online) => {
      this.#wanted = online;
      if (online) this.#connect();
      else this.#socket?.close();
    });
  }

  #connect() {
    if (!this.#wanted || this.#socket) return;
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/panel/workshop`);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      for (const [name, value] of Object.entries(JSON.parse(data))) {
        if (TOPICS.has(name)) this.#take(name, value);
        else if (name === "refused") this.#settle("reject", new Error(value));
        else this.#settle("resolve", value);
      }
    };
    socket.onclose = () => {
      this.#socket = null;
      this.#settle("reject", new Error("The instrument is offline."));
      setTimeout(() => this.#connect(), RETRY_MS);
    };
  }

  #take(topic, news) {
    this.#news.set(topic, news);
    for (const watcher of this.#watchers.get(topic) ?? []) watcher(news);
  }

  #settle(how, what) {
    const answer = this.#answer;
    this.#answer = null;
    answer?.[how](what);
  }

  /** Call `watcher` with the news of a topic, now if there are any and whenever they change. */
  watch(topic, watcher) {
    if (!this.#watchers.has(topic)) this.#watchers.set(topic, []);
    this.#watchers.get(topic).push(watcher);
    if (this.#news.has(topic)) watcher(this.#news.get(topic));
  }

  /** Ask for something; what was answered, or an Error with a sentence. Wishes wait for each other. */
  ask(wish) {
    return this.#inTurn(() => this.#asked(wish));
  }

  /** Upload a file, telling `progress` which part of it is there (0–1); the name under which it is kept. */
  upload(file, into, more = {}, progress = () => {}) {
    return this.#inTurn(async () => {
      await this.#asked({ do: "upload", into, name: file.name, bytes: file.size, ...more });
      let ended = false;
      const kept = this.#answered().finally(() => (ended = true));
      kept.catch(() => {}); // it is awaited below, maybe later
      const socket = this.#socket;
      for (let at = 0; at < file.size && !ended; at += PIECE_BYTES) {
        const piece = await file.slice(at, at + PIECE_BYTES).arrayBuffer();
        while (!ended && socket?.bufferedAmount > MOST_UNSENT) await new Promise((go) => setTimeout(go, PAUSE_MS));
        if (!ended) socket?.send(piece);
        progress(Math.min(1, (at + PIECE_BYTES) / file.size));
      }
      return kept;
    });
  }

  #inTurn(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  #asked(wish) {
    const answered = this.#answered();
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(wish));
    else this.#settle("reject", new Error("The instrument is offline."));
    return answered;
  }

  #answered() {
    return new Promise((resolve, reject) => (this.#answer = { resolve, reject }));
  }
}
