// OSC 1.0 packets: what the page sends and hears in binary WebSocket messages.

const LARGEST_INT = 2 ** 31;
const text = { encoder: new TextEncoder(), decoder: new TextDecoder() };

function padded(bytes) {
  return Math.ceil(bytes / 4) * 4;
}

function stringBytes(value) {
  const encoded = text.encoder.encode(value);
  const bytes = new Uint8Array(padded(encoded.length + 1));
  bytes.set(encoded);
  return bytes;
}

function numberBytes(value, isInt) {
  const bytes = new DataView(new ArrayBuffer(4));
  if (isInt) bytes.setInt32(0, value);
  else bytes.setFloat32(0, value);
  return new Uint8Array(bytes.buffer);
}

/** A message as bytes. Numbers become i or f, texts s, booleans T or F. */
export function encode(address, ...values) {
  let tags = ",";
  const parts = [];
  for (const value of values) {
    if (typeof value === "boolean") {
      tags += value ? "T" : "F";
    } else if (typeof value === "number") {
      const isInt = Number.isInteger(value) && Math.abs(value) < LARGEST_INT;
      tags += isInt ? "i" : "f";
      parts.push(numberBytes(value, isInt));
    } else {
      tags += "s";
      parts.push(stringBytes(String(value)));
    }
  }
  parts.unshift(stringBytes(address), stringBytes(tags));
  return joined(parts);
}

/** Messages as a bundle, which is one moment: now. */
export function bundle(messages) {
  const parts = [stringBytes("#bundle"), numberBytes(0, true), numberBytes(1, true)];
  for (const message of messages) parts.push(numberBytes(message.length, true), message);
  return joined(parts);
}

function joined(parts) {
  const packet = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    packet.set(part, at);
    at += part.length;
  }
  return packet;
}

/** Values that are names and what belongs to them, by turns, as a Map. */
export function pairs(values) {
  const found = new Map();
  for (let at = 0; at + 1 < values.length; at += 2) found.set(values[at], values[at + 1]);
  return found;
}

/** The messages of a packet, those of its bundles too: [{address, values}]. */
export function decode(buffer) {
  const view = new DataView(buffer);
  const messages = [];
  read(view, 0, view.byteLength, messages);
  return messages;
}

function read(view, start, end, messages) {
  const cursor = { at: start };
  const address = readString(view, cursor, end);
  if (address === "#bundle") {
    cursor.at += 8; // its time
    while (cursor.at + 4 <= end) {
      const size = view.getInt32(cursor.at);
      cursor.at += 4;
      if (size < 0 || cursor.at + size > end) return;
      read(view, cursor.at, cursor.at + size, messages);
      cursor.at += size;
    }
    return;
  }
  const tags = cursor.at < end ? readString(view, cursor, end) : ",";
  messages.push({ address, values: [...tags.slice(1)].map((tag) => readValue(view, cursor, end, tag)) });
}

function readString(view, cursor, end) {
  let stop = cursor.at;
  while (stop < end && view.getUint8(stop)) stop += 1;
  const bytes = new Uint8Array(view.buffer, view.byteOffset + cursor.at, stop - cursor.at);
  cursor.at += padded(stop - cursor.at + 1);
  return text.decoder.decode(bytes);
}

function readValue(view, cursor, end, tag) {
  const skip = (bytes) => (cursor.at += bytes) - bytes;
  switch (tag) {
    case "i": return view.getInt32(skip(4));
    case "f": return view.getFloat32(skip(4));
    case "d": return view.getFloat64(skip(8));
    case "h": return Number(view.getBigInt64(skip(8)));
    case "s": case "S": return readString(view, cursor, end);
    case "T": return true;
    case "F": return false;
    case "I": return Infinity;
    default: return null;
  }
}
