// MIDI learn by touching a control, and the list of what the controllers move.

import { make } from "./dom.js";

const ASK_MS = 1500;
const COLUMNS = ["Port", "Controller", "Moves", "State"];

export function midi(link, place, tools) {
  const button = make("button", { "aria-pressed": "false", title: "Choose a control of the page, then move a knob" }, "Learn");
  const words = make("p", { class: "hint", role: "status" });
  const body = make("tbody", {});
  const table = make("table", {}, make("caption", {}, "What the controllers move"),
    make("thead", {}, make("tr", {}, ...COLUMNS.map((name) => make("th", { scope: "col" }, name)))), body);
  tools.append(button);
  place.append(words, make("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": "Bindings" }, table));
  const learns = () => button.getAttribute("aria-pressed") === "true";

  function learn(on) {
    button.setAttribute("aria-pressed", String(on));
    document.body.classList.toggle("learning", on);
    words.textContent = on ? "Touch a control of the page." : "";
    if (!on) link.send("/midi/learn", "");
  }
  button.addEventListener("click", () => learn(!learns()));
  document.addEventListener("focusin", choose);
  document.addEventListener("pointerdown", choose);
  function choose(event) {
    const path = learns() && event.target.closest?.("[data-path]")?.dataset.path;
    if (!path) return;
    link.send("/midi/learn", path);
    words.textContent = `${path}: move a knob or a fader now.`;
  }
  link.on("/done", ({ values: [what, address, port, controller] }) => {
    if (what !== "/midi/learn") return;
    learn(false);
    words.textContent = `${address} is moved by ${controller} of ${port}.`;
    link.send("/midi/map");
  });

  function row([port, controller, address, state]) {
    const forget = make("button", { "aria-label": `Forget what was learned for ${address}` }, "Forget");
    forget.addEventListener("click", () => {
      link.send("/midi/unlearn", address);
      link.send("/midi/map");
    });
    return make("tr", {}, ...[port, controller, address].map((text) => make("td", {}, text)), make("td", {}, state, " ", forget));
  }
  let last = "";
  link.on("/midi/map", ({ values }) => {
    const now = values.join("\n");
    if (now === last) return;
    last = now;
    const rows = [];
    for (let at = 0; at + 3 < values.length; at += 4) rows.push(row(values.slice(at, at + 4).map(String)));
    body.replaceChildren(...rows);
  });
  const seen = { yes: false };
  new IntersectionObserver(([entry]) => (seen.yes = entry.isIntersecting)).observe(table);
  setInterval(() => seen.yes && !document.hidden && link.send("/midi/map"), ASK_MS);
}
