// The page: a client of the instrument like any other.

import { chroma } from "./chroma.js";
import { control } from "./controls.js";
import { doing, meter } from "./doing.js";
import { byId, make } from "./dom.js";
import { gesture } from "./gesture.js";
import { groups } from "./groups.js";
import { link } from "./instrument.js";
import { Keyboard } from "./keyboard.js";
import { Presets } from "./library.js";
import { midi } from "./midi.js";
import { model, modelFacts } from "./model.js";
import { Pad } from "./pad.js";
import { spectrum } from "./spectrum.js";
import { takes } from "./takes.js";
import { teach } from "./teach.js";
import { Workshop } from "./workshop.js";

const NOTICE_MS = 6000;
const VARIED = 0.1; // of the way to anywhere

const keyboard = new Keyboard(link, byId("play-place"), byId("play-tools"));
const pad = new Pad(link, byId("pad-place"), byId("pad-tools"));
const drone = chroma(link, byId("chroma-place"), byId("chroma-tools"));
const presets = new Presets(link, byId("presets-place"), (all) => (pad.pins = all.filter((preset) => preset.place)));
meter(link, byId("meters"));
midi(link, byId("midi-place"), byId("midi-tools"));
doing(link, byId("doing-place"));
spectrum(link, byId("spectrum-place"));
const workshop = new Workshop(link);
teach(link, workshop, byId("teach"), byId("teach-place"));
gesture(link, workshop, byId("gesture"), byId("gesture-place"));
takes(workshop, byId("takes"), byId("takes-place"));

// -- the head -----------------------------------------------------------------

const gate = byId("gate");
gate.addEventListener("click", () => link.set("/gate", gate.getAttribute("aria-pressed") !== "true"));
link.watch("/gate", ([on]) => gate.setAttribute("aria-pressed", String(Boolean(on))));

function panic() {
  keyboard.releaseAll();
  link.send("/allsoundoff");
}
byId("panic").addEventListener("click", panic);
addEventListener("keydown", (event) => event.key === "Escape" && panic());

// Buttons of what not every instrument has; they are shown where the tree has it.
const record = byId("record");
const OFFERED = {
  undo: () => link.send("/undo"),
  redo: () => link.send("/redo"),
  random: () => link.send("/random", VARIED),
  record: () => link.send("/record", record.getAttribute("aria-pressed") !== "true"),
};
for (const [name, act] of Object.entries(OFFERED)) byId(name).addEventListener("click", act);
link.watch("/record", ([on]) => record.setAttribute("aria-pressed", String(Boolean(on))));

link.listen("online", (online) => {
  byId("state").textContent = online ? "online" : "offline, trying again …";
  byId("state").classList.toggle("off", !online);
  document.body.classList.toggle("offline", !online);
  if (!online) keyboard.releaseAll();
});

let clearing = 0;
link.listen("problem", (text) => {
  byId("notice").textContent = text;
  clearTimeout(clearing);
  clearing = setTimeout(() => (byId("notice").textContent = ""), NOTICE_MS);
});

// -- what the tree tells --------------------------------------------------------

let drawn = "";

function latentNames(facts) {
  const count = [...link.nodes.keys()].filter((path) => /^\/latent\/\d+$/.test(path)).length;
  return Array.from({ length: count }, (_, index) => facts.get(`latent/${index + 1}`) ?? "");
}

// What needs no tree is asked for at once; the first tree, which comes meanwhile, need not do so again.
let fresh = true;
let facts = modelFacts(link);
facts.catch(() => {}); // it is looked at later
ask();

async function ask() {
  const came = await Promise.all([presets.refresh(), pad.refresh(0)]);
  if (!came.every(Boolean)) fresh = false;
}

async function build() {
  if (!fresh) {
    facts = modelFacts(link);
    ask();
  }
  fresh = false;
  const known = await facts.catch(() => new Map());
  const names = latentNames(known);
  pad.latentNames = names;
  const now = JSON.stringify([names, [...link.nodes.keys()], link.value("/model")]);
  if (now === drawn) return;
  drawn = now;
  for (const name of Object.keys(OFFERED)) byId(name).hidden = !link.nodes.has(`/${name}`);
  drone.rebuild();
  macros();
  groups(link, byId("sound-place"), names);
  byId("sound-place").prepend(model(link, known));
}

function macros() {
  const paths = [...link.nodes.keys()].filter((path) => /^\/macro\/\d+$/.test(path));
  byId("macros-place").replaceChildren(...paths.map((path) => {
    const label = make("span", {});
    const number = path.split("/").at(-1);
    link.watch(`${path}/name`, ([name]) => (label.textContent = name || `Macro ${number}`));
    label.textContent ||= `Macro ${number}`;
    return control(link, path, label);
  }));
}

link.listen("tree", build);
let playing = null;
link.watch("/model", ([name]) => {
  if (playing !== null && name !== playing) build();
  playing = name;
});
link.begin();
