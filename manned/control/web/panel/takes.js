// Takes: what was recorded, to be heard, fetched and deleted.

import { make } from "./dom.js";
import { sizeText, timeText } from "./job.js";

const SURE_MS = 4000;

export function takes(workshop, section, place) {
  const problem = make("p", { class: "problem", role: "alert" });
  const list = make("ul", { class: "takes", "aria-label": "Takes" });
  const player = make("audio", { controls: true, preload: "none", hidden: true, "aria-label": "Take" });

  function remove(name) {
    const button = make("button", { type: "button", "aria-label": `Delete ${name}` }, "Delete");
    let sure = 0;
    button.addEventListener("click", () => {
      if (!sure) {
        button.textContent = "Really?";
        button.classList.add("danger");
        sure = setTimeout(() => {
          sure = 0;
          button.textContent = "Delete";
          button.classList.remove("danger");
        }, SURE_MS);
        return;
      }
      clearTimeout(sure);
      problem.textContent = "";
      workshop.ask({ do: "delete", take: name }).catch((error) => (problem.textContent = error.message));
    });
    return button;
  }

  function row(take) {
    const where = `takes/${encodeURIComponent(take.name)}`;
    const facts = take.going ? "being recorded" : [take.seconds ? timeText(take.seconds) : "", sizeText(take.bytes)].filter(Boolean).join(", ");
    const hear = make("button", { type: "button", "aria-label": `Hear ${take.name}` }, "Hear");
    hear.addEventListener("click", () => {
      player.hidden = false;
      player.src = where;
      player.play().catch(() => {}); // a format that this browser does not play
    });
    const fetched = make("a", { class: "button", href: where, download: take.name, "aria-label": `Download ${take.name}` }, "Download");
    return make("li", {}, make("span", {}, take.name), make("small", {}, facts), ...(take.going ? [] : [hear, fetched, remove(take.name)]));
  }

  let shown = "";
  workshop.watch("takes", (news) => {
    section.hidden = false;
    const now = JSON.stringify(news);
    if (now === shown) return; // a button that is about to be pressed stays where it is
    shown = now;
    const none = make("li", { class: "none" }, "Nothing is recorded yet: Record, above, begins.");
    list.replaceChildren(...(news.length ? news.map(row) : [none]));
  });
  place.append(list, player, problem);
}
