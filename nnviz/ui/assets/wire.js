// wire.js: what a message from Python means: a JSON header, then arrays as raw bytes.

const KINDS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
};

function view(buffer, start, [offset, dtype, ...shape]) {
  const Kind = KINDS[dtype];
  const at = (skipped, length) =>
    new Kind(buffer, start + offset + skipped * Kind.BYTES_PER_ELEMENT, length);
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

function merge(whole, change) {
  if (!change) return whole;
  const merged = { ...whole, ...change };
  for (const [name, value] of Object.entries(change)) if (value === null) delete merged[name];
  return merged;
}

export function applyPatch(panel, patch = {}) {
  return {
    id: panel.id,
    meta: merge(panel.meta, patch.meta),
    layout: merge(panel.layout, patch.layout),
    traces: panel.traces.map((trace, place) => merge(trace, patch.traces?.[place])),
  };
}
