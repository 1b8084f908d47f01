// attend_arcs.js: words in a row, and arcs from one to those it looks at, as thick as it looks.

import { drawn, written } from "./scene.js";

const THICKEST = 16;

export function arcs({ facts, place, width, top }, choose) {
  const { words, share } = facts;
  const pitch = Math.min(180, (width - 40) / words.length);
  const left = (width - pitch * words.length) / 2;
  const middle = (index) => left + (index + 0.5) * pitch;
  const base = top - 34;
  const group = drawn("g");
  const looks = share[place.row];
  looks.forEach((part, index) => {
    if (part > 0) group.append(arc(middle(place.row), middle(index), base - 18, part, top));
  });
  words.forEach((word, index) => {
    const size = Math.min(19, (pitch / Math.max(3, word.length)) * 1.6);
    const isChosen = index === place.row;
    const made = drawn("g", { style: "cursor:pointer", "data-word": index },
      drawn("rect", {
        x: middle(index) - pitch / 2 + 3, y: base - 17, width: pitch - 6, height: 26, rx: 6,
        fill: isChosen ? "var(--nnviz-density)" : "var(--nnviz-zero)",
        "fill-opacity": isChosen ? 0.35 : 1,
      }),
      drawn("text", {
        x: middle(index), y: base + 2, "text-anchor": "middle", "font-size": size,
        fill: "currentColor", "font-weight": isChosen ? 700 : 400,
      }, word),
      drawn("text", {
        x: middle(index), y: base + 26, "text-anchor": "middle", "font-size": 15,
        fill: "currentColor", opacity: looks[index] ? 0.85 : 0.55,
      }, looks[index] ? `${written(100 * looks[index], 0)} %` : "not seen"));
    made.addEventListener("click", () => choose(index));
    group.append(made);
  });
  return group;
}

function arc(from, to, y, part, top) {
  const lift = Math.min(top - 52, 16 + Math.abs(to - from) / 6) * 1.3;
  const path = from === to
    ? `M ${from - 13} ${y} C ${from - 26} ${y - 30}, ${from + 26} ${y - 30}, ${from + 13} ${y}`
    : `M ${from} ${y} C ${from} ${y - lift}, ${to} ${y - lift}, ${to} ${y}`;
  return drawn("path", {
    d: path, fill: "none", stroke: "var(--nnviz-density)", "stroke-opacity": 0.75,
    "stroke-linecap": "round", "stroke-width": Math.max(1, part * THICKEST),
  });
}
