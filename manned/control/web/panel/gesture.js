// A recording that is dropped becomes a gesture.

import { make, newId } from "./dom.js";
import { dropZone } from "./drop.js";
import { JobView } from "./job.js";

export function gesture(link, workshop, section, place) {
  const id = newId();
  const name = make("input", { id, type: "text", maxLength: 48, placeholder: "as the file" });
  const problem = make("p", { class: "problem", role: "alert" });
  const coming = make("p", { class: "hint", role: "status" });
  const job = new JobView("Making a gesture", {
    cancel: () => workshop.ask({ do: "cancel", job: "gesture" }).catch(tell),
    dismiss: () => workshop.ask({ do: "dismiss", job: "gesture" }).catch(tell),
    done: () => document.dispatchEvent(new Event("names")),
    actions: ({ name: made }) => {
      const use = make("button", { type: "button", class: "use" }, "Use it");
      use.addEventListener("click", () => link.set("/gesture", made));
      return use;
    },
  });
  function tell(error) {
    problem.textContent = error.message;
  }
  const zone = dropZone("Drop a recording of one note here: every note then replays how it moves.", {
    many: false,
    take: async ([file]) => {
      problem.textContent = "";
      const told = (part) => (coming.textContent = `${file.name}, ${Math.round(100 * part)} %`);
      told(0);
      await workshop.upload(file, "gesture", { gesture: name.value }, told).catch(tell);
      coming.textContent = "";
    },
  });
  workshop.watch("gesture", (news) => {
    section.hidden = false;
    job.show(news.job);
  });
  place.append(make("div", { class: "row" }, make("span", { class: "named" }, make("label", { for: id }, "Name"), name)), zone, coming, problem, job.element);
}
