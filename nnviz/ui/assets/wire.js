// wire.js: what a message from Python means: a JSON header, then arrays as raw bytes.

const KINDS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int8: Int8Array,
  uint8: Uint8Array,
};

// A number of 16 bits: sign, exponent of 5 bits, fraction of 10.
function wide(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function view(buffer, start, [offset, dtype, ...shape]) {
  const half = dtype === "float16";
  const Kind = half ? Uint16Array : KINDS[dtype];
  const raw = (skipped, length) =>
    new Kind(buffer, start + offset + skipped * Kind.BYTES_PER_ELEMENT, length);
  const at = (skipped, length) =>
    half ? Float32Array.from(raw(skipped, length), wide) : raw(skipped, length);
  const size = shape.reduce((product, length) => product * length, 1);
  const rows = (skipped, [length, ...rest], total) => {
    if (!rest.length) return at(skipped, length);
    const step = total / length;
    return Array.from({ length }, (_, row) => rows(skipped + row * step, rest, step));
  };
  return size === 0 || !shape.length ? at(0, size) : rows(0, shape, size);
}

// The bytes lie anywhere in a socket message: the copy aligns them and lets the message go.
export function unpack(bytes) {
  const { buffer } = Uint8Array.from(bytes);
  const length = new DataView(buffer).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
  const views = new Map();
  return JSON.parse(text, (_, value) => {
    const place = value?.$array;
    if (!place) return value;
    const name = place.join();
    if (!views.has(name)) views.set(name, view(buffer, 4 + length, place));
    return views.get(name);
  });
}

function appended(rows, more) {
  if (!ArrayBuffer.isView(rows)) return rows.map((row, place) => appended(row, more[place]));
  const longer = new rows.constructor(rows.length + more.length);
  longer.set(rows);
  longer.set(more, rows.length);
  return longer;
}

// What has not changed stays the same object.
export function changed(whole, change) {
  if (!change) return whole;
  const next = { ...whole };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete next[name];
    else if (value.$append) next[name] = appended(whole[name], value.$append);
    else if (value.$patch) next[name] = changed(whole[name], value.$patch);
    else next[name] = value;
  }
  return next;
}

export function changedPanel(panel, change) {
  const traces = panel.traces.map((trace, place) => changed(trace, change.traces?.[place]));
  return { ...panel, layout: changed(panel.layout, change.layout), traces };
}
