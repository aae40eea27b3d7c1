// Teach it: sounds are dropped, learned from, and played.

import { make, newId } from "./dom.js";
import { dropZone } from "./drop.js";
import { JobView, sizeText } from "./job.js";

const EFFORTS = [["quick", "quick, a try"], ["usual", "usual"], ["thorough", "thorough, for much sound"]];

export function teach(link, workshop, section, place) {
  const problem = make("p", { class: "problem", role: "alert" });
  const coming = make("p", { class: "hint", role: "status" });
  const list = make("ul", { class: "sounds", "aria-label": "Sounds to learn from" });
  const install = make("p", { class: "install" });
  const nameId = newId();
  const effortId = newId();
  const name = make("input", { id: nameId, type: "text", maxLength: 48, required: true, placeholder: "my sounds" });
  const effort = make("select", { id: effortId }, ...EFFORTS.map(([value, words]) => make("option", { value }, words)));
  effort.value = "usual";
  const learn = make("button", { type: "submit" }, "Learn");
  const clear = make("button", { type: "button" }, "Forget all");
  const named = (words, input) => make("span", { class: "named" }, make("label", { for: input.id }, words), input);
  const form = make("form", { class: "row" }, named("Name", name), named("Effort", effort), learn, clear);

  const tried = async (work) => {
    problem.textContent = "";
    try {
      await work();
    } catch (error) {
      problem.textContent = error.message;
    }
  };
  const job = new JobView("Learning", {
    cancel: () => tried(() => workshop.ask({ do: "cancel", job: "teaching" })),
    dismiss: () => tried(() => workshop.ask({ do: "dismiss", job: "teaching" })),
    done: () => document.dispatchEvent(new Event("names")),
    actions: ({ name: model }) => {
      const play = make("button", { type: "button", class: "play" }, "Play it");
      play.addEventListener("click", () => link.set("/model", model));
      return play;
    },
  });
  const zone = dropZone("Drop sounds here: single notes and melodies of one instrument, three minutes are good.", {
    many: true,
    take: (files) => tried(() => upload(files)),
  });

  async function upload(files) {
    const refused = [];
    for (const [number, file] of files.entries()) {
      const told = (part) => (coming.textContent = `${number + 1} of ${files.length}: ${file.name}, ${Math.round(100 * part)} %`);
      told(0);
      await workshop.upload(file, "teaching", {}, told).catch((error) => refused.push(error.message));
    }
    coming.textContent = "";
    if (refused.length) throw new Error([...new Set(refused)].slice(0, 5).join(" · "));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tried(() => workshop.ask({ do: "learn", name: name.value, effort: effort.value }));
  });
  clear.addEventListener("click", () => tried(() => workshop.ask({ do: "forget", name: null })));

  function row(sound) {
    const remove = make("button", { type: "button", "aria-label": `Forget ${sound.name}` }, "×");
    remove.addEventListener("click", () => tried(() => workshop.ask({ do: "forget", name: sound.name })));
    const heard = sound.teaches === false ? `taught nothing: ${sound.heard}` : sound.heard || sizeText(sound.bytes);
    return make("li", { class: sound.teaches === false ? "useless" : "" }, make("span", {}, sound.name), make("small", {}, heard), remove);
  }

  let sounds = [];
  let news = { job: null, install: "" };
  function show() {
    const busy = news.job?.state === "running";
    learn.disabled = busy || !sounds.length || Boolean(news.install);
    clear.disabled = busy || !sounds.length;
    for (const button of list.querySelectorAll("button")) button.disabled = busy;
  }
  workshop.watch("sounds", (now) => {
    sounds = now;
    const rank = (sound) => Number(sound.teaches === false);
    list.replaceChildren(...[...sounds].sort((one, other) => rank(one) - rank(other)).map(row));
    list.hidden = !sounds.length;
    show();
  });
  workshop.watch("teaching", (now) => {
    section.hidden = false;
    news = now;
    install.replaceChildren(...(news.install ? ["Learning needs more than is installed. Type this on that computer: ", make("code", {}, news.install)] : []));
    job.show(news.job);
    show();
  });
  place.append(zone, coming, list, form, install, problem, job.element);
}
