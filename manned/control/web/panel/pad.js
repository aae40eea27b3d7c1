// The pad: the plane of /xy. One finger moves the place, each further one the next pair of latents;
// from preset to preset it morphs.

import { atNextFrame, make, unit } from "./dom.js";
import { NAMES } from "./keyboard.js";
import { PadMorph } from "./pad_morph.js";
import { legend, paint, picture, VIEWS } from "./pad_picture.js";
import { landmarks, soundsAt } from "./pad_sounds.js";

const PIN_PX = 12;
const STEP = 0.02; // of an arrow key
const TRACE = 400; // points that are kept

export class Pad {
  #link;
  #chart = null;
  #pins = [];
  #sounds = [];
  #labels = [];
  #view = "brightness";
  #trace = [];
  #fingers = new Map(); // pointer → what it moves
  #fetching = 0;
  #picture = null;
  #canvas = make("canvas", {});
  #surface;
  #views = make("select", { "aria-label": "Colours of the pad show" });
  #names = make("button", { "aria-pressed": "true", hidden: true, title: "Show the sounds that the decoder has learned from" }, "Sounds");
  #legend = make("p", { class: "legend" });
  #words = make("output", { class: "words" });
  #morph;
  #draw = atNextFrame(() => this.#paint());

  /** What each latent does, in order; empty texts where nothing can be said. */
  latentNames = [];

  constructor(link, place, tools) {
    this.#link = link;
    this.#surface = make("div", {
      class: "surface", tabIndex: 0, role: "application",
      "aria-roledescription": "two-dimensional fader", "aria-label": "Pad of sounds: arrow keys move, with Shift in larger steps",
    }, this.#canvas);
    this.#morph = new PadMorph(link, this.#draw, (words) => (this.#words.value = words));
    this.#views.addEventListener("change", () => {
      this.#view = this.#views.value;
      this.#colour();
    });
    this.#names.addEventListener("click", () => {
      this.#names.setAttribute("aria-pressed", String(!this.#showsSounds()));
      this.#draw();
    });
    tools.append(this.#views, this.#names, this.#morph.button);
    place.append(this.#surface, this.#legend, this.#words);
    this.#surface.addEventListener("pointerdown", (event) => this.#touch(event));
    this.#surface.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of ["pointerup", "pointercancel"]) this.#surface.addEventListener(kind, (event) => this.#lift(event));
    this.#surface.addEventListener("dblclick", (event) => {
      const pin = this.#morph.on ? null : this.#nearest(this.#place(event));
      if (pin) link.send("/preset/load", pin.name);
    });
    this.#surface.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.#resize()).observe(this.#surface);
    link.watch("/xy", () => this.#moved());
    for (const media of ["(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)"]) {
      matchMedia(media).addEventListener("change", this.#draw);
    }
  }

  /** Presets that have a place, as {name, place}. */
  set pins(pins) {
    this.#pins = pins;
    this.#morph.pins = pins;
    this.#sayHere();
    this.#draw();
  }

  /** Fetch the colours again, a while after the last call; whether they came. */
  refresh(wait = 400) {
    clearTimeout(this.#fetching);
    if (!wait) return this.#fetchColours();
    return new Promise((told) => (this.#fetching = setTimeout(() => told(this.#fetchColours()), wait)));
  }

  async #fetchColours() {
    try {
      this.#chart = await this.#link.fetch("/panel/chart.json");
    } catch {
      return false; // the next connection asks again
    }
    const views = Object.keys(VIEWS).filter((view) => view !== "pitch" || this.#chart.pitch_class.length);
    if (!views.includes(this.#view)) this.#view = views[0];
    this.#views.replaceChildren(...views.map((view) => make("option", { value: view, selected: view === this.#view }, VIEWS[view])));
    this.#colour();
    for (const path of this.#chart.depends) this.#depend(path);
    if (this.#soundsOf !== this.#chart.model) this.#fetchSounds();
    return true;
  }

  #depends = new Set();

  #depend(path) {
    if (this.#depends.has(path)) return;
    this.#depends.add(path);
    let first = true;
    this.#link.watch(path, () => {
      if (!first && this.#chart?.depends.includes(path)) this.refresh();
      first = false;
    });
  }

  #soundsOf = "";

  /** The training sounds come when the page is there: they are many, and nobody plays them. */
  async #fetchSounds() {
    try {
      const { model, sounds } = await this.#link.fetch("/panel/sounds.json");
      this.#sounds = sounds.map(([x, y, names]) => ({ x, y, names }));
      this.#soundsOf = model;
    } catch {
      return;
    }
    this.#labels = landmarks(this.#sounds, this.#surface.clientWidth, this.#surface.clientHeight);
    this.#names.hidden = !this.#sounds.length;
    this.#sayHere();
    this.#draw();
  }

  #showsSounds() {
    return this.#names.getAttribute("aria-pressed") === "true";
  }

  // -- moving ---------------------------------------------------------------

  #place(event) {
    const box = this.#surface.getBoundingClientRect();
    return [unit((event.clientX - box.left) / box.width), unit(1 - (event.clientY - box.top) / box.height)];
  }

  #touch(event) {
    if (event.button > 0 || this.#fingers.has(event.pointerId)) return;
    this.#surface.setPointerCapture(event.pointerId);
    const place = this.#place(event);
    if (this.#morph.on) {
      this.#fingers.set(event.pointerId, { morphs: true });
      this.#morph.press(this.#nearest(place), place);
    } else if (![...this.#fingers.values()].some((finger) => finger.leads)) {
      this.#fingers.set(event.pointerId, { leads: true, place });
      this.#go();
    } else {
      const latents = this.#nextPair();
      if (latents.length) this.#fingers.set(event.pointerId, { latents, from: null, begin: place, place });
    }
  }

  /** Addresses of the latents that the next finger moves: two, one at an odd end, or none. */
  #nextPair() {
    const taken = [...this.#fingers.values()].flatMap((finger) => finger.latents ?? []);
    for (let number = 3; this.#link.nodes.has(`/latent/${number}`); number += 2) {
      const pair = [`/latent/${number}`, `/latent/${number + 1}`].filter((path) => this.#link.nodes.has(path));
      if (!taken.includes(pair[0])) return pair;
    }
    return [];
  }

  #move(event) {
    const finger = this.#fingers.get(event.pointerId);
    const place = this.#place(event);
    if (finger?.morphs) this.#morph.drag(this.#nearest(place), place);
    else if (finger) {
      finger.place = place;
      // From where the latents stand when it begins to move: the other finger may have just set them.
      if (finger.latents) finger.from ??= finger.latents.map((path) => this.#link.value(path));
      this.#go();
    } else if (!this.#fingers.size) this.#tell(place);
  }

  #lift(event) {
    const finger = this.#fingers.get(event.pointerId);
    if (!this.#fingers.delete(event.pointerId)) return;
    if (finger.morphs) this.#morph.lift();
    this.#draw();
  }

  #key(event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const way = ways[event.key];
    const here = this.#link.values("/xy");
    if (!here || (!way && event.key !== "Enter")) return;
    const step = event.shiftKey ? 5 * STEP : STEP;
    if (this.#morph.on && this.#morph.key(way, step, () => this.#nearest(here, Infinity))) event.preventDefault();
    else if (way) {
      event.preventDefault();
      this.#link.set("/xy", ...here.map((value, axis) => unit(value + step * way[axis])));
    }
  }

  /** Set what the fingers hold, in one audio block: the place first, for it may move all latents. */
  #go() {
    const messages = [];
    const words = [];
    for (const { leads, latents, from, begin, place } of this.#fingers.values()) {
      if (leads) messages.unshift(["/xy", ...place]);
      for (const [axis, path] of (from ? latents : []).entries()) {
        const value = unit(from[axis] + place[axis] - begin[axis]);
        const number = Number(path.split("/").at(-1));
        messages.push([path, value]);
        words.push(`${this.latentNames[number - 1] || `latent ${number}`} ${value.toFixed(2)}`);
      }
    }
    this.#link.setTogether("pad", messages);
    if (words.length) this.#words.value = words.join(" · ");
    this.#draw();
  }

  /** Where the sound is: under the finger that leads, for other fingers may have moved it off the plane. */
  #here() {
    return [...this.#fingers.values()].find((finger) => finger.leads)?.place ?? this.#link.values("/xy");
  }

  #moved() {
    const [x, y] = this.#here();
    const last = this.#trace.at(-1);
    if (last?.x === x && last?.y === y) return;
    this.#trace.push({ x, y, at: performance.now() });
    if (this.#trace.length > TRACE) this.#trace.shift();
    if (this.#fingers.size < 2) this.#say(x, y);
    this.#draw();
  }

  #say(x, y) {
    if (this.#morph.on) return;
    const words = [`${x.toFixed(2)} across, ${y.toFixed(2)} up`];
    const chart = this.#chart;
    if (chart) {
      const [row, column] = [Math.round(y * (chart.rows - 1)), Math.round(x * (chart.columns - 1))];
      words.push(`centre ${Math.round(chart.brightness_hz[row][column])} Hz`);
      if (this.#view === "noisiness") words.push(`${Math.round(100 * chart.noisiness[row][column])} % noise`);
      if (this.#view === "level") words.push(`${chart.level_db[row][column].toFixed(1)} dB`);
      if (chart.pitch_class.length) words.push(NAMES[chart.pitch_class[row][column]]);
    }
    const pin = this.#nearest([x, y]);
    if (pin) words.push(`near ${pin.name}`);
    const like = soundsAt(this.#sounds, x, y);
    if (like) words.push(`learned from ${like}`);
    this.#words.value = words.join(" · ");
  }

  /** Say where the sound is, when more is known of that place. */
  #sayHere() {
    const here = this.#here();
    if (here && this.#fingers.size < 2) this.#say(...here);
  }

  #nearest([x, y], within = PIN_PX) {
    const box = this.#surface.getBoundingClientRect();
    let [found, least] = [null, within];
    for (const pin of this.#pins) {
      const distance = Math.hypot((pin.place[0] - x) * box.width, (pin.place[1] - y) * box.height);
      if (distance < least) [found, least] = [pin, distance];
    }
    return found;
  }

  /** What lies under the pointer, as the surface's tooltip. */
  #tell(place) {
    this.#surface.title = this.#nearest(place)?.name ?? (this.#showsSounds() ? soundsAt(this.#sounds, ...place) : "");
  }

  // -- drawing --------------------------------------------------------------

  #resize() {
    const scale = devicePixelRatio || 1;
    this.#canvas.width = Math.round(this.#surface.clientWidth * scale);
    this.#canvas.height = Math.round(this.#surface.clientHeight * scale);
    this.#labels = landmarks(this.#sounds, this.#surface.clientWidth, this.#surface.clientHeight);
    this.#paint();
  }

  #colour() {
    this.#picture = picture(this.#chart, this.#view);
    legend(this.#legend, this.#chart, this.#view);
    this.#sayHere();
    this.#draw();
  }

  #paint() {
    const goesOn = paint(this.#canvas, {
      picture: this.#picture, pins: this.#pins, trace: this.#trace, here: this.#here(), morph: this.#morph,
      sounds: this.#showsSounds() ? this.#sounds : [], labels: this.#showsSounds() ? this.#labels : [],
      pairs: [...this.#fingers.values()].filter((finger) => finger.latents),
    });
    if (goesOn) setTimeout(this.#draw, 50);
  }
}
