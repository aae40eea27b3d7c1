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
    const element = make("tr", {}, ...[port, controller, address].map((text) => make("td", {}, text)),
      make("td", {}, state, " ", make("b", { class: "way" }), " ", ...(state === "learned" ? [forget] : [])));
    element.dataset.key = `${port}\n${controller}`;
    tell(element);
    return element;
  }
  let waiting = new Map(); // port and controller → the way that its fader must go
  link.on("/midi/takeover", ({ values }) => {
    waiting = new Map();
    for (let at = 0; at + 3 < values.length; at += 4) waiting.set(values.slice(at, at + 2).join("\n"), values[at + 3]);
    for (const row of body.rows) tell(row);
  });
  const WAYS = { up: "waiting ↑", down: "waiting ↓" };

  function tell(row) {
    const way = WAYS[waiting.get(row.dataset.key)] ?? "";
    const place = row.querySelector(".way");
    if (place && place.textContent !== way) place.textContent = way;
  }

  const nothing = make("tr", {}, make("td", { class: "none", colSpan: COLUMNS.length },
    "No controller is connected. One that you plug in is found by itself."));
  let last = null;
  link.on("/midi/map", ({ values }) => {
    const now = values.join("\n");
    if (now === last) return;
    last = now;
    const rows = [];
    for (let at = 0; at + 3 < values.length; at += 4) rows.push(row(values.slice(at, at + 4).map(String)));
    body.replaceChildren(...(rows.length ? rows : [nothing]));
  });
  const seen = { yes: false };
  new IntersectionObserver(([entry]) => (seen.yes = entry.isIntersecting)).observe(table);
  setInterval(() => {
    if (!seen.yes || document.hidden) return;
    link.send("/midi/map");
    link.send("/midi/takeover");
  }, ASK_MS);
}
