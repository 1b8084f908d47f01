// marks_same.js: whether the newest traces and layout differ from the drawn ones in moving marks
// only: numbers of arrays may differ, everything that Plotly alone draws may not.

const FREE = new Set(["visible", "uid", "hovertemplate", "hoverinfo", "customdata"]);
const ARRAYS = new Set(["x", "y", "z", "text", "textposition", "width", "base"]);
const MARKER_ARRAYS = new Set(["size", "color", "symbol", "opacity"]);
const FILLS = ["none", "tozeroy", "tonexty", "toself"];
const SHAPES = ["linear", "hv"];
const SYMBOLS = /^(circle|diamond|square|triangle-up|star|x|cross)(-open)?$/;

export const isArray = (value) => Array.isArray(value) || ArrayBuffer.isView(value);

export function same(a, b) {
  if (a === b || (a !== a && b !== b)) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (isArray(a) !== isArray(b)) return false;
  if (isArray(a)) {
    if (a.length !== b.length) return false;
    for (let place = 0; place < a.length; place++) if (!same(a[place], b[place])) return false;
    return true;
  }
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => same(a[name], b[name]));
}

function markerHolds(marker = {}, before = {}) {
  const names = new Set([...Object.keys(marker), ...Object.keys(before)]);
  return [...names].every((name) => {
    const free = MARKER_ARRAYS.has(name) && isArray(marker[name]) && isArray(before[name]);
    return free || same(marker[name], before[name]);
  });
}

function scalarsHold(trace, before) {
  const names = new Set([...Object.keys(trace), ...Object.keys(before)]);
  return [...names].every((name) => {
    if (FREE.has(name)) return true;
    if (name === "marker") return markerHolds(trace.marker, before.marker);
    const free = ARRAYS.has(name) && isArray(trace[name]) && isArray(before[name]);
    return free || same(trace[name], before[name]);
  });
}

function symbolsKnown({ symbol, sizemode, reversescale }) {
  const symbols = isArray(symbol) ? [...symbol] : [symbol];
  const named = symbols.every((name) => typeof name === "string" && SYMBOLS.test(name));
  return named && sizemode !== "area" && !reversescale;
}

const isPlaced = (places) =>
  isArray(places) && places.every((place) => typeof place === "string" || Number.isFinite(place));

const PAINTABLE = {
  scatter(trace, full) {
    const line = !/lines/.test(full.mode) || SHAPES.includes(full.line.shape);
    const marker =
      !/markers/.test(full.mode) ||
      symbolsKnown({ ...full.marker, symbol: trace.marker?.symbol ?? full.marker.symbol });
    const words = !/text/.test(full.mode) || !(full.texttemplate || isArray(full.textfont.size));
    const plain = !full.stackgroup && !full.error_x?.visible && !full.error_y?.visible;
    return line && marker && words && plain && FILLS.includes(full.fill ?? "none");
  },
  bar(trace, full, before) {
    const positions = full.orientation === "h" ? "y" : "x";
    const plain =
      !full.text && !full.marker.pattern?.shape && !trace.base && !full.error_y?.visible;
    return plain && same(trace[positions], before[positions]) && same(trace.width, before.width);
  },
  heatmap(trace, full) {
    const words = [undefined, "", "%{text}"].includes(full.texttemplate);
    const plain = full.zsmooth !== "best" && !full.reversescale && !full.transpose;
    return words && plain && isPlaced(trace.x) && isPlaced(trace.y);
  },
};

export const typeOf = (trace) => trace.type ?? "scatter";

// Whether this trace can be painted over the axes as they are drawn.
export function traceHolds(trace, before, full, axes) {
  if (typeOf(trace) !== typeOf(before) || !PAINTABLE[typeOf(trace)]) return false;
  if (!scalarsHold(trace, before)) return false;
  const categories = ["x", "y"].filter((letter) => axes[letter].type === "category");
  if (!categories.every((letter) => same(trace[letter], before[letter]))) return false;
  return full.visible !== true || PAINTABLE[typeOf(trace)](trace, full, before);
}

// Whether nothing of a trace has moved since Plotly drew it.
export function isStatic(trace, before) {
  if (![...ARRAYS].every((name) => same(trace[name], before[name]))) return false;
  return [...MARKER_ARRAYS].every((name) => same(trace.marker?.[name], before.marker?.[name]));
}
