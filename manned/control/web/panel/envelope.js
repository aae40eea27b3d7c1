// The shape of an envelope, drawn; its three corners can be dragged, the faders beside it do the same by keyboard.

import { travelOf } from "./controls.js";
import { atNextFrame, draggable, svg, unit } from "./dom.js";

const [WIDTH, HEIGHT] = [240, 64];
const PART = 72; // of a corner's way, for attack, decay and release each
const HOLD = WIDTH - 3 * PART;

export function envelope(link, path) {
  const picture = svg("svg", { viewBox: `-6 -6 ${WIDTH + 12} ${HEIGHT + 12}`, class: "envelope", "aria-hidden": "true" });
  const line = svg("polyline", { class: "line" });
  const corners = [0, 1, 2].map(() => svg("circle", { r: 5, class: "corner" }));
  picture.append(line, ...corners);
  const travel = (name) => travelOf(link.nodes.get(`${path}/${name}`), link.nodes.get(`${path}/${name}`).RANGE[0]);
  const position = (name) => travel(name).position(link.value(`${path}/${name}`) ?? 0);

  const draw = atNextFrame(() => {
    const [attack, decay, sustain, release] = ["attack", "decay", "sustain", "release"].map(position);
    const top = PART * attack;
    const low = top + PART * decay;
    const level = HEIGHT * (1 - sustain);
    const points = [[0, HEIGHT], [top, 0], [low, level], [low + HOLD, level], [low + HOLD + PART * release, HEIGHT]];
    line.setAttribute("points", points.map((point) => point.join()).join(" "));
    [points[1], points[2], points[4]].forEach(([x, y], corner) => {
      corners[corner].setAttribute("cx", x);
      corners[corner].setAttribute("cy", y);
    });
  });

  const put = (name, share) => link.set(`${path}/${name}`, travel(name).value(unit(share)));
  corners.forEach((corner, number) => {
    draggable(picture, corner, (x, y) => {
      const top = PART * position("attack");
      const low = top + PART * position("decay");
      if (number === 0) put("attack", x / PART);
      if (number === 1) put("decay", (x - top) / PART);
      if (number === 1) put("sustain", 1 - y / HEIGHT);
      if (number === 2) put("release", (x - low - HOLD) / PART);
    });
  });
  for (const name of ["attack", "decay", "sustain", "release"]) link.watch(`${path}/${name}`, draw);
  return picture;
}
