// How a job of the workshop is shown: a bar, what is being done, how long it takes, and how it came out.

import { make } from "./dom.js";

/** A time in words, such as "2 min 5 s". */
export function timeText(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Bytes in words, such as "1.5 MB". */
export function sizeText(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let at = 0;
  for (; bytes >= 1000 && at < units.length - 1; at += 1) bytes /= 1000;
  return `${bytes < 10 && at ? bytes.toFixed(1) : Math.round(bytes)} ${units[at]}`;
}

const ENDINGS = {
  done: { words: " is made", lines: (job) => job.lines, look: "line-of-it" },
  failed: { words: " could not be made", lines: (job) => [job.problem], look: "problem" },
  cancelled: { words: "", lines: () => ["Cancelled, nothing was written."], look: "line-of-it" },
};

export class JobView {
  #bar = make("progress", { max: 1 });
  #stage = make("span", { role: "status" });
  #left = make("span", { class: "figure" });
  #cancel = make("button", { type: "button" }, "Cancel");
  #running;
  #ended = make("div", { class: "ended" });
  #was = "";
  #told;

  /** `cancel` and `dismiss` are called by their buttons, `done` once for each job that is done; `actions` gives a button
   *  for that. */
  constructor(label, { cancel, dismiss, actions, done }) {
    this.#bar.setAttribute("aria-label", label);
    this.#cancel.addEventListener("click", cancel);
    this.#running = make("div", { class: "job", hidden: true }, this.#bar,
      make("div", { class: "row" }, this.#stage, this.#left, this.#cancel));
    this.#told = { actions, done, dismiss };
    this.element = make("div", {}, this.#running, this.#ended);
  }

  show(job) {
    const running = job?.state === "running";
    this.#running.hidden = !running;
    if (running) {
      if (job.left_s === null) this.#bar.removeAttribute("value");
      else this.#bar.value = job.part;
      const stage = `${job.name}: ${job.stage} …`;
      if (this.#stage.textContent !== stage) this.#stage.textContent = stage;
      this.#left.textContent = job.left_s === null ? "" : `about ${timeText(job.left_s)} left`;
    }
    if (job?.state === "done" && this.#was === "running") this.#told.done(job);
    this.#was = job?.state ?? "";
    this.#end(running ? null : job);
  }

  #end(job) {
    const key = job ? JSON.stringify(job) : "";
    if (this.#ended.dataset.shown === key) return;
    this.#ended.dataset.shown = key;
    const ending = ENDINGS[job?.state];
    this.#ended.replaceChildren();
    if (!ending) return;
    this.#ended.append(make("h3", {}, job.name + ending.words));
    for (const line of ending.lines(job)) this.#ended.append(make("p", { class: ending.look }, line));
    const dismiss = make("button", { type: "button", class: "dismiss" }, "Dismiss");
    dismiss.addEventListener("click", this.#told.dismiss);
    this.#ended.append(make("div", { class: "row" }, ...(job.state === "done" ? [this.#told.actions(job)] : []), dismiss));
  }
}
