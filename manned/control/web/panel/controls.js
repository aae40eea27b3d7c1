// A control for an address, made of what the tree tells of it: a fader, a list of words, or a switch.

import { make, newId, unit } from "./dom.js";

const UNITS = { "time.second": "s", "time.hz": "Hz", "gain.db": "dB" };
const STEPS = 1000;

/** What an address is called on the page. */
export function labelOf(link, path) {
  const node = link.nodes.get(path);
  const number = path.match(/\/(\d+)(\/|$)/)?.[1] ?? "";
  return (node.LABEL ?? path.slice(1)).replace(/\{\w\}/, number);
}

/** A number with its unit, in as many digits as can be heard. */
export function shown(value, unit = "") {
  if (typeof value !== "number") return String(value);
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  if (unit === "s" && value !== 0 && Math.abs(value) < 1) return `${(1000 * value).toFixed(value < 0.01 ? 1 : 0)} ms`;
  return `${value.toFixed(digits).replace(/^-(0(\.0+)?)$/, "$1")}${unit ? ` ${unit}` : ""}`;
}

/** The control of an address, or null where the page can draw none. */
export function control(link, path, label = labelOf(link, path)) {
  const node = link.nodes.get(path);
  const range = node.RANGE?.[0];
  if (range?.VALS) return choice(link, path, label, node, range.VALS);
  if (node.TYPE === "T" || node.TYPE === "F") return toggle(link, path, label, node);
  if (range?.MIN !== undefined) return fader(link, path, label, node, range);
  return null;
}

/** Where a fader stands, 0–1, for a value, and the other way: by its cube where short times need most of the travel. */
export function travelOf(node, range) {
  const power = node.CURVE === "power" ? 3 : 1;
  const span = range.MAX - range.MIN || 1;
  return {
    position: (value) => unit((value - range.MIN) / span) ** (1 / power),
    value: (position) => range.MIN + span * position ** power,
  };
}

function fader(link, path, label, node, range) {
  const id = newId();
  const whole = node.TYPE[0] === "i";
  const unit = UNITS[node.UNIT?.[0]] ?? node.UNIT?.[0] ?? "";
  const travel = travelOf(node, range);
  const steps = whole ? range.MAX - range.MIN : STEPS;
  const output = make("output", { htmlFor: id });
  const input = make("input", { type: "range", id, min: 0, max: steps, step: 1, title: titleOf(path, node) });
  const back = node.DEFAULT?.[0];
  const reset = () => back !== undefined && link.set(path, back);
  input.addEventListener("input", () => {
    const value = travel.value(input.valueAsNumber / steps);
    link.set(path, whole ? Math.round(value) : value);
  });
  input.addEventListener("dblclick", reset);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      reset();
    }
  });
  link.watch(path, ([value]) => {
    const text = shown(value, typeof value === "number" ? unit : "");
    output.value = text;
    if (typeof value === "number") input.valueAsNumber = Math.round(steps * travel.position(value));
    input.setAttribute("aria-valuetext", text);
  });
  return wrapped("fader", path, label, id, output, input);
}

function choice(link, path, label, node, words) {
  const id = newId();
  const input = make("select", { id, title: titleOf(path, node) }, ...words.map((word) => make("option", {}, word)));
  input.addEventListener("change", () => link.set(path, input.value));
  link.watch(path, ([value]) => (input.value = value));
  return wrapped("choice", path, label, id, "", input);
}

function toggle(link, path, label, node) {
  const id = newId();
  const input = make("input", { type: "checkbox", id, title: titleOf(path, node) });
  input.addEventListener("change", () => link.set(path, input.checked));
  link.watch(path, ([value]) => (input.checked = Boolean(value)));
  return wrapped("toggle", path, label, id, "", input);
}

function wrapped(kind, path, label, id, output, input) {
  const name = label instanceof Node ? label : make("span", {}, label);
  const element = make("div", { class: `control ${kind}` }, make("label", { for: id }, name, output), input);
  element.dataset.path = path;
  return element;
}

function titleOf(path, node) {
  const back = node.DEFAULT === undefined ? "" : ` Double-click or Delete: ${node.DEFAULT[0]}.`;
  return `${node.DESCRIPTION} ${path}.${back}`;
}

/** What a target may be: the latents by their names, then the words that the instrument knows. */
export const TARGETS = ["level", "pitch", "pan", "noise", "brightness"];

/** The list of what an LFO or an envelope moves. */
export function target(link, path, label, latentNames) {
  const node = link.nodes.get(path);
  const id = newId();
  const latents = latentNames.map((name, index) => make("option", { value: index + 1 }, `${index + 1} ${name}`));
  const words = TARGETS.map((word) => make("option", { value: word }, word));
  const input = make("select", { id, title: titleOf(path, node) },
    make("optgroup", { label: "Latents" }, ...latents), make("optgroup", { label: "Voice" }, ...words));
  input.addEventListener("change", () => link.set(path, /^\d+$/.test(input.value) ? Number(input.value) : input.value));
  link.watch(path, ([value]) => (input.value = String(value)));
  return wrapped("choice", path, label, id, "", input);
}
