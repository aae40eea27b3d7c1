// The groups of the sound: which addresses stand together, in which order. What none of them takes comes last.

import { control, labelOf, target } from "./controls.js";
import { make } from "./dom.js";
import { envelope } from "./envelope.js";
import { lfo } from "./lfo.js";
import { chooser } from "./library.js";

const numbers = (most) => Array.from({ length: most }, (_, index) => index + 1);
const under = (path, ...names) => names.map((name) => `${path}/${name}`);

const GROUPS = [
  { title: "Latents", open: true, paths: [/^\/latent\/\d+$/, "/glide"] },
  { title: "Level and envelope", open: true, picture: [envelope, "/env"], paths: ["/level", "/expression", ...under("/env", "attack", "decay", "sustain", "release")] },
  { title: "Tone", open: true, paths: ["/brightness", "/velocity/brightness", "/harmonic/level", "/noise/level", "/note/random", "/formant", "/phase", "/hop"] },
  { title: "Space", open: true, paths: ["/width", "/spread", "/chorus/mix", /^\/chorus\//, "/reverb/mix", /^\/reverb\//] },
  { title: "Notes", paths: ["/mode", "/voices", "/portamento", "/bend", "/bend/range", /^\/vibrato\//] },
  { title: "Unison", paths: ["/unison", /^\/unison\//] },
  { title: "Gesture", chooser: ["/gesture", "/gesture/list", "Gesture", "none"], paths: [/^\/gesture\//] },
  ...numbers(2).map((number) => ({ title: `Envelope ${number}`, picture: [envelope, `/env/${number}`], paths: under(`/env/${number}`, "target", "depth", "attack", "decay", "sustain", "release", "velocity", "key") })),
  ...numbers(4).map((number) => ({ title: `LFO ${number}`, picture: [lfo, `/lfo/${number}`], paths: under(`/lfo/${number}`, "target", "depth", "shape", "rate", "beats", "start") })),
  { title: "Velocity to latents", paths: [/^\/velocity\/latent\//] },
  { title: "Key to latents", paths: [/^\/key\/latent\//] },
  { title: "Morph", paths: [/^\/morph\//] },
  { title: "Tuning and tempo", chooser: ["/tuning/scale", "/tuning/scale/list", "Scale", "equal temperament"], paths: ["/tuning/a4", "/tempo"] },
  { title: "More", paths: [/./] },
];

/** Addresses that stand elsewhere on the page, or in another address as well. */
const ELSEWHERE = [/^\/macro\/\d+$/, "/gain", "/gain/db", "/chroma", "/octave", "/gate"];

const matches = (rule, path) => (typeof rule === "string" ? rule === path : rule.test(path));

/** Build the groups of all values of the tree; what stands in a closed one is made when the others are there. */
export function groups(link, place, latentNames) {
  const open = new Map([...place.children].map((details) => [details.dataset.title, details.open]));
  const left = [...link.nodes.values()]
    .filter((node) => node.DEFAULT !== undefined && !ELSEWHERE.some((rule) => matches(rule, node.FULL_PATH)))
    .map((node) => node.FULL_PATH);
  const made = [];
  const now = [];
  const later = [];
  for (const group of GROUPS) {
    const paths = [];
    for (const rule of group.paths) {
      for (const path of left.filter((path) => matches(rule, path)).sort(byNumber)) {
        paths.push(path);
        left.splice(left.indexOf(path), 1);
      }
    }
    if (!paths.length) continue;
    const inside = make("div", { class: "controls" });
    const details = make("details", { open: open.get(group.title) ?? Boolean(group.open) }, make("summary", {}, group.title), inside);
    details.dataset.title = group.title;
    const fill = () => {
      if (details.isConnected && !inside.childElementCount) inside.append(...contents(link, group, paths, latentNames));
    };
    (details.open ? now : later).push(fill);
    details.addEventListener("toggle", fill);
    made.push(details);
  }
  place.classList.add("coming"); // while it comes, only what is in sight is laid out
  place.replaceChildren(...made);
  for (const fill of now) fill();
  inTurn([...later, () => place.classList.remove("coming")]);
}

/** Do some work, a piece at a time, so that the page can be used between. */
function inTurn(pieces) {
  const next = () => {
    pieces.shift()();
    if (pieces.length) setTimeout(next);
  };
  setTimeout(next);
}

function contents(link, group, paths, latentNames) {
  const there = paths.filter((path) => link.nodes.has(path)); // another model may have come meanwhile
  const made = there.map((path) => drawn(link, path, group, latentNames)).filter(Boolean);
  if (group.chooser && link.nodes.has(group.chooser[0])) made.unshift(chooser(link, ...group.chooser));
  if (group.picture) {
    const [draw, path] = group.picture;
    made.unshift(draw(link, path));
  }
  return made;
}

function drawn(link, path, group, latentNames) {
  if (path.endsWith("/target")) return target(link, path, "Target", latentNames);
  const latent = path.match(/\/?latent\/(\d+)$/)?.[1];
  if (latent) return control(link, path, latentNames[latent - 1] ? `${latent} ${latentNames[latent - 1]}` : `Latent ${latent}`);
  const label = labelOf(link, path);
  return control(link, path, label.startsWith(`${group.title} `) ? capital(label.slice(group.title.length + 1)) : label);
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function byNumber(one, other) {
  return one.localeCompare(other, "en", { numeric: true });
}
