// marks_heatmap.js: a heat map as one image, kept as long as its numbers, colours and place stay.

import { placeIn, table } from "./marks_shades.js";

const kept = new WeakMap();

// Edges between the cells, in pixels: half-way between centres, or given.
function edges(values, count, at) {
  if (values.length === count + 1) return Array.from(values, at);
  const centers = Array.from(values, at);
  if (count === 1)
    return [at(0) - (at(1) - at(0)) / 2, at(0) + (at(1) - at(0)) / 2].map(
      (end) => end + centers[0] - at(0),
    );
  const between = centers.slice(1).map((center, place) => (center + centers[place]) / 2);
  const [first, last] = [between[0] - centers[0], centers.at(-1) - between.at(-1)];
  return [centers[0] - first, ...between, centers.at(-1) + last];
}

// Which cell each device pixel shows, -1 in the gap between two cells.
function cells(ends, start, length, ratio, gap) {
  const turned = ends.at(-1) < ends[0];
  const sorted = turned ? [...ends].reverse() : ends;
  const found = new Int32Array(length).fill(-1);
  let cell = 0;
  for (let pixel = 0; pixel < length; pixel++) {
    const at = start + (pixel + 0.5) / ratio;
    while (cell < sorted.length - 2 && sorted[cell + 1] <= at) cell++;
    const inside = at >= sorted[cell] + gap / 2 && at < sorted[cell + 1] - gap / 2;
    if (inside) found[pixel] = turned ? sorted.length - 2 - cell : cell;
  }
  return found;
}

function limits(z, { zauto, zmin, zmax }) {
  if (!zauto && zmin !== undefined) return [zmin, zmax];
  let [low, high] = [Infinity, -Infinity];
  for (const row of z) {
    for (const value of row) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

function span(ends, low, high) {
  const [start, end] = [Math.min(ends[0], ends.at(-1)), Math.max(ends[0], ends.at(-1))];
  return [Math.max(start, low), Math.min(end, high)];
}

function pixels(z, full, columns, rows) {
  const words = table(full.colorscale);
  const [low, high] = limits(z, full);
  const image = new ImageData(columns.length, rows.length);
  const view = new Uint32Array(image.data.buffer);
  let at = 0;
  for (const row of rows) {
    const values = row < 0 ? null : z[row];
    for (const column of columns) {
      const value = values && column >= 0 ? values[column] : NaN;
      view[at++] = value === null || value !== value ? 0 : words[placeIn(value, low, high)];
    }
  }
  const canvas = new OffscreenCanvas(columns.length, rows.length);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

const upTo = (count, turned) =>
  Array.from({ length: count }, (_, place) => (turned ? count - 1 - place : place));

function crisp({ trace, full, box }, across, down, ratio) {
  const [left, right] = span(across, box.left, box.right).map((x) => Math.round(x * ratio) / ratio);
  const [top, bottom] = span(down, box.top, box.bottom).map((y) => Math.round(y * ratio) / ratio);
  const [wide, tall] = [Math.round((right - left) * ratio), Math.round((bottom - top) * ratio)];
  if (!(wide > 0 && tall > 0)) return null;
  const columns = cells(across, left, wide, ratio, full.xgap ?? 0);
  const rows = cells(down, top, tall, ratio, full.ygap ?? 0);
  return {
    image: pixels(trace.z, full, columns, rows),
    place: [left, top, right - left, bottom - top],
  };
}

function smooth({ trace, full }, across, down) {
  const columns = upTo(across.length - 1, across.at(-1) < across[0]);
  const rows = upTo(down.length - 1, down.at(-1) < down[0]);
  const [left, right] = span(across, -Infinity, Infinity);
  const [top, bottom] = span(down, -Infinity, Infinity);
  return {
    image: pixels(trace.z, full, columns, rows),
    place: [left, top, right - left, bottom - top],
  };
}

export function paintHeatmap(context, mark, ratio) {
  const { trace, full, x, y, box } = mark;
  if (!trace.z.length || !trace.z[0].length) return;
  const across = edges(trace.x, trace.z[0].length, x);
  const down = edges(trace.y, trace.z.length, y);
  const key = [
    full,
    ratio,
    ...Object.values(box),
    across[0],
    across.at(-1),
    across.length,
    down[0],
    down.at(-1),
  ];
  let picture = kept.get(trace.z);
  if (!picture || picture.key.some((part, place) => part !== key[place])) {
    const made =
      full.zsmooth === "fast" ? smooth(mark, across, down) : crisp(mark, across, down, ratio);
    picture = { ...made, key };
    kept.set(trace.z, picture);
  }
  context.globalAlpha = full.opacity ?? 1;
  context.imageSmoothingEnabled = full.zsmooth === "fast";
  if (picture.image) context.drawImage(picture.image, ...picture.place);
  context.globalAlpha = 1;
  if (full.texttemplate) paintLabels(context, mark, across, down);
}

// Words in the cells in Plotly's size, white on dark and grey on light as Plotly has them.
function paintLabels(context, { trace, full, labelSize }, across, down) {
  const [words, [low, high]] = [table(full.colorscale), limits(trace.z, full)];
  Object.assign(context, {
    font: `${labelSize}px ${full.textfont.family}`,
    textAlign: "center",
    textBaseline: "middle",
  });
  trace.text.forEach((row, j) => {
    row.forEach((text, i) => {
      const word = words[placeIn(trace.z[j][i], low, high)];
      const light =
        (word & 255) * 0.2126 + ((word >> 8) & 255) * 0.7152 + ((word >> 16) & 255) * 0.0722;
      context.fillStyle =
        full.textfont.color !== "auto" ? full.textfont.color : light < 128 ? "#fff" : "#444";
      context.fillText(text, (across[i] + across[i + 1]) / 2, (down[j] + down[j + 1]) / 2);
    });
  });
}
