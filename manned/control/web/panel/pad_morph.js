// Morphing on the pad: drag from one preset's pin to another's, then along the line between them.

import { make, unit } from "./dom.js";

const NEAREST = 0.03; // of a side: nearer to its beginning than this a drag has not begun

export class PadMorph {
  #link;
  #draw;
  #say;
  #ends = []; // pins: none, the first, or both
  #pointer = null; // where a drag from the first pin is
  #begin = null;
  #pins = [];
  button = make("button", { "aria-pressed": "false", title: "Drag from one preset to another, and hear what lies between" }, "Morph");

  constructor(link, draw, say) {
    this.#link = link;
    this.#draw = draw;
    this.#say = say;
    this.button.addEventListener("click", () => {
      this.button.setAttribute("aria-pressed", String(!this.on));
      this.#tell();
      draw();
    });
    link.watch("/morph/path", (names) => this.#follow(names));
    link.watch("/morph/position", draw);
    link.listen("online", (online) => online && link.send("/morph/path")); // the tree does not tell lists of any length
  }

  /** The presets that can be taken. */
  set pins(pins) {
    this.#pins = pins;
    if (!this.#ends.length) this.#follow(this.#link.values("/morph/path") ?? []);
  }

  get on() {
    return this.button.getAttribute("aria-pressed") === "true";
  }

  /** What is drawn: the ends {name, place}, the share of the way (null while there is none), and the loose end. */
  get line() {
    const share = this.#ends.length === 2 ? this.#link.value("/morph/position") ?? 0 : null;
    return { ends: this.#ends, share, loose: this.#ends.length === 1 ? this.#pointer : null };
  }

  /** A path that somebody has made: of two presets that have pins. */
  #follow(names) {
    const ends = names.map((name) => this.#pins.find((pin) => pin.name === name));
    if (ends.length === 2 && ends.every(Boolean)) {
      this.#ends = ends;
      this.#draw();
    }
  }

  press(pin, place) {
    this.#begin = place;
    if (this.#ends.length === 2 && !pin) this.#go(place);
    else if (pin && this.#ends.length === 1 && pin !== this.#ends[0]) this.#join(pin);
    else if (pin) this.#start(pin);
    this.#draw();
  }

  drag(pin, place) {
    this.#pointer = place;
    if (this.#ends.length === 1 && pin && pin !== this.#ends[0]) this.#join(pin);
    const begun = Math.hypot(place[0] - this.#begin[0], place[1] - this.#begin[1]) > NEAREST;
    if (this.#ends.length === 2 && begun) this.#go(place);
    this.#draw();
  }

  lift() {
    this.#pointer = null;
    this.#tell();
  }

  /** Keys of the pad: Enter takes the nearest pin as the next end, arrows go along the line. True when it was used. */
  key(way, step, nearest) {
    if (!way) {
      const pin = nearest();
      if (pin) this.press(pin, pin.place);
      return Boolean(pin);
    }
    if (this.#ends.length < 2) return false;
    const to = (this.#link.value("/morph/position") ?? 0) + step * (way[0] || way[1]);
    this.#link.set("/morph/position", unit(to));
    this.#tell();
    return true;
  }

  #start(pin) {
    this.#ends = [pin];
    this.#tell();
  }

  #join(pin) {
    this.#ends = [this.#ends[0], pin];
    this.#link.send("/morph/path", ...this.#ends.map((end) => end.name));
    this.#tell();
  }

  /** Be where the line is nearest to a place. */
  #go([x, y]) {
    const [[ax, ay], [bx, by]] = this.#ends.map((end) => end.place);
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const share = length ? ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length : 0;
    this.#link.set("/morph/position", unit(share));
    this.#tell();
  }

  #tell() {
    if (!this.on) return this.#say("");
    const names = this.#ends.map((end) => end.name);
    if (!names.length) this.#say("Press on a preset and drag to another one.");
    else if (names.length === 1) this.#say(`From ${names[0]} to …: go to another preset.`);
    else this.#say(`${names[0]} to ${names[1]}: ${Math.round(100 * (this.#link.value("/morph/position") ?? 0))} %. Drag along the line.`);
  }
}
