// attend.js: scaled dot-product attention as matrices; each cell opens to its arithmetic.

import { arithmetic } from "./attend_arithmetic.js";
import { arcs } from "./attend_arcs.js";
import { outline, shortened, tile } from "./attend_cells.js";
import { drawn, element, mounted, Picture } from "./scene.js";

const BLOCKS = [
  { name: "input", title: "X", note: "one row a word" },
  { name: "query", title: "Q = X·W", sub: "q", note: "asks" },
  { name: "key", title: "K = X·W", sub: "k", note: "offers" },
  { name: "value", title: "V = X·W", sub: "v", note: "tells" },
  { name: "product", title: "Q·Kᵀ", isSquare: true },
  { name: "score", isSquare: true },
  { name: "share", title: "softmax of each row", isSquare: true },
  { name: "mix", title: "softmax · V" },
];
const GAP = 24;
const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

class Attention extends Picture {
  constructor(host) {
    super(host);
    this.place = { block: "share", row: 0, col: 1 };
  }

  draw() {
    const { facts, width } = this;
    const n = facts.words.length;
    this.perRow = width < 620 ? 2 : 4;
    this.label = Math.min(104, 14 + 9 * Math.max(...facts.words.map(({ length }) => length)));
    this.room = (width - this.label - (this.perRow - 1) * GAP) / this.perRow;
    this.high = Math.max(20, Math.min(window.innerHeight < 800 ? 25 : 31, 150 / n));
    this.keep();
    const bands = BLOCKS.length / this.perRow;
    this.top = Math.min(112, window.innerHeight / 8);
    this.bandHigh = 48 + n * this.high;
    const height = this.top + bands * (this.bandHigh + 10);
    this.svg = drawn("svg", {
      viewBox: `0 0 ${width} ${height}`, width, height, tabindex: 0, role: "application",
      "aria-label": "Attention as matrices: arrow keys move from cell to cell",
      style: "display:block; outline-offset:2px; font-variant-numeric:tabular-nums",
    });
    this.svg.addEventListener("keydown", (event) => this.step(event));
    this.told = element("div", {
      "aria-live": "polite",
      style: "min-height:3.2em; font-size:1.08rem; line-height:1.5; padding-top:0.3rem",
    });
    const isHeld = this.root.contains(document.activeElement);
    this.root.replaceChildren(this.svg, this.told);
    if (isHeld) this.svg.focus({ preventScroll: true });
    this.paint();
  }

  // What was chosen may be gone when there are fewer words or numbers.
  keep() {
    const rows = this.facts[this.place.block];
    this.place.row = Math.min(this.place.row, rows.length - 1);
    this.place.col = Math.min(this.place.col, rows[0].length - 1);
  }

  paint() {
    const { facts, place } = this;
    const found = arithmetic(facts, place);
    this.sources = new Set(found.from.map(({ block, row, col }) => `${block} ${row} ${col}`));
    const parts = BLOCKS.map((block, index) => this.block(block, index));
    const choose = (row) => this.choose({ ...place, row });
    this.svg.replaceChildren(arcs(this, choose), ...parts, this.frame());
    const head = element("strong", {}, `${found.head} = ${found.value}`);
    const sum = element("div", { style: "opacity:0.9" }, "= ", ...raised(found.sum));
    this.told.replaceChildren(head, sum);
  }

  corner(index) {
    return {
      x: this.label + (index % this.perRow) * (this.room + GAP),
      y: this.top + Math.floor(index / this.perRow) * (this.bandHigh + 10) + 44,
    };
  }

  wide(name) {
    return Math.min(64, this.room / this.facts[name][0].length);
  }

  block(block, index) {
    const { facts, high } = this;
    const { x, y } = this.corner(index);
    const wide = this.wide(block.name);
    const group = drawn("g");
    group.append(this.title(block, x, y - (block.isSquare ? 25 : 8)));
    if (block.isSquare) group.append(...this.heads(x, y, wide));
    if (index % this.perRow === 0) group.append(...this.labels(y));
    const rows = facts[block.name];
    const largest = Math.max(...rows.flat().map((value) => Math.abs(value ?? 0)), 1e-9);
    rows.forEach((row, r) => row.forEach((value, c) => {
      const spot = { x: x + c * wide, y: y + r * high, wide, high };
      group.append(this.cell(block.name, r, c, value, largest, spot));
    }));
    return group;
  }

  title({ name, title, sub, note }, x, y) {
    const { divisor, width, words, score } = this.facts;
    const masked = score.flat().some((value) => value === null) ? ", masked" : "";
    const own = name === "score" ? (divisor === 1 ? "undivided" : `÷ √${width}`) + masked : title;
    const text = drawn("text", { x, y, fill: "currentColor", "font-size": 17, "font-weight": 600 });
    text.append(own);
    if (sub) text.append(drawn("tspan", { "font-size": 12, dy: 4 }, sub));
    if (note && this.room > 170) {
      const attributes = { "font-size": 15, "font-weight": 400, opacity: 0.75, dx: 8 };
      text.append(drawn("tspan", { ...attributes, dy: sub ? -4 : 0 }, note));
    }
    return text;
  }

  heads(x, y, wide) {
    return this.facts.words.map((word, c) => drawn("text", {
      x: x + (c + 0.5) * wide, y: y - 6, "text-anchor": "middle", "font-size": wide < 40 ? 12 : 15,
      fill: "currentColor", opacity: 0.85,
    }, shortened(word, wide * (wide < 40 ? 1.2 : 1.05))));
  }

  labels(y) {
    return this.facts.words.map((word, r) => drawn("text", {
      x: this.label - 8, y: y + (r + 0.5) * this.high + 6, "text-anchor": "end", "font-size": 16,
      fill: "currentColor", "font-weight": r === this.place.row ? 700 : 400,
    }, shortened(word, this.label + 8)));
  }

  cell(name, row, col, value, largest, spot) {
    const kind = name === "share" ? { hue: "density", largest: 1 } : { largest };
    const masked = name === "share" && this.facts.score[row][col] === null
      ? { value: null, text: "0", title: "masked: exactly 0" } : {};
    const made = tile({ ...spot, ...kind, value, ...masked });
    made.style.cursor = "pointer";
    made.dataset.cell = `${name} ${row} ${col}`;
    if (this.sources.has(made.dataset.cell)) made.append(outline(boxOf(spot), 2, "4 3"));
    made.addEventListener("click", () => this.choose({ block: name, row, col }));
    return made;
  }

  frame() {
    const { block, row, col } = this.place;
    const { x, y } = this.corner(BLOCKS.findIndex(({ name }) => name === block));
    const wide = this.wide(block);
    return outline(boxOf({ x: x + col * wide, y: y + row * this.high, wide, high: this.high }), 3);
  }

  choose(place) {
    this.place = place;
    this.keep();
    this.paint();
    this.svg.focus({ preventScroll: true });
  }

  // Beyond the edge of a matrix stands the next one.
  step(event) {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    const [down, right] = KEYS[event.key];
    const at = BLOCKS.findIndex(({ name }) => name === this.place.block);
    const rows = this.facts[this.place.block];
    let { row, col } = { row: this.place.row + down, col: this.place.col + right };
    const move = col < 0 ? -1 : col >= rows[0].length ? 1
      : row < 0 ? -this.perRow : row >= rows.length ? this.perRow : 0;
    const next = BLOCKS[at + move];
    if (!next) return;
    const other = this.facts[next.name];
    if (move) [row, col] = [(row + other.length) % other.length, col];
    if (Math.abs(move) === 1) col = move < 0 ? other[0].length - 1 : 0;
    this.choose({ block: next.name, row, col });
  }
}

const boxOf = ({ x, y, wide, high }) =>
  ({ x: x + 0.5, y: y + 0.5, width: wide - 1, height: high - 1, rx: 3 });

// What follows a ^ stands above the line.
function raised(text) {
  return text.split(/(\^−?[\d.∞]+)/).map((part) =>
    part.startsWith("^") ? element("sup", { style: "font-size:0.8em" }, part.slice(1)) : part);
}

export default (component) => mounted(component, Attention);
