// glide_maps.js: planes of numbers as cells or, of a signal, as bars; and where each cell lies.

import { drawn, written } from "./scene.js";
import { onShade, shade } from "./glide_kernel.js";

const READABLE = 25; // pixels of a cell that holds its number

const tints = { red: [1, 0, 0], green: [0, 1, 0], blue: [0, 0, 1] };

function inked(share) {
  return `color-mix(in oklab, var(--nnviz-ink) ${Math.round(100 * share)}%, var(--nnviz-zero))`;
}

function lit(share, name) {
  const [r, g, b] = (tints[name] ?? [1, 1, 1]).map((part) => Math.round(255 * share * part));
  return `rgb(${r} ${g} ${b})`;
}

// How a value of the input looks: photographs as light, all else as ink.
export function inputPaint({ kind, highest }, name) {
  const isPhotograph = kind === "photograph" || kind === "colour";
  return (value) => {
    const share = Math.min(1, Math.max(0, Math.abs(value) / highest));
    if (isPhotograph) return [lit(share, name), share > 0.55 && name !== "blue" ? "#000" : "#fff"];
    return [inked(share), `var(--nnviz-${share > 0.5 ? "page" : "ink"})`];
  };
}

export function outputPaint(largest) {
  return (value) => [shade(value / largest), onShade(value / largest)];
}

// A plane of cells of `size` pixels at (x, y). `isOutside(i, j)` marks the zeros around.
export function cells(rows, { x, y, size, paint, decimals, isOutside = () => false }) {
  const group = drawn("g", { transform: `translate(${x} ${y})` });
  const made = rows.map((row, i) =>
    row.map((value, j) => {
      const outside = isOutside(i, j);
      const [fill, ink] = paint(value);
      const cell = drawn("g", { transform: `translate(${j * size} ${i * size})` });
      const box = drawn("rect", {
        x: 0.5, y: 0.5, width: size - 1, height: size - 1, class: outside ? "glide-zero" : "",
      });
      if (!outside) box.style.fill = fill;
      cell.append(box);
      if (size >= READABLE && decimals !== null) {
        const words = written(value, decimals);
        const font = Math.min(16, size * 0.42, (size - 3) / (0.6 * words.length));
        const text = drawn(
          "text",
          { x: size / 2, y: size / 2 + font * 0.36, "text-anchor": "middle", "font-size": font },
          words,
        );
        text.style.fill = outside ? "var(--nnviz-muted)" : ink;
        cell.append(text);
      }
      cell.append(drawn("title", {}, outside ? "a zero of the padding" : written(value, 2)));
      group.append(cell);
      return cell;
    }),
  );
  return { group, made };
}

// A row of bars around a line of zero, `high` pixels in all; `at(place)` is a bar's middle.
export function bars(values, { y, high, width, at, largest, paint, isOutside = () => false }) {
  const group = drawn("g", { transform: `translate(0 ${y})` });
  const middle = high / 2;
  const first = at(0) - width / 2;
  const last = at(values.length - 1) + width / 2;
  group.append(drawn("line", { x1: first, x2: last, y1: middle, y2: middle, class: "glide-axis" }));
  const made = values.map((value, place) => {
    const long = Math.max(1.5, (Math.abs(value) / largest) * (middle - 2));
    const bar = drawn("rect", {
      x: at(place) - width * 0.4, width: width * 0.8, y: value < 0 ? middle : middle - long,
      height: long, class: isOutside(place) ? "glide-zero" : "",
    });
    if (!isOutside(place)) bar.style.fill = paint(value)[0];
    const cell = drawn("g", {}, bar, drawn("title", {}, written(value, 2)));
    group.append(cell);
    return cell;
  });
  return { group, made };
}
