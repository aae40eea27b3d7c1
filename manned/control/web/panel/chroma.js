// The drone: its pitch class as the twelve-way selector of the paper, or a mix of several, and its octave.

import { control } from "./controls.js";
import { make } from "./dom.js";
import { NAMES } from "./keyboard.js";

export function chroma(link, place, tools) {
  const mix = make("button", { "aria-pressed": "false", title: "Mix the sounds of several pitch classes: /chroma/weights" }, "Mix");
  tools.append(mix);
  const ring = make("div", { class: "ring", role: "group", "aria-label": "Pitch class" });
  const below = make("div", { class: "controls" });
  place.append(ring, below);
  const buttons = NAMES.map((name, number) => {
    const button = make("button", { class: "class", "aria-pressed": "false" }, name);
    button.style.setProperty("--turn", number / 12);
    button.style.setProperty("--x", Math.sin((2 * Math.PI * number) / 12).toFixed(4));
    button.style.setProperty("--y", (-Math.cos((2 * Math.PI * number) / 12)).toFixed(4));
    button.addEventListener("click", () => choose(number));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: 11, ArrowUp: 11 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = (number + step) % 12;
      buttons[next].focus();
      if (!mixes()) choose(next);
    });
    return button;
  });
  ring.append(...buttons);

  const mixes = () => mix.getAttribute("aria-pressed") === "true";

  function weightsNow() {
    const weights = link.values("/chroma/weights");
    const one = link.value("/chroma");
    return weights?.length === 12 ? weights : NAMES.map((_, number) => Number(number === one));
  }

  function choose(number) {
    if (!mixes()) {
      link.set("/chroma/weights", ...NAMES.map((_, other) => Number(other === number)));
      link.set("/chroma", number);
      return;
    }
    const weights = weightsNow().map((weight, other) => (other === number ? Number(!weight) : weight));
    if (weights.some(Boolean)) link.set("/chroma/weights", ...weights);
  }

  mix.addEventListener("click", () => mix.setAttribute("aria-pressed", String(!mixes())));

  function draw() {
    weightsNow().forEach((weight, number) => {
      buttons[number].setAttribute("aria-pressed", String(weight > 0));
      buttons[number].style.setProperty("--weight", weight);
    });
  }

  link.watch("/chroma", draw);
  link.watch("/chroma/weights", draw);
  return {
    rebuild() {
      below.replaceChildren(control(link, "/octave"), control(link, "/gain/db", "Volume"));
    },
  };
}
