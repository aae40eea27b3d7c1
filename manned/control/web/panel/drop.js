// A place to drop sound files on, or to choose them with a button; folders are looked through.

import { make, newId } from "./dom.js";
import { SUFFIXES } from "./workshop.js";

/** A drop zone. `take` gets a list of files, all at once. */
export function dropZone(words, { many, take }) {
  const id = newId();
  const input = make("input", { type: "file", id, multiple: many, accept: `audio/*,${SUFFIXES.join(",")}`, class: "file" });
  const zone = make("div", { class: "drop" }, make("p", {}, words), input,
    make("label", { for: id, class: "button" }, many ? "Choose files" : "Choose a file"));
  input.addEventListener("change", () => {
    const chosen = [...input.files];
    input.value = ""; // so that the same file can be chosen again
    if (chosen.length) take(chosen);
  });
  zone.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const dropped = await files(event.dataTransfer);
    if (dropped.length) take(many ? dropped : dropped.slice(0, 1));
  });
  return zone;
}

/** What was dropped; of folders, the sounds that are in them. */
async function files(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const found = [];
  for (const entry of entries) await look(entry, found, true);
  return found;
}

async function look(entry, found, named) {
  if (entry.isFile) {
    const isSound = SUFFIXES.some((suffix) => entry.name.toLowerCase().endsWith(suffix));
    if (named || isSound) found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const one of some) await look(one, found, false);
  }
}

// A file that misses a drop zone must not take the place of the page.
for (const kind of ["dragover", "drop"]) {
  addEventListener(kind, (event) => [...(event.dataTransfer?.types ?? [])].includes("Files") && event.preventDefault());
}
