// The pad: the plane of /xy, coloured by what the decoder sounds like there, with presets as pins.

import { atNextFrame, make } from "./dom.js";

const VIEWS = { brightness: "Brightness", noisiness: "Noise", pitch: "Pitch class" };
const NAMES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const TRACE_MS = 6000;
const PIN_PX = 12;
const STEP = 0.02; // of an arrow key
const DARK = [24, 32, 74];
const RAMP = [[24, 32, 74], [43, 73, 150], [36, 133, 152], [92, 176, 110], [236, 190, 74], [255, 240, 190]];

export class Pad {
  #link;
  #chart = null;
  #pins = [];
  #view = "brightness";
  #trace = [];
  #pointer = null;
  #fetching = 0;
  #picture = document.createElement("canvas");
  #canvas = make("canvas", {});
  #surface;
  #views;
  #words = make("output", { class: "words" });
  #draw = atNextFrame(() => this.#paint());

  constructor(link, place, tools) {
    this.#link = link;
    this.#surface = make("div", {
      class: "surface", tabIndex: 0, role: "application",
      "aria-roledescription": "two-dimensional fader", "aria-label": "Pad of sounds: arrow keys move, with Shift in larger steps",
    }, this.#canvas);
    this.#views = make("select", { "aria-label": "Colours of the pad show" });
    this.#views.addEventListener("change", () => {
      this.#view = this.#views.value;
      this.#colour();
    });
    tools.append(this.#views);
    place.append(this.#surface, this.#words);
    this.#surface.addEventListener("pointerdown", (event) => this.#touch(event));
    this.#surface.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of ["pointerup", "pointercancel"]) this.#surface.addEventListener(kind, () => (this.#pointer = null));
    this.#surface.addEventListener("dblclick", (event) => {
      const pin = this.#nearest(this.#place(event));
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
    this.#draw();
  }

  /** Fetch the colours again, a while after the last call. */
  refresh(wait = 400) {
    clearTimeout(this.#fetching);
    this.#fetching = setTimeout(async () => {
      try {
        this.#chart = await this.#link.fetch("/panel/chart.json");
      } catch {
        return; // the next connection asks again
      }
      const views = Object.keys(VIEWS).filter((view) => view !== "pitch" || this.#chart.pitch_class.length);
      if (!views.includes(this.#view)) this.#view = views[0];
      this.#views.replaceChildren(...views.map((view) => make("option", { value: view, selected: view === this.#view }, VIEWS[view])));
      this.#colour();
      for (const path of this.#chart.depends) this.#depend(path);
    }, wait);
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

  // -- moving ---------------------------------------------------------------

  #place(event) {
    const box = this.#surface.getBoundingClientRect();
    const share = (value) => Math.min(1, Math.max(0, value));
    return [share((event.clientX - box.left) / box.width), share(1 - (event.clientY - box.top) / box.height)];
  }

  #touch(event) {
    if (event.button > 0 || this.#pointer !== null) return;
    this.#pointer = event.pointerId;
    this.#surface.setPointerCapture(event.pointerId);
    this.#go(...this.#place(event));
  }

  #move(event) {
    if (event.pointerId === this.#pointer) this.#go(...this.#place(event));
    else if (this.#pointer === null) this.#tellPin(this.#place(event));
  }

  #key(event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const way = ways[event.key];
    const here = this.#link.values("/xy");
    if (!way || !here) return;
    event.preventDefault();
    const step = event.shiftKey ? 5 * STEP : STEP;
    this.#go(...here.map((value, axis) => Math.min(1, Math.max(0, value + step * way[axis]))));
  }

  #go(x, y) {
    this.#link.set("/xy", x, y);
  }

  #moved() {
    const [x, y] = this.#link.values("/xy");
    const last = this.#trace.at(-1);
    if (last?.x === x && last?.y === y) return;
    this.#trace.push({ x, y, at: performance.now() });
    if (this.#trace.length > 400) this.#trace.shift();
    this.#say(x, y);
    this.#draw();
  }

  #say(x, y) {
    const pin = this.#nearest([x, y]);
    const words = [`${x.toFixed(2)} across, ${y.toFixed(2)} up`];
    const chart = this.#chart;
    if (chart) {
      const [row, column] = [Math.round(y * (chart.rows - 1)), Math.round(x * (chart.columns - 1))];
      words.push(`centre ${Math.round(chart.brightness_hz[row][column])} Hz`);
      if (this.#view === "noisiness") words.push(`${Math.round(100 * chart.noisiness[row][column])} % noise`);
      if (chart.pitch_class.length) words.push(NAMES[chart.pitch_class[row][column]]);
      if (chart.counts.length) words.push(`${chart.counts[row][column]} training frames`);
    }
    if (pin) words.push(`near ${pin.name}`);
    this.#words.value = words.join(" · ");
  }

  #nearest([x, y]) {
    const box = this.#surface.getBoundingClientRect();
    let [found, least] = [null, PIN_PX];
    for (const pin of this.#pins) {
      const distance = Math.hypot((pin.place[0] - x) * box.width, (pin.place[1] - y) * box.height);
      if (distance < least) [found, least] = [pin, distance];
    }
    return found;
  }

  #tellPin(place) {
    this.#surface.title = this.#nearest(place)?.name ?? "";
  }

  // -- drawing --------------------------------------------------------------

  #resize() {
    const scale = devicePixelRatio || 1;
    this.#canvas.width = Math.round(this.#surface.clientWidth * scale);
    this.#canvas.height = Math.round(this.#surface.clientHeight * scale);
    this.#paint();
  }

  /** Colour the small picture that is drawn large. */
  #colour() {
    const { rows, columns } = this.#chart;
    this.#picture.width = columns;
    this.#picture.height = rows;
    const context = this.#picture.getContext("2d");
    const image = context.createImageData(columns, rows);
    const colour = this.#colours();
    const most = Math.max(1, ...this.#chart.counts.flat());
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const count = this.#chart.counts[row]?.[column];
        // Where no training sound lies the colour is fainter.
        const share = count === undefined ? 1 : 0.55 + 0.45 * Math.min(1, Math.sqrt((4 * count) / most));
        const shade = colour(row, column).map((part, index) => DARK[index] + share * (part - DARK[index]));
        image.data.set([...shade, 255], 4 * ((rows - 1 - row) * columns + column));
      }
    }
    context.putImageData(image, 0, 0);
    const here = this.#link.values("/xy");
    if (here) this.#say(...here);
    this.#draw();
  }

  #colours() {
    const chart = this.#chart;
    if (this.#view === "pitch") return (row, column) => hue(chart.pitch_class[row][column] / 12);
    const grid = this.#view === "noisiness" ? chart.noisiness : chart.brightness_hz.map((line) => line.map(Math.log2));
    const values = grid.flat().sort((one, other) => one - other);
    const [low, high] = [values[Math.floor(0.02 * values.length)], values[Math.floor(0.98 * (values.length - 1))]];
    return (row, column) => ramp((grid[row][column] - low) / (high - low || 1));
  }

  #paint() {
    const context = this.#canvas.getContext("2d");
    const { width, height } = this.#canvas;
    const scale = devicePixelRatio || 1;
    const at = ([x, y]) => [x * width, (1 - y) * height];
    context.clearRect(0, 0, width, height);
    if (this.#chart) {
      // The centre of each outer point lies on the edge.
      const { rows, columns } = this.#chart;
      context.imageSmoothingQuality = "high";
      context.drawImage(this.#picture, 0.5, 0.5, columns - 1, rows - 1, 0, 0, width, height);
    }
    context.lineWidth = 1.5 * scale;
    context.fillStyle = "rgba(255, 255, 255, 0.9)";
    context.strokeStyle = "rgba(0, 0, 0, 0.75)";
    for (const pin of this.#pins) {
      const [x, y] = at(pin.place);
      context.beginPath();
      context.arc(x, y, 2.5 * scale, 0, 2 * Math.PI);
      context.stroke();
      context.fill();
    }
    this.#paintTrace(context, at, scale);
  }

  #paintTrace(context, at, scale) {
    const now = performance.now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const trace = this.#trace;
    context.lineWidth = 2.5 * scale;
    context.lineCap = "round";
    for (let index = 1; index < trace.length; index += 1) {
      const fresh = still ? 0.7 : 1 - (now - trace[index].at) / TRACE_MS;
      if (fresh <= 0) continue;
      context.strokeStyle = `rgba(255, 255, 255, ${fresh.toFixed(2)})`;
      context.beginPath();
      context.moveTo(...at([trace[index - 1].x, trace[index - 1].y]));
      context.lineTo(...at([trace[index].x, trace[index].y]));
      context.stroke();
    }
    const here = this.#link.values("/xy");
    if (here) {
      const [x, y] = at(here);
      for (const [radius, colour, line] of [[9, "#000", 5], [9, "#fff", 2.5]]) {
        context.strokeStyle = colour;
        context.lineWidth = line * scale;
        context.beginPath();
        context.arc(x, y, radius * scale, 0, 2 * Math.PI);
        context.stroke();
      }
    }
    const last = trace.at(-1);
    if (!still && trace.length > 1 && now - last.at < TRACE_MS) setTimeout(this.#draw, 50);
  }
}

function ramp(share) {
  const place = Math.min(1, Math.max(0, share)) * (RAMP.length - 1);
  const first = Math.min(RAMP.length - 2, Math.floor(place));
  return RAMP[first].map((part, index) => part + (place - first) * (RAMP[first + 1][index] - part));
}

function hue(turn) {
  return [0, 8, 4].map((offset) => {
    const k = (offset + turn * 12) % 12;
    return Math.round(255 * (0.52 - 0.36 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  });
}
