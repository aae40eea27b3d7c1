// The model that plays: which one, and its card.

import { make } from "./dom.js";
import { chooser } from "./library.js";
import { pairs } from "./osc.js";

const KINDS = {
  harmonic: "harmonic: it is told the pitch and makes harmonics and noise",
  spectrum: "spectrum: it makes the magnitudes of the paper",
};

/** What the instrument says of its model, by name. */
export async function modelFacts(link) {
  return pairs((await link.fetch("/model/info")).VALUE ?? []);
}

const number = (value) => Number(value).toLocaleString("en");
const digits = (value) => Number(value).toFixed(1);

/** Rows of the card: a word, and what stands behind it; a row whose facts are missing is left out. */
const ROWS = [
  ["Name", ["name"], (name) => name],
  ["Kind", ["kind"], (kind) => KINDS[kind] ?? kind],
  ["Author", ["author"], (author) => author],
  ["Licence", ["licence"], (licence) => licence],
  ["Latents", ["latents"], (count) => count],
  ["Octaves", ["octaves"], (octaves) => octaves],
  ["Learned from", ["clips", "frames"], (clips, frames) => `${number(clips)} sounds, ${number(frames)} moments of them`],
  ["Sounds of", ["sounds"], (sounds) => sounds],
  ["On sounds that it never heard", ["unheard/harmonics_db", "unheard/bands_db"], (harmonics, bands) => `harmonics within ${digits(harmonics)} dB, bands of the ear within ${digits(bands)} dB`],
  ["Error on sounds that it never heard", ["unheard/mse"], (mse) => `${Number(mse).toExponential(1)} (mean square)`],
  ["Sounds that it never heard", ["unheard/clips"], number],
  ["Plays the pitch that is asked for", ["pitch_match"], (share) => `${(100 * share).toFixed(1)} % of places`],
  ["Chart with sounds on it", ["chart_occupied"], (share) => `${Math.round(100 * share)} %`],
];

/** The chooser of models, and the card of the one that plays. */
export function model(link, facts) {
  const rows = ROWS.filter(([, names]) => names.every((name) => facts.has(name)))
    .map(([word, names, tell]) => make("div", {}, make("dt", {}, word), make("dd", {}, String(tell(...names.map((name) => facts.get(name)))))));
  const card = make("details", { class: "card" }, make("summary", {}, "About this model"), make("dl", { class: "facts" }, ...rows));
  return make("div", { class: "model" }, chooser(link, "/model", "/model/list", "Model"), card);
}
