// tensor_glyph.js: a sample's shape as a drawing: a column, a grid, maps or volumes behind each other.

import { drawn } from "./scene.js";

const MOST_PLANES = 9;
const MOST_VOLUMES = 4;
const DEPTH = 0.35;
const OFFSET = 7;
const MOST_CELLS = 16;

// The longest axis of positions in these shapes: it fills the room, all others keep its scale.
export function longestOf(...shapes) {
  return Math.max(1, ...shapes.flatMap((shape) => (shape ? positions(shape) : [])));
}

function positions(shape) {
  const sample = shape.slice(1);
  return sample.length < 3 ? sample : sample.slice(1);
}

// A drawing of one sample of a batch, centred at (x, y) in `room` pixels each way.
export function tensorGlyph(shape, x, y, room, longest, colour) {
  const group = drawn("g", { fill: colour, stroke: "var(--nnviz-page)", "stroke-width": 1 });
  const [, ...sample] = shape;
  if (sample.length < 3) {
    const [rows, columns] = sample.length === 2 ? sample : [sample[0] ?? 1, 1];
    grid(group, x, y, rows, columns, room, longest);
  } else {
    planes(group, x, y, sample, room, longest);
  }
  group.append(drawn("title", {}, document.createTextNode(`${shape[0]} samples, each ${sample.join(" × ") || "one number"}`)));
  return group;
}

function length(size, room, longest) {
  return Math.max(7, (room * size) / longest);
}

function grid(group, x, y, rows, columns, room, longest) {
  const high = length(rows, room, longest);
  const wide = columns === 1 ? 22 : length(columns, room, longest);
  const [nRows, nColumns] = [Math.min(rows, MOST_CELLS), Math.min(columns, MOST_CELLS)];
  for (let row = 0; row < nRows; row += 1) {
    for (let column = 0; column < nColumns; column += 1) {
      group.append(drawn("rect", {
        x: x - wide / 2 + (column * wide) / nColumns, width: wide / nColumns,
        y: y - high / 2 + (row * high) / nRows, height: high / nRows,
        "fill-opacity": 0.55 + 0.4 * ((row * 7 + column * 3) % 5) / 4,
      }));
    }
  }
}

function planes(group, x, y, [channels, ...axes], room, longest) {
  const isVolume = axes.length === 3;
  const most = isVolume ? MOST_VOLUMES : MOST_PLANES;
  const n = Math.min(channels, most);
  const inner = (room - (most - 1) * OFFSET) / (isVolume ? 1 + DEPTH + (most - 1) * DEPTH * 0.25 : 1);
  const [deep, high, wide] = isVolume ? axes : [0, ...axes];
  const [h, w] = [length(high, inner, longest), length(wide, inner, longest)];
  const back = isVolume ? length(deep, inner, longest) * DEPTH : 0;
  const apart = OFFSET + back * 0.25;
  const [left, top] = [x - (w + back + (n - 1) * apart) / 2, y - (h + back + (n - 1) * apart) / 2];
  for (let k = n - 1; k >= 0; k -= 1) {
    const [px, py] = [left + k * apart, top + back + (n - 1 - k) * apart];
    const shade = { "fill-opacity": 0.95 - (0.5 * k) / MOST_PLANES };
    if (back) {
      group.append(drawn("path", { ...shade, d:
        `M${px} ${py}l${back} ${-back}h${w}v${h}l${-back} ${back}z` }));
    }
    group.append(drawn("rect", { ...shade, x: px, y: py, width: w, height: h }));
  }
}
