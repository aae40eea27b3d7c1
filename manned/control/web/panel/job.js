// How a job of the workshop is shown: a bar, what is being done, how long it takes, and how it came out.

import { make } from "./dom.js";

/** A time in words, such as "2 min 5 s". */
export function timeText(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export class JobView {
  #bar = make("progress", { max: 1 });
  #stage = make("span", { role: "status" });
  #left = make("span", { class: "figure" });
  #cancel = make("button", { type: "button" }, "Cancel");
  #running;
  #ended = make("div", { class: "ended" });
  #was = "";
  #told;

  /** `cancel` is called by the button; `ended` once for each job that is done, and gives buttons for it. */
  constructor(label, { cancel, actions, done }) {
    this.#bar.setAttribute("aria-label", label);
    this.#cancel.addEventListener("click", cancel);
    this.#running = make("div", { class: "job", hidden: true }, this.#bar,
      make("div", { class: "row" }, this.#stage, this.#left, this.#cancel));
    this.#told = { actions, done };
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
    const lines = job ? { done: job.lines, cancelled: ["Cancelled, nothing was written."], failed: [job.problem] }[job.state] : [];
    const heading = job ? make("h3", {}, `${job.name}${job.state === "done" ? " is made" : job.state === "failed" ? " could not be made" : ""}`) : "";
    this.#ended.replaceChildren(...(job ? [heading, ...lines.map((line) => make("p", { class: job.state === "failed" ? "problem" : "line-of-it" }, line))] : []),
      ...(job?.state === "done" ? [this.#told.actions(job)] : []));
  }
}
