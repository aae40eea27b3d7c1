// The keyboard: mouse, many fingers, and the keys of the computer.

import { make, unit } from "./dom.js";

export const NAMES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const BLACK = new Set([1, 3, 6, 8, 10]);
const LOWEST = 0;
const HIGHEST = 8;
const VELOCITY = 100; // of a computer's key
const CODES = [
  "KeyA", "KeyW", "KeyS", "KeyE", "KeyD", "KeyF", "KeyT", "KeyG", "KeyY", "KeyH", "KeyU", "KeyJ",
  "KeyK", "KeyO", "KeyL", "KeyP", "Semicolon",
];

export function noteName(note) {
  return `${NAMES[note % 12]}${Math.floor(note / 12) - 1}`;
}

export class Keyboard {
  #link;
  #octave = 4;
  #keys = new Map(); // note → its element
  #held = new Map(); // pointer or code → note
  #board = make("div", { class: "keys", role: "group", "aria-label": "Piano keys" });
  #shown = make("output", { class: "octave" });

  constructor(link, place, tools) {
    this.#link = link;
    const lower = make("button", { "aria-label": "Octave down", title: "Octave down (z)" }, "−");
    const higher = make("button", { "aria-label": "Octave up", title: "Octave up (x)" }, "+");
    lower.addEventListener("click", () => this.#shift(-1));
    higher.addEventListener("click", () => this.#shift(1));
    tools.append(lower, this.#shown, higher);
    place.append(this.#board, make("p", { class: "hint" }, "Keys A to ; play, W E T Y U O P are black, Z and X change the octave, Escape silences."));
    this.#board.addEventListener("pointerdown", (event) => this.#touch(event));
    this.#board.addEventListener("pointermove", (event) => this.#slide(event));
    for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, (event) => this.#release(event.pointerId));
    this.#board.addEventListener("contextmenu", (event) => event.preventDefault());
    addEventListener("keydown", (event) => this.#press(event));
    addEventListener("keyup", (event) => this.#release(event.code));
    addEventListener("blur", () => this.releaseAll());
    document.addEventListener("visibilitychange", () => document.hidden && this.releaseAll());
    new ResizeObserver(() => this.#draw()).observe(this.#board);
    this.#draw();
  }

  /** Let go of everything that is held here. */
  releaseAll() {
    for (const holder of [...this.#held.keys()]) this.#release(holder);
  }

  // -- drawing --------------------------------------------------------------

  #drawn = "";

  #draw() {
    const octaves = Math.max(1, Math.min(5, Math.floor(this.#board.clientWidth / 260)));
    const first = 12 * (this.#octave + 1 - Math.floor((octaves - 1) / 2));
    const wanted = `${first} ${octaves}`;
    if (wanted === this.#drawn || !this.#board.clientWidth) return;
    this.#drawn = wanted;
    this.releaseAll();
    this.#keys.clear();
    const keys = [];
    for (let note = first; note <= first + 12 * octaves && note <= 127; note += 1) {
      if (note >= 0) keys.push(this.#key(note));
    }
    this.#board.replaceChildren(...keys);
    const whites = keys.filter((key) => !key.classList.contains("black")).length;
    this.#board.style.setProperty("--whites", whites);
    let white = 0;
    for (const key of keys) {
      key.style.setProperty("--place", white);
      white += key.classList.contains("black") ? 0 : 1;
    }
    this.#shown.value = `Octave ${this.#octave}`;
    this.#focusable(this.#keys.get(12 * (this.#octave + 1)) ?? keys[0]);
  }

  #key(note) {
    const black = BLACK.has(note % 12);
    const letter = note % 12 ? "" : noteName(note);
    const key = make("button", { class: black ? "key black" : "key", "aria-label": noteName(note), tabIndex: -1 }, letter);
    key.dataset.note = note;
    key.addEventListener("keydown", (event) => this.#onKey(event, note, key));
    key.addEventListener("keyup", (event) => {
      if (event.key === " ") event.preventDefault(); // no click on top
      this.#release(`focus ${event.key}`);
    });
    key.addEventListener("blur", () => { this.#release("focus Enter"); this.#release("focus  "); });
    key.addEventListener("click", (event) => event.detail === 0 && !event.pointerType && this.#tap(note));
    this.#keys.set(note, key);
    return key;
  }

  /** A screen reader's click, which has no up: a short note. */
  #tap(note) {
    const holder = `tap ${note}`;
    if ([...this.#held.values()].includes(note)) return;
    this.#hold(holder, note, VELOCITY);
    setTimeout(() => this.#release(holder), 400);
  }

  #onKey(event, note, key) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = this.#keys.get(note + step);
      if (next) {
        this.#focusable(next);
        next.focus();
      }
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (!event.repeat) this.#hold(`focus ${event.key}`, note, VELOCITY);
    }
  }

  #focusable(key) {
    for (const other of this.#keys.values()) other.tabIndex = -1;
    if (key) key.tabIndex = 0;
  }

  #shift(octaves) {
    this.#octave = Math.min(HIGHEST, Math.max(LOWEST, this.#octave + octaves));
    this.#draw();
  }

  // -- playing --------------------------------------------------------------

  #touch(event) {
    const found = this.#at(event);
    if (!found || event.button > 0) return;
    event.target.releasePointerCapture?.(event.pointerId);
    this.#hold(event.pointerId, found.note, found.velocity);
  }

  #slide(event) {
    if (!this.#held.has(event.pointerId)) return;
    const found = this.#at(event);
    if (!found) this.#release(event.pointerId);
    else if (found.note !== this.#held.get(event.pointerId)) this.#hold(event.pointerId, found.note, found.velocity);
  }

  /** The key under a pointer, the harder the nearer to its end. */
  #at(event) {
    const key = document.elementFromPoint(event.clientX, event.clientY)?.closest(".key");
    if (!key) return null;
    const box = key.getBoundingClientRect();
    const depth = unit((event.clientY - box.top) / box.height);
    return { note: Number(key.dataset.note), velocity: Math.round(50 + 77 * depth) };
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape") this.releaseAll();
    if (event.target.closest?.("input:not([type=range]):not([type=checkbox]), select, textarea")) return;
    if (event.code === "KeyZ") this.#shift(-1);
    else if (event.code === "KeyX") this.#shift(1);
    else {
      const step = CODES.indexOf(event.code);
      const note = 12 * (this.#octave + 1) + step;
      if (step >= 0 && note <= 127) this.#hold(event.code, note, VELOCITY);
    }
  }

  #hold(holder, note, velocity) {
    if (this.#held.get(holder) === note) return;
    this.#release(holder);
    const sounds = [...this.#held.values()].includes(note);
    this.#held.set(holder, note);
    if (!sounds) this.#link.send("/mnote", note, velocity);
    this.#keys.get(note)?.classList.add("down");
  }

  #release(holder) {
    const note = this.#held.get(holder);
    if (note === undefined) return;
    this.#held.delete(holder);
    if ([...this.#held.values()].includes(note)) return;
    this.#link.send("/mnote/rel", note);
    this.#keys.get(note)?.classList.remove("down");
  }
}
