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
