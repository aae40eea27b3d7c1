// The spectrum of what is heard, with the harmonics of the note that sounds.

import { atNextFrame, make } from "./dom.js";
import { noteName } from "./keyboard.js";

const A_SECOND = 20;
const NOTES_A_SECOND = 10;
const [LOWEST_DB, HIGHEST_DB] = [-110, 0];
const GRID_HZ = [50, 100, 200, 500, 1000, 2000, 5000, 10000];
const GRID_DB = [-80, -60, -40, -20];
const MARKED = 24; // harmonics with a line
const NUMBERED = 12;
const APART_PX = 14; // between numbers
const BELOW = 16; // pixels for the frequencies

/** What sounds, told by /voice: the note whose harmonics are marked is the latest that is held, else the loudest. */
class Notes {
  #notes = new Map();
  #count = 0;

  tell([number, pitch, velocity, level]) {
    if (level <= 0) this.#notes.delete(number);
    else {
      const before = this.#notes.get(number);
      this.#notes.set(number, { pitch, level, held: velocity > 0, begun: before?.begun ?? (this.#count += 1) });
    }
  }

  clear() {
    this.#notes.clear();
  }

  get marked() {
    const notes = [...this.#notes.values()];
    const held = notes.filter((note) => note.held);
    if (held.length) return held.reduce((one, other) => (other.begun > one.begun ? other : one));
    return notes.length ? notes.reduce((one, other) => (other.level > one.level ? other : one)) : null;
  }
}

export function spectrum(link, place) {
  const canvas = make("canvas", { class: "spectrum", role: "img", "aria-label": "Spectrum of what is heard" });
  const words = make("p", { class: "hint" });
  place.append(canvas, words);
  const notes = new Notes();
  let [lowest, highest, levels] = [20, 20000, []];
  let colours = {};

  link.on("/spectrum", ({ values }) => {
    if (values.length < 3) return;
    [lowest, highest, ...levels] = values;
    draw();
  });
  link.on("/voice", ({ values }) => values.length === 4 && notes.tell(values));

  let runs = false;
  let seen = false;
  function listen() {
    const wants = link.online && seen && !document.hidden;
    if (wants === runs) return;
    runs = wants;
    notes.clear();
    link.send("/spectrum", runs ? A_SECOND : 0);
    link.send("/voice", runs ? NOTES_A_SECOND : 0);
  }
  link.listen("online", (online) => {
    if (!online) [runs, levels] = [false, []]; // a new connection has asked for nothing
    listen();
    draw();
  });
  document.addEventListener("visibilitychange", listen);
  new IntersectionObserver(([entry]) => {
    seen = entry.isIntersecting;
    listen();
  }).observe(canvas);

  function hertzOf({ pitch }) {
    const bend = (link.value("/bend") ?? 0) * (link.value("/bend/range") ?? 0);
    return (link.value("/tuning/a4") ?? 440) * 2 ** ((pitch + bend - 69) / 12);
  }

  const draw = atNextFrame(() => {
    const context = canvas.getContext("2d");
    const { width, height } = canvas;
    const scale = devicePixelRatio || 1;
    const bottom = height - BELOW * scale;
    const across = (hertz) => (width * Math.log(hertz / lowest)) / Math.log(highest / lowest);
    const down = (db) => (bottom * (HIGHEST_DB - Math.max(LOWEST_DB, db))) / (HIGHEST_DB - LOWEST_DB);
    const at = (hertz) => levels[Math.round(((levels.length - 1) * Math.log(hertz / lowest)) / Math.log(highest / lowest))];
    context.clearRect(0, 0, width, height);
    context.font = `${11 * scale}px system-ui, sans-serif`;
    context.lineWidth = scale;
    context.fillStyle = colours.soft;
    context.strokeStyle = colours.line;
    context.textAlign = "center";
    let free = 0; // where the next frequency has room
    for (const hertz of GRID_HZ) {
      const [x, text] = [across(hertz), hertz < 1000 ? `${hertz} Hz` : `${hertz / 1000} kHz`];
      stroke(context, [[x, 0], [x, bottom]]);
      const half = context.measureText(text).width / 2;
      if (x - half < free) continue;
      context.fillText(text, x, height - 3 * scale);
      free = x + half + APART_PX * scale;
    }
    context.textAlign = "left";
    for (const db of GRID_DB) {
      stroke(context, [[0, down(db)], [width, down(db)]]);
      context.fillText(`${db} dB`, 3 * scale, down(db) - 3 * scale);
    }
    const note = notes.marked;
    const f0 = note && hertzOf(note);
    if (f0) harmonics(context, f0, across, scale, bottom);
    if (levels.length) {
      const curve = levels.map((db, index) => [(width * index) / (levels.length - 1), down(db)]);
      context.fillStyle = colours.accent;
      context.globalAlpha = 0.25;
      context.beginPath();
      context.moveTo(0, bottom);
      for (const point of curve) context.lineTo(...point);
      context.lineTo(width, bottom);
      context.fill();
      context.globalAlpha = 1;
      context.strokeStyle = colours.accent;
      context.lineWidth = 1.5 * scale;
      stroke(context, curve);
    }
    say(note, f0, at);
  });

  function harmonics(context, f0, across, scale, bottom) {
    context.strokeStyle = colours.text;
    context.fillStyle = colours.text;
    context.textAlign = "center";
    let last = -Infinity;
    for (let number = 1; number <= MARKED && number * f0 < highest; number += 1) {
      const x = across(number * f0);
      context.globalAlpha = number === 1 ? 0.9 : 0.45;
      context.setLineDash(number === 1 ? [] : [2 * scale, 3 * scale]);
      stroke(context, [[x, 14 * scale], [x, bottom]]);
      if (number <= NUMBERED && x - last > APART_PX * scale) {
        context.globalAlpha = 1;
        context.fillText(String(number), x, 11 * scale);
        last = x;
      }
    }
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  function say(note, f0, at) {
    const text = [];
    if (note && f0 >= lowest) {
      const nearest = Math.round(note.pitch);
      text.push(`${noteName(nearest)}, ${f0.toFixed(1)} Hz`);
      const found = [1, 2, 3, 4, 5].filter((number) => number * f0 < highest).map((number) => at(number * f0));
      if (found.every(Number.isFinite)) text.push(`harmonics 1 to ${found.length}: ${found.map(Math.round).join(", ")} dB`);
    }
    const now = text.join(" · ") || "Nothing sounds.";
    if (words.textContent !== now) words.textContent = now;
  }

  function look() {
    const style = getComputedStyle(document.documentElement);
    colours = Object.fromEntries(["line", "soft", "text", "accent"].map((name) => [name, style.getPropertyValue(`--${name}`)]));
    draw();
  }
  look();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);
  new ResizeObserver(() => {
    const scale = devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    draw();
  }).observe(canvas);
}

function stroke(context, points) {
  context.beginPath();
  context.moveTo(...points[0]);
  for (const point of points.slice(1)) context.lineTo(...point);
  context.stroke();
}
