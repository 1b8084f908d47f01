// attend_masks.js: a mask that the reader opens and closes by hand, and what it cuts.

import { outline, tile } from "./attend_cells.js";
import { drawn, element, mounted, Picture, written } from "./scene.js";

const GAP = 34;
const LABEL = 30;
const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const NAMES = ["open", "share", "influence"];
const TITLES = ["The mask", "Looks in layer 1", "Dependence"];
const NOTES = ["step ↓ may look at step →", "share of the look", "‖∂ output ↓ / ∂ input →‖"];

class Masks extends Picture {
  draw() {
    const { width, facts } = this;
    const n = facts.open.length;
    const perRow = width < 560 ? 1 : 3;
    const room = (width - (perRow - 1) * GAP) / perRow;
    this.side = Math.min((room - LABEL) / n, window.innerHeight < 800 ? 48 : 56, 330 / n);
    this.place ??= { row: Math.min(2, n - 1), col: Math.min(4, n - 1) };
    for (const name of ["row", "col"]) this.place[name] = Math.min(this.place[name], n - 1);
    this.bandHigh = 84 + n * this.side;
    this.corner = (index) => ({
      x: (index % perRow) * (room + GAP) + LABEL,
      y: Math.floor(index / perRow) * this.bandHigh + 72,
    });
    const height = this.bandHigh * (3 / perRow);
    this.svg = drawn("svg", {
      viewBox: `0 0 ${width} ${height}`, width, height, tabindex: 0, role: "application",
      "aria-label": "Mask, looks and dependence: arrow keys move, the space bar opens or closes",
      style: "display:block; outline-offset:2px; font-variant-numeric:tabular-nums",
    });
    this.svg.addEventListener("keydown", (event) => this.step(event));
    this.told = element("div", {
      "aria-live": "polite", style: "min-height:3.2em; font-size:1.08rem; line-height:1.5",
    });
    const isHeld = this.root.contains(document.activeElement);
    this.root.replaceChildren(this.svg, this.told);
    if (isHeld) this.svg.focus({ preventScroll: true });
    this.paint();
  }

  paint() {
    const { row, col } = this.place;
    this.svg.replaceChildren(...NAMES.flatMap((name, index) => this.matrix(name, index)));
    this.told.replaceChildren(...this.words(row, col));
  }

  matrix(name, index) {
    const { x, y } = this.corner(index);
    const { side, facts, place } = this;
    const rows = facts[name];
    const middle = (k) => (k + 0.5) * side;
    const label = (k, across) => drawn("text", {
      x: across ? x + middle(k) : x - 8, y: across ? y - 7 : y + middle(k) + 6,
      "text-anchor": across ? "middle" : "end", "font-size": 15, fill: "currentColor",
      "font-weight": k === (across ? place.col : place.row) ? 700 : 400,
    }, `${k + 1}`);
    const largest = name === "influence" ? Math.max(...rows.flat()) : 1;
    const text = (y, size, words, weight, opacity) => drawn("text", {
      x, y, "font-size": size, "font-weight": weight, fill: "currentColor", opacity,
    }, words);
    return [
      text(y - 52, 18, TITLES[index], 600, 1),
      text(y - 29, 15.5, NOTES[index], 400, 0.8),
      ...rows.flatMap((row, r) => [
        label(r, false), label(r, true),
        ...row.map((value, c) => this.cell(name, r, c, value, largest, { x, y })),
      ]),
      outline({
        x: x + place.col * side + 1, y: y + place.row * side + 1, width: side - 2,
        height: side - 2, rx: 4,
      }, 3),
    ];
  }

  cell(name, row, col, value, largest, { x, y }) {
    const { side, facts } = this;
    const spot = { x: x + col * side, y: y + row * side, wide: side, high: side };
    const kind = {
      open: () => ({
        value: value ? 1 : null, largest: 1.4, hue: "good", text: value ? "✓" : "✕",
        title: row === col ? "a step always sees itself" : "click to open or close",
      }),
      share: () => ({ value: facts.open[row][col] ? value : null, largest, hue: "density",
        text: facts.open[row][col] ? written(value) : "✕" }),
      influence: () => (value === 0
        ? { value: null, text: "0", title: "exactly 0" }
        : { value, largest, hue: "bias", title: written(value, 6) }),
    }[name]();
    const made = tile({ ...spot, ...kind, largest: kind.largest ?? largest });
    made.dataset.cell = `${name} ${row} ${col}`;
    made.style.cursor = "pointer";
    made.addEventListener("click", () => {
      this.place = { row, col };
      if (name === "open") this.toggle();
      this.paint();
      this.svg.focus({ preventScroll: true });
    });
    return made;
  }

  words(row, col) {
    const { influence, open, reach, layers } = this.facts;
    const value = influence[row][col];
    const [out, given] = [`output ${row + 1}`, `input ${col + 1}`];
    const head = element("strong", {},
      `‖∂ ${out} / ∂ ${given}‖ = ${value === 0 ? "0 exactly" : written(value, 3)}`);
    const many = layers === 1 ? "its one layer" : `${layers} layers`;
    let why = `Step ${row + 1} may look at step ${col + 1}.`;
    if (row === col) why = "A step's own input always reaches its output: it goes around attention.";
    else if (!reach[row][col]) why = `No way leads from ${given} to ${out} through ${many}.`;
    else if (!open[row][col]) {
      why = `Step ${row + 1} may not look at step ${col + 1}, but at one that has looked there in a layer before.`;
    }
    return [head, element("div", { style: "opacity:0.9" }, why)];
  }

  toggle() {
    const { row, col } = this.place;
    if (row === col) return;
    const n = this.facts.open.length;
    const closed = this.facts.open.flatMap((cells, r) => cells.flatMap((isOpen, c) =>
      isOpen === (r === row && c === col) && r !== c ? [r * n + c] : []));
    this.set({ mask: "own", closed });
  }

  step(event) {
    if (event.key === " ") {
      event.preventDefault();
      this.toggle();
    }
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    const [down, right] = KEYS[event.key];
    const last = this.facts.open.length - 1;
    const within = (value) => Math.max(0, Math.min(last, value));
    this.place = { row: within(this.place.row + down), col: within(this.place.col + right) };
    this.paint();
  }
}

export default (component) => mounted(component, Masks);
