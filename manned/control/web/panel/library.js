// Presets by kind and search, models, gestures, scales: what is chosen by its name.

import { make, newId } from "./dom.js";

const MOST_SHOWN = 400;

export class Presets {
  #link;
  #all = [];
  #shown = new Map();
  #kinds = make("select", { "aria-label": "Kind of presets" });
  #search = make("input", { type: "search", placeholder: "Search", "aria-label": "Search presets" });
  #list = make("ul", { class: "list", "aria-label": "Presets" });
  #name = make("input", { type: "text", maxLength: 97, placeholder: "Name", "aria-label": "Name to save under" });
  #told;

  constructor(link, place, told) {
    this.#link = link;
    this.#told = told;
    const step = (label, words, address) => {
      const button = make("button", { "aria-label": words, title: words }, label);
      button.addEventListener("click", () => link.send(address));
      return button;
    };
    const compare = make("button", {
      "aria-pressed": "false", hidden: true,
      title: "Hear the preset as it was kept; press again for what is set now, which is not lost",
    }, "Compare");
    compare.addEventListener("click", () => link.send("/preset/compare", compare.getAttribute("aria-pressed") !== "true"));
    link.watch("/preset/compare", ([on]) => compare.setAttribute("aria-pressed", String(Boolean(on))));
    link.watch("/preset/load", ([name]) => (compare.hidden = !name));
    const form = make("form", { class: "row" }, this.#name, make("button", { type: "submit" }, "Save"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = this.#name.value.trim();
      if (name) link.send("/preset/save", name);
    });
    place.append(
      make("div", { class: "row" }, this.#kinds, this.#search),
      this.#list,
      make("div", { class: "row" }, step("‹", "Previous preset", "/preset/prev"), step("›", "Next preset", "/preset/next"),
        step("Any", "Any preset", "/preset/random"), compare, form));
    this.#kinds.addEventListener("change", () => this.#filter());
    this.#search.addEventListener("input", () => this.#filter());
    link.watch("/preset/load", ([name]) => this.#mark(name));
    link.on("/done", ({ values }) => {
      if (values[0] === "/preset/save" || values[0] === "/preset/delete") this.refresh();
    });
  }

  /** Ask for the list again; whether it came. */
  async refresh() {
    try {
      this.#all = (await this.#link.fetch("/panel/presets.json")).presets;
    } catch {
      return false; // the next connection asks again
    }
    const kinds = [...new Set(this.#all.flatMap((preset) => preset.kinds))].sort();
    const chosen = this.#kinds.value;
    this.#kinds.replaceChildren(make("option", { value: "" }, "All kinds"), ...kinds.map((kind) => make("option", {}, kind)));
    this.#kinds.value = kinds.includes(chosen) ? chosen : "";
    this.#filter();
    this.#told(this.#all);
    return true;
  }

  #filter() {
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kind = this.#kinds.value;
    const found = this.#all.filter((preset) => {
      const text = `${preset.name} ${preset.kinds.join(" ")} ${preset.author} ${preset.comment}`.toLowerCase();
      return (!kind || preset.kinds.includes(kind)) && words.every((word) => text.includes(word));
    });
    this.#shown.clear();
    const rows = found.slice(0, MOST_SHOWN).map((preset) => {
      const button = make("button", { class: "preset", title: preset.comment }, preset.name.split("/").at(-1),
        make("small", {}, preset.kinds.join(" ")));
      button.addEventListener("click", () => this.#link.send("/preset/load", preset.name));
      this.#shown.set(preset.name, button);
      return make("li", {}, button);
    });
    this.#list.replaceChildren(...(rows.length ? rows : [make("li", { class: "none" }, "No preset is called so.")]));
    this.#mark(this.#link.value("/preset/load"));
  }

  #mark(name) {
    if (name && document.activeElement !== this.#name) this.#name.value = name;
    for (const [other, button] of this.#shown) {
      if (other === name) {
        button.setAttribute("aria-current", "true");
        this.#list.scrollTop = button.offsetTop - this.#list.offsetTop - this.#list.clientHeight / 2;
      } else button.removeAttribute("aria-current");
    }
  }
}

/** A list of names that the instrument has: models, gestures, scales. `none` is what the empty name means. */
export function chooser(link, path, listPath, label, none) {
  const id = newId();
  const select = make("select", { id, title: link.nodes.get(path).DESCRIPTION });
  const show = (names) => {
    const now = String(link.value(path) ?? "");
    const options = names.map((name) => make("option", { value: name }, name));
    if (none !== undefined) options.unshift(make("option", { value: "" }, none));
    if (now && !names.includes(now)) options.push(make("option", { value: now }, now));
    select.replaceChildren(...options);
    select.value = now;
  };
  show([]);
  const ask = () => link.fetch(listPath).then((node) => show((node.VALUE ?? []).map(String)), () => {});
  ask();
  document.addEventListener("names", function again() {
    if (select.isConnected) ask();
    else document.removeEventListener("names", again); // another one stands in its place
  });
  select.addEventListener("change", () => link.send(path, select.value));
  link.watch(path, ([name]) => {
    if (![...select.options].some((option) => option.value === name)) select.append(make("option", { value: name }, name));
    select.value = name;
  });
  return make("div", { class: "control choice" }, make("label", { for: id }, label), select);
}
