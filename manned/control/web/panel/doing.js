// What the instrument is doing: levels, voices, load, late frames, the device and its state.

import { atNextFrame, make, unit } from "./dom.js";

const METER_A_SECOND = 20;
const LOWEST_DB = -60;
const MOVED_MS = 100;

const ROWS = [ // words of /status.reply, and what they are called here
  ["model", "Model"], ["audio", "State"], ["audio_problem", "Problem"], ["device", "Device"], ["samplerate", "Sample rate", "Hz"],
  ["voices", "Voices"], ["load_average", "Load", "%"], ["load_peak", "Load, peak", "%"], ["late_callbacks", "Late callbacks"],
  ["late_spectra", "Late spectra"], ["device_underflows", "Dropouts of the device"], ["latency_ms", "Latency of the device", "ms"],
  ["engine_latency_ms", "Latency of the limiter", "ms"], ["midi_ports", "MIDI ports"], ["web_clients", "Pages and clients"],
  ["version", "Version"],
];

function decibels(level) {
  return level > 0 ? 20 * Math.log10(level) : -Infinity;
}

/** The meter in the head of the page. */
export function meter(link, place) {
  const bars = ["Left", "Right"].map((side) =>
    make("div", { class: "meter", role: "meter", "aria-label": `Level ${side.toLowerCase()}`, "aria-valuemin": LOWEST_DB, "aria-valuemax": 0, "aria-valuenow": LOWEST_DB },
      make("span", { class: "rms" }), make("span", { class: "peak" })));
  const voices = make("output", { class: "figure", title: "Voices that sound", "aria-label": "Voices" });
  const load = make("output", { class: "figure", title: "Part of the time that the audio takes", "aria-label": "Load" });
  place.append(make("div", { class: "bars" }, ...bars), voices, load);
  let latest = [0, 0, 0, 0, 0, 0];
  const share = (level) => unit(1 - decibels(level) / LOWEST_DB);
  const draw = atNextFrame(() => {
    bars.forEach((bar, side) => {
      const peak = decibels(latest[side]);
      bar.style.setProperty("--peak", share(latest[side]).toFixed(3));
      bar.style.setProperty("--rms", share(latest[side + 2]).toFixed(3));
      bar.classList.toggle("hot", peak > -1);
      bar.setAttribute("aria-valuenow", Math.max(LOWEST_DB, Math.round(peak)));
    });
    voices.value = `${latest[4]} ♪`;
    load.value = `load ${Math.round(100 * latest[5])} %`;
  });
  link.on("/meter", ({ values }) => {
    if (values.length < 6) return;
    latest = values;
    draw();
  });
  link.listen("online", (online) => {
    latest = [0, 0, 0, 0, 0, 0];
    draw();
    if (online) link.send("/meter", document.hidden ? 0 : METER_A_SECOND);
  });
  document.addEventListener("visibilitychange", () => link.send("/meter", document.hidden ? 0 : METER_A_SECOND));
}

/** The list of figures. */
export function doing(link, place) {
  const shown = new Map();
  const moved = make("dd", {}, "–");
  let last = "";
  place.append(make("div", {}, make("dt", {}, "Moved last, by others"), moved));
  let waits = 0;
  link.listen("moved", ({ address, values }) => {
    last = `${address} ${values.map((value) => (typeof value === "number" ? Math.round(value * 1000) / 1000 : value)).join(" ")}`;
    waits ||= setTimeout(() => {
      waits = 0;
      moved.textContent = last;
    }, MOVED_MS);
  });
  link.listen("status", (status) => {
    for (const [key, label, unit = ""] of ROWS) {
      const value = status.get(key) ?? "";
      if (!shown.has(key)) {
        if (value === "") continue;
        const cell = make("dd", {});
        place.append(make("div", {}, make("dt", {}, label), cell));
        shown.set(key, cell);
      }
      const text = unit === "%" ? (100 * value).toFixed(1) : String(typeof value === "number" ? Math.round(value * 1000) / 1000 : value);
      shown.get(key).textContent = text ? `${text} ${unit}`.trim() : "–";
    }
  });
}
