// The shape of an LFO, drawn: its crest can be dragged for the depth, the end of its first turn for the rate.

import { travelOf } from "./controls.js";
import { atNextFrame, draggable, svg, unit } from "./dom.js";

const [WIDTH, HEIGHT] = [240, 64];
const SHORTEST = 0.05; // of the width, a turn
const POINTS = 200;
const PLACES = 2; // values per turn of a wander

const shapes = {
  sine: (turns) => Math.sin(2 * Math.PI * turns),
  triangle: (turns) => 4 * Math.abs(((turns + 0.75) % 1) - 0.5) - 1,
  wander: (turns) => wander(PLACES * turns),
};

export function lfo(link, path) {
  const picture = svg("svg", { viewBox: `-6 -6 ${WIDTH + 12} ${HEIGHT + 12}`, class: "envelope", "aria-hidden": "true" });
  const line = svg("polyline", { class: "line" });
  const [crest, end] = [0, 1].map(() => svg("circle", { r: 5, class: "corner" }));
  picture.append(svg("line", { x1: 0, x2: WIDTH, y1: HEIGHT / 2, y2: HEIGHT / 2, class: "zero" }), line, crest, end);
  const travel = (name) => travelOf(link.nodes.get(`${path}/${name}`), link.nodes.get(`${path}/${name}`).RANGE[0]);
  const value = (name) => link.value(`${path}/${name}`) ?? 0;
  const byBeats = () => value("beats") > 0;

  /** Of the width, a turn: the longer the slower. */
  function turn() {
    const slow = byBeats() ? travel("beats").position(value("beats")) : 1 - travel("rate").position(value("rate"));
    return SHORTEST + (1 - SHORTEST) * slow;
  }

  const draw = atNextFrame(() => {
    const wide = turn();
    const depth = value("depth");
    const shape = shapes[value("shape")] ?? shapes.sine;
    const points = Array.from({ length: POINTS + 1 }, (_, index) => {
      const x = index / POINTS;
      return `${WIDTH * x},${(HEIGHT / 2) * (1 - depth * shape(x / wide))}`;
    });
    line.setAttribute("points", points.join(" "));
    crest.setAttribute("cx", (WIDTH * wide) / 4);
    crest.setAttribute("cy", (HEIGHT / 2) * (1 - depth));
    end.setAttribute("cx", WIDTH * wide);
    end.setAttribute("cy", HEIGHT / 2);
  });

  draggable(picture, crest, (_, y) => link.set(`${path}/depth`, unit(1 - (2 * y) / HEIGHT)));
  draggable(picture, end, (x) => {
    const slow = unit((x / WIDTH - SHORTEST) / (1 - SHORTEST));
    if (byBeats()) link.set(`${path}/beats`, travel("beats").value(Math.max(0.05, slow)));
    else link.set(`${path}/rate`, travel("rate").value(1 - slow));
  });
  for (const name of ["rate", "beats", "depth", "shape"]) link.watch(`${path}/${name}`, draw);
  return picture;
}

/** A curve that never repeats, as the instrument's in kind: a cubic through values of chance. */
function wander(x) {
  const place = Math.floor(x);
  const t = x - place;
  const [a, b, c, d] = [-1, 0, 1, 2].map((step) => chance(place + step));
  return 0.8 * (b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))));
}

function chance(place) {
  const far = Math.sin((place + 3) * 127.1) * 43758.5453;
  return 2 * (far - Math.floor(far)) - 1;
}
