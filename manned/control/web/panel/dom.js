// Elements in few words.

/** An element with properties, and children behind them. Names with a dash are attributes. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else if (name === "class") element.className = value;
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** The element of an id of index.html. */
export function byId(id) {
  return document.getElementById(id);
}

let count = 0;

/** An id that no other element has. */
export function newId() {
  count += 1;
  return `made-${count}`;
}

/** A function that does `work` at the next frame, once, however often it is called. */
export function atNextFrame(work) {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      work();
    });
  };
}

/** A value as it is between 0 and 1. */
export const unit = (value) => Math.min(1, Math.max(0, value));

const SVG = "http://www.w3.org/2000/svg";

/** An element of a picture, with attributes. */
export function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Let a handle of a picture be dragged: `moved` gets x and y in the picture's own units. */
export function draggable(picture, handle, moved) {
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
    moved(x, y);
  });
}
