// marks_shades.js: colours of numbers: a colour scale as a table, and the shade of each mark.

import { isArray } from "./marks_same.js";

const LENGTH = 1024;
const tables = new Map();
let context;

// Red, green, blue, alpha (0–255) of any CSS colour.
export function channels(color) {
  context ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}

// 1024 colours of 32 bits from one end of the scale to the other.
export function table(scale) {
  const key = JSON.stringify(scale);
  if (!tables.has(key)) {
    if (tables.size > 64) tables.clear();
    tables.set(key, filled(scale.map(([at, color]) => [at, channels(color)])));
  }
  return tables.get(key);
}

function filled(stops) {
  const bytes = new Uint8ClampedArray(LENGTH * 4);
  let next = 1;
  for (let place = 0; place < LENGTH; place++) {
    const at = (place + 0.5) / LENGTH;
    while (next < stops.length - 1 && stops[next][0] <= at) next++;
    const [[start, low], [end, high]] = [stops[next - 1], stops[next]];
    const share = end > start ? Math.min(Math.max((at - start) / (end - start), 0), 1) : 1;
    for (let c = 0; c < 4; c++) bytes[place * 4 + c] = low[c] + (high[c] - low[c]) * share;
  }
  return new Uint32Array(bytes.buffer);
}

export function placeIn(value, low, high) {
  const share = (value - low) / (high - low || 1);
  return Math.min(LENGTH - 1, Math.max(0, Math.floor(share * LENGTH)));
}

const cssColor = (word) =>
  `rgba(${word & 255},${(word >> 8) & 255},${(word >> 16) & 255},${(word >>> 24) / 255})`;

function limits(colors, marker) {
  if (!marker.cauto && marker.cmin !== undefined) return [marker.cmin, marker.cmax];
  const finite = Array.from(colors).filter(Number.isFinite);
  return [Math.min(...finite), Math.max(...finite)];
}

// place → CSS colour, for one colour, an array of colours, or numbers on the marker's scale.
export function shades(colors, marker) {
  if (!isArray(colors)) return () => marker.color;
  if (typeof colors[0] === "string") return (place) => colors[place];
  const [words, [low, high]] = [table(marker.colorscale), limits(colors, marker)];
  const css = new Map();
  return (place) => {
    const word = words[placeIn(colors[place], low, high)];
    if (!css.has(word)) css.set(word, cssColor(word));
    return css.get(word);
  };
}
