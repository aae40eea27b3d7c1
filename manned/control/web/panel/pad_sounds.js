// Training sounds on the pad: which lie at a place, and whose names are written on it.

const NEAR = 0.025; // of a side
const MOST_NAMED = 3;
const FIELD = [150, 56]; // pixels that a written name has for itself
const LONGEST = 22;

/** A sound for people: `fluidr3/073 Flute` is `Flute`. */
export function shortName(name) {
  const text = name.split("/").at(-1).replace(/^\d+\s+(?=\S)/, "").replaceAll("_", " ").trim() || name;
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1).trimEnd()}…`;
}

/** What was learned from at a place, in words; empty where nothing was. */
export function soundsAt(sounds, x, y) {
  let [found, least] = [null, NEAR];
  for (const sound of sounds) {
    const distance = Math.hypot(sound.x - x, sound.y - y);
    if (distance < least && sound.names.length) [found, least] = [sound, distance];
  }
  if (!found) return "";
  const more = found.names.length - MOST_NAMED;
  return found.names.slice(0, MOST_NAMED).map(shortName).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The names that are written: of each field of a grid that of the sound nearest to its middle, {x, y, text}. */
export function landmarks(sounds, width, height) {
  const columns = Math.max(1, Math.floor(width / FIELD[0]));
  const rows = Math.max(1, Math.floor(height / FIELD[1]));
  const fields = new Map();
  for (const { x, y, names } of sounds) {
    if (!names.length) continue;
    const [column, row] = [Math.min(columns - 1, Math.floor(x * columns)), Math.min(rows - 1, Math.floor(y * rows))];
    const distance = Math.hypot(x * columns - column - 0.5, y * rows - row - 0.5);
    const key = row * columns + column;
    if (distance < (fields.get(key)?.distance ?? 0.45)) fields.set(key, { x, y, text: shortName(names[0]), distance });
  }
  return [...fields.values()];
}
