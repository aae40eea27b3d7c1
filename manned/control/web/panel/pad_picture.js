// What the pad looks like: measured colours, dots, names, pins, trace and morph.

import { unit } from "./dom.js";
import { NAMES } from "./keyboard.js";

export const VIEWS = { brightness: "Brightness", noisiness: "Noise", level: "Level", pitch: "Pitch class" };

const TRACE_MS = 6000;
const DARK = [24, 32, 74];
const RAMP = [[24, 32, 74], [43, 73, 150], [36, 133, 152], [92, 176, 110], [236, 190, 74], [255, 240, 190]];
const ENDS = { brightness: (value) => `${Math.round(2 ** value)} Hz`, noisiness: (value) => `${Math.round(100 * value)} %`, level: (value) => `${value.toFixed(1)} dB` };

/** The values that a view shows, and those at which its colours end. */
function shownValues(chart, view) {
  const grid = { noisiness: chart.noisiness, level: chart.level_db }[view] ?? chart.brightness_hz.map((line) => line.map(Math.log2));
  const values = grid.flat().sort((one, other) => one - other);
  return { grid, low: values[Math.floor(0.02 * values.length)], high: values[Math.floor(0.98 * (values.length - 1))] };
}

/** A small canvas with a pixel for each place that was measured. */
export function picture(chart, view) {
  const { rows, columns, counts } = chart;
  const small = document.createElement("canvas");
  small.width = columns;
  small.height = rows;
  const context = small.getContext("2d");
  const image = context.createImageData(columns, rows);
  const { grid, low, high } = shownValues(chart, view);
  const most = Math.max(1, ...counts.flat());
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const count = counts[row]?.[column];
      // Where no training sound lies the colour is fainter.
      const share = count === undefined ? 1 : 0.55 + 0.45 * Math.min(1, Math.sqrt((4 * count) / most));
      const colour = view === "pitch" ? hue(chart.pitch_class[row][column] / 12) : ramp((grid[row][column] - low) / (high - low || 1));
      image.data.set([...colour.map((part, index) => DARK[index] + share * (part - DARK[index])), 255], 4 * ((rows - 1 - row) * columns + column));
    }
  }
  context.putImageData(image, 0, 0);
  return small;
}

/** What the colours mean: the ends of the scale with the colours between. */
export function legend(element, chart, view) {
  const css = (colours) => `linear-gradient(to right, ${colours.map((colour) => `rgb(${colour.map(Math.round).join()})`).join()})`;
  const { low, high } = shownValues(chart, view);
  const [first, last] = view === "pitch" ? ["C", "B"] : [ENDS[view](low), ENDS[view](high)];
  const bar = document.createElement("span");
  bar.style.setProperty("background-image", css(view === "pitch" ? NAMES.map((_, number) => hue(number / 12)) : RAMP));
  element.replaceChildren(first, bar, last);
}

/** Paint all of the pad; true when the trace fades on. */
export function paint(canvas, { picture: small, pins, sounds, labels, trace, here, morph, pairs }) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const scale = devicePixelRatio || 1;
  const at = ([x, y]) => [x * width, (1 - y) * height];
  context.clearRect(0, 0, width, height);
  if (small) {
    // The centre of each outer point lies on the edge.
    context.imageSmoothingQuality = "high";
    context.drawImage(small, 0.5, 0.5, small.width - 1, small.height - 1, 0, 0, width, height);
  }
  const dot = (place, radius) => {
    context.beginPath();
    context.arc(...at(place), radius * scale, 0, 2 * Math.PI);
  };
  paintSounds(context, at, scale, sounds, labels, width);
  context.lineWidth = 1.5 * scale;
  context.strokeStyle = "rgba(0, 0, 0, 0.75)";
  context.fillStyle = "rgba(255, 255, 255, 0.9)";
  for (const pin of pins) {
    dot(pin.place, morph.on ? 4.5 : 3.5);
    context.stroke();
    context.fill();
  }
  const goesOn = paintTrace(context, at, scale, trace);
  if (morph.on) paintMorph(context, at, scale, dot, morph.line, width);
  for (const { begin, place } of pairs) {
    line(context, at, scale, begin, place);
    ring(context, dot, scale, place, 7);
  }
  if (here) ring(context, dot, scale, here, 9);
  return goesOn;
}

function line(context, at, scale, from, to) {
  for (const [colour, width] of [["rgba(0, 0, 0, 0.75)", 5], ["#fff", 2]]) {
    context.strokeStyle = colour;
    context.lineWidth = width * scale;
    context.beginPath();
    context.moveTo(...at(from));
    context.lineTo(...at(to));
    context.stroke();
  }
}

function ring(context, dot, scale, place, radius) {
  for (const [colour, width] of [["#000", 5], ["#fff", 2.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = width * scale;
    dot(place, radius);
    context.stroke();
  }
}

function write(context, at, scale, place, text, width, rise) {
  const [x, y] = at(place);
  const half = context.measureText(text).width / 2 + 3 * scale;
  const middle = Math.min(width - half, Math.max(half, x));
  context.lineWidth = 3 * scale;
  context.strokeStyle = "rgba(0, 0, 0, 0.7)";
  context.fillStyle = "#fff";
  context.lineJoin = "round";
  context.textAlign = "center";
  const line = y - rise * scale < 12 * scale ? y + (rise + 9) * scale : y - rise * scale;
  context.strokeText(text, middle, line);
  context.fillText(text, middle, line);
}

/** Small dots where the decoder has learned from something, and some of the names. */
function paintSounds(context, at, scale, sounds, labels, width) {
  context.fillStyle = "rgba(255, 255, 255, 0.55)";
  for (const { x, y } of sounds) {
    const [left, top] = at([x, y]);
    context.fillRect(left - scale, top - scale, 2 * scale, 2 * scale);
  }
  context.font = `${11 * scale}px system-ui, sans-serif`;
  for (const { x, y, text } of labels) write(context, at, scale, [x, y], text, width, 5);
}

function paintMorph(context, at, scale, dot, { ends, share, loose }, width) {
  const to = ends[1]?.place ?? loose;
  if (!ends.length) return;
  if (to) line(context, at, scale, ends[0].place, to);
  context.font = `600 ${12 * scale}px system-ui, sans-serif`;
  for (const end of ends) {
    ring(context, dot, scale, end.place, 6);
    write(context, at, scale, end.place, end.name.split("/").at(-1), width, 11);
  }
  if (share === null) return;
  dot(ends[0].place.map((value, axis) => value + share * (ends[1].place[axis] - value)), 6);
  context.fillStyle = "#f2b441";
  context.strokeStyle = "#000";
  context.lineWidth = 2 * scale;
  context.fill();
  context.stroke();
}

function paintTrace(context, at, scale, trace) {
  const now = performance.now();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
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
  return !still && trace.length > 1 && now - trace.at(-1).at < TRACE_MS;
}

function ramp(share) {
  const place = unit(share) * (RAMP.length - 1);
  const first = Math.min(RAMP.length - 2, Math.floor(place));
  return RAMP[first].map((part, index) => part + (place - first) * (RAMP[first + 1][index] - part));
}

function hue(turn) {
  return [0, 8, 4].map((offset) => {
    const k = (offset + turn * 12) % 12;
    return Math.round(255 * (0.52 - 0.36 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  });
}
