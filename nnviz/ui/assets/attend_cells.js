// attend_cells.js: a number as a coloured cell, and a word where there is little room.

import { drawn, written } from "./scene.js";

export function shortened(word, room) {
  const letters = Math.max(1, Math.floor(room / 9));
  return word.length <= letters ? word : `${word.slice(0, Math.max(1, letters - 1))}…`;
}

// Orange below zero, blue above, `hue` where all are of one sign; null is masked.
export function shade(value, largest, hue) {
  if (value === null) return "var(--nnviz-grid)";
  const part = Math.round((62 * Math.min(Math.abs(value), largest)) / (largest || 1));
  const name = hue ?? (value < 0 ? "negative" : "positive");
  return `color-mix(in srgb, var(--nnviz-${name}) ${part}%, var(--nnviz-zero))`;
}

export function tile({ x, y, wide, high, value, largest, hue, text, title, faint }) {
  const shown = text ?? (value === null ? "−∞" : written(value, hue || wide >= 38 ? 2 : 1));
  const size = Math.min(16, (wide - 3) / (0.53 * Math.max(shown.length, 4)), high * 0.74);
  return drawn("g", {},
    drawn("title", {}, title ?? (value === null ? "masked" : written(value, 5))),
    drawn("rect", {
      x: x + 0.5, y: y + 0.5, width: wide - 1, height: high - 1, rx: 3,
      fill: shade(value, largest, hue),
    }),
    drawn("text", {
      x: x + wide / 2, y: y + high / 2 + size * 0.36, "text-anchor": "middle", "font-size": size,
      fill: "var(--nnviz-ink)", opacity: faint || value === null ? 0.6 : 1,
    }, shown));
}

export function outline(box, strength, dashes = "none") {
  return drawn("rect", {
    ...box, fill: "none", stroke: "var(--nnviz-ink)", "stroke-width": strength,
    "stroke-dasharray": dashes, "pointer-events": "none",
  });
}
