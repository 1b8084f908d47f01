// unrolled.js: a recurrent cell step by step: its gates as maps, and one number's arithmetic.

import { drawn, element, mounted, Picture, written } from "./scene.js";
import { INK, room, text } from "./sequence_plot.js";

const SIDE = 128; // room for the names of the maps
const GAP = 7; // between two maps
const HEAD = 40; // the cells, a box a step

function shade(value, most) {
  const share = Math.min(100, (Math.abs(value) / most) * 100).toFixed(0);
  const end = value < 0 ? "negative" : "positive";
  return `color-mix(in oklab, var(--nnviz-${end}) ${share}%, var(--nnviz-zero))`;
}

class Unrolled extends Picture {
  constructor(host) {
    super(host);
    this.at = { map: null, unit: 0, step: 0 };
    this.root.tabIndex = 0;
    this.root.style.outlineOffset = "4px";
    this.root.onkeydown = (event) => this.press(event);
  }

  draw() {
    const { maps, steps, chosen } = this.facts;
    const isWide = this.width > 760;
    const width = isWide ? Math.round(this.width * 0.55) : this.width;
    const height = isWide ? room(320) : room(480, 300);
    if (this.given !== this.facts) {
      this.given = this.facts;
      const map = maps.findIndex(({ key }) => key === chosen.map);
      this.at = { map, unit: Math.min(chosen.unit, maps[map].values[0].length - 1), step: chosen.step };
    }
    const size = { width, height, style: "display:block;flex:none;touch-action:manipulation" };
    this.svg = drawn("svg", { ...size, role: "img", "aria-label": "Gates and states over time" });
    const box = "flex:1;min-width:0;font-size:16px;line-height:1.45;color:var(--st-text-color);";
    this.panel = element("div", { style: `${box}font-variant-numeric:tabular-nums`, "aria-live": "polite" });
    const row = `display:flex;gap:1.2rem;flex-direction:${isWide ? "row" : "column"}`;
    this.root.replaceChildren(element("div", { style: row }, this.svg, this.panel));
    const nRows = maps.reduce((sum, map) => sum + map.values[0].length, 0);
    this.cellHeight = (height - HEAD - 28 - GAP * maps.length) / nRows;
    this.cellWidth = (width - SIDE - 4) / steps;
    this.drawCells();
    this.drawMaps(height);
    this.frame = drawn("rect", { fill: "none", stroke: INK, "stroke-width": 2, "pointer-events": "none" });
    this.column = drawn("rect", { ...this.columnBox(height), fill: "none", stroke: INK, opacity: 0.45 });
    this.column.setAttribute("pointer-events", "none");
    this.svg.append(this.column, this.frame);
    this.choose({});
  }

  columnBox(height) {
    return { y: 1, height: height - 26, width: this.cellWidth, rx: 4, "stroke-width": 2 };
  }

  // The same cell at each step, handing on its state.
  drawCells() {
    const { steps, cell } = this.facts;
    this.svg.append(text(0, 24, `${cell} cell`, { "font-weight": 600 }));
    for (let t = 0; t < steps; t++) {
      const x = SIDE + t * this.cellWidth;
      const line = { x1: x - 3, x2: x + this.cellWidth, y1: 18, y2: 18, stroke: "var(--nnviz-guide)" };
      this.svg.append(drawn("line", { ...line, "stroke-width": 2 }));
      const margin = Math.min(4, this.cellWidth * 0.08);
      const box = { x: x + margin, y: 4, width: this.cellWidth - 2 * margin, height: 28, rx: 6 };
      const style = { fill: "var(--st-secondary-background-color)", stroke: "var(--nnviz-guide)" };
      const cellBox = drawn("rect", { ...box, ...style, cursor: "pointer" });
      cellBox.onclick = () => this.choose({ step: t });
      const middle = { "text-anchor": "middle", "pointer-events": "none" };
      const number = this.cellWidth < 26 && t % 2 ? "" : t + 1;
      this.svg.append(cellBox, text(x + this.cellWidth / 2, 24, number, middle));
    }
  }

  drawMaps(height) {
    const { maps, steps } = this.facts;
    let y = HEAD;
    this.tops = maps.map((map, place) => {
      const top = y;
      const tall = map.values[0].length * this.cellHeight;
      this.svg.append(text(0, top + tall / 2 + 5, map.name, { fill: map.color ?? INK }));
      map.values.forEach((units, t) => units.forEach((value, unit) => {
        const box = {
          x: SIDE + t * this.cellWidth, y: top + unit * this.cellHeight,
          width: this.cellWidth - 1, height: Math.max(1, this.cellHeight - 1),
        };
        const square = drawn("rect", { ...box, fill: shade(value, map.most), cursor: "pointer" });
        square.append(drawn("title", {}, `${map.name}, ${map.unit} ${unit + 1}, step ${t + 1}: ${written(value, 3)}`));
        square.onclick = () => this.choose({ map: place, unit, step: t });
        this.svg.append(square);
        if (map.shown && this.cellWidth > 38 && this.cellHeight > 15) {
          const middle = { "text-anchor": "middle", "pointer-events": "none", "font-size": 14 };
          if (Math.abs(value) > 0.6 * map.most) middle.fill = "var(--st-background-color)";
          const base = box.y + this.cellHeight / 2 + 4.5;
          this.svg.append(text(box.x + box.width / 2, base, written(value), middle));
        }
      }));
      y += tall + GAP;
      return top;
    });
    const words = "← → another step, ↑ ↓ another unit or gate";
    this.svg.append(text(SIDE + (steps * this.cellWidth) / 2, height - 5, words, { "text-anchor": "middle", opacity: 0.8 }));
  }

  press(event) {
    const { maps, steps } = this.facts;
    const { map, unit, step } = this.at;
    const rows = maps.flatMap((one, place) => one.values[0].map((_, k) => ({ map: place, unit: k })));
    const row = rows.findIndex((one) => one.map === map && one.unit === unit);
    const moves = {
      ArrowLeft: { step: Math.max(0, step - 1) },
      ArrowRight: { step: Math.min(steps - 1, step + 1) },
      ArrowUp: rows[Math.max(0, row - 1)],
      ArrowDown: rows[Math.min(rows.length - 1, row + 1)],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    this.choose(move);
  }

  choose(move) {
    Object.assign(this.at, move);
    const { map, unit, step } = this.at;
    const x = SIDE + step * this.cellWidth - 0.5;
    this.column.setAttribute("x", x);
    const box = { x, y: this.tops[map] + unit * this.cellHeight - 0.5, width: this.cellWidth, height: this.cellHeight };
    for (const [name, value] of Object.entries(box)) this.frame.setAttribute(name, value);
    this.tell();
  }

  tell() {
    const { maps } = this.facts;
    const { map, unit, step } = this.at;
    const { kind, name, gate, unit: noun } = maps[map];
    const title = `${name}, ${noun} ${unit + 1}, step ${step + 1}`;
    const lines = kind === "gate" ? this.gateLines(gate, unit, step) : this.stateLines(kind, unit, step);
    const head = element("div", { style: "font-size:18px;font-weight:600" }, title);
    const then = kind === "gate" ? this.stateLines("state", unit, step) : [];
    const next = then.length ? [element("div", { style: "font-weight:600;margin-top:.7rem" }, "and what it does")] : [];
    this.panel.replaceChildren(head, ...lines, ...next, ...then);
  }

  // A line of arithmetic: what is computed, how, and what comes out.
  line(what, how, out, strong = false) {
    const style = "display:grid;grid-template-columns:5.6rem 1fr auto;gap:.1rem .6rem;padding:.12rem 0;";
    const rule = strong ? "border-top:2px solid var(--nnviz-guide);font-weight:600" : "";
    const cells = [what, how, out].map((words) => element("span", {}, ...[words].flat()));
    return element("div", { style: style + rule }, ...cells);
  }

  sum(weights, values, bias) {
    const factor = (value) => (value < -0.005 ? `(${written(value)})` : written(value));
    const terms = weights.map((weight, k) => `${written(weight)}·${factor(values[k])}`);
    return [...terms, written(bias)].join(" + ").replaceAll("+ −", "− ");
  }

  gateLines(gate, unit, step) {
    const { arithmetic: a, maps } = this.facts;
    const { squash, letter, isReset } = a.gates[gate];
    const before = step ? a.state[step - 1] : a.state[0].map(() => 0);
    const z = a.z[step][gate][unit];
    const value = maps.find((map) => map.gate === gate).values[step][unit];
    const fromState = a.fromState[step][gate][unit];
    const lines = [
      this.line("W_ih x + b", this.sum(a.inputWeight[gate][unit], a.x[step], a.inputBias[gate][unit]), written(a.fromInput[step][gate][unit])),
      this.line("W_hh h + b", this.sum(a.stateWeight[gate][unit], before, a.stateBias[gate][unit]), written(fromState)),
    ];
    if (isReset) {
      const reset = maps.find((map) => map.gate === 0).values[step][unit];
      lines.push(this.line("r · of it", `${written(reset)} · ${written(fromState)}`, written(reset * fromState)));
    }
    lines.push(this.line("sum", "of both", written(z), true), this.line(letter, `${squash}(${written(z)})`, written(value)));
    return [...lines, this.curve(squash, z, value)];
  }

  curve(squash, z, value) {
    const [width, height, reach] = [230, 66, 5];
    const of = squash === "σ" ? (v) => 1 / (1 + Math.exp(-v)) : Math.tanh;
    const low = squash === "σ" ? 0 : -1;
    const x = (v) => width / 2 + (v / reach) * (width / 2 - 8);
    const y = (v) => height - 7 - ((v - low) / (1 - low)) * (height - 14);
    const points = Array.from({ length: 61 }, (_, k) => -reach + (k * 2 * reach) / 60);
    const d = points.map((v, k) => `${k ? "L" : "M"}${x(v)},${y(of(v))}`).join("");
    const near = Math.max(-reach, Math.min(reach, z));
    return drawn("svg", { width, height, "aria-hidden": "true", style: "display:block;margin:.2rem 0" },
      drawn("line", { x1: 0, x2: width, y1: y(0), y2: y(0), stroke: "var(--nnviz-grid)" }),
      drawn("line", { x1: x(0), x2: x(0), y1: 0, y2: height, stroke: "var(--nnviz-grid)" }),
      drawn("path", { d, fill: "none", stroke: "var(--nnviz-guide)", "stroke-width": 2.5 }),
      drawn("circle", { cx: x(near), cy: y(value), r: 6, fill: "var(--nnviz-train)" }));
  }

  // The new state from the gates; each gate's number leads to its own arithmetic.
  stateLines(kind, unit, step) {
    const { maps, arithmetic: a, cell } = this.facts;
    const value = (key) => maps.find((map) => map.key === key)?.values[step][unit];
    const before = (key) => (step ? maps.find((map) => map.key === key).values[step - 1][unit] : 0);
    const link = (key) => this.link(key, unit, step, written(value(key)));
    if (kind === "input") return [this.line("given", "as it stands in the row", written(a.x[step][unit]))];
    const h = written(value("h"));
    if (cell === "RNN") return [];
    if (cell === "GRU") {
      const one = written(1 - value("g1"));
      const how = ["(1 − z)·n + z·h: ", one, " · ", link("g2"), " + ", link("g1"), ` · ${written(before("h"))}`];
      return [this.line("h", how, h, true)];
    }
    const kept = ["f·c + i·g: ", link("g1"), ` · ${written(before("c"))} + `, link("g0"), " · ", link("g2")];
    const c = this.line("c", kept, written(value("c")), true);
    if (kind === "carried") return [c];
    return [c, this.line("h", ["o·tanh(c): ", link("g3"), ` · ${written(Math.tanh(value("c")))}`], h, true)];
  }

  link(key, unit, step, words) {
    const style =
      "border:0;background:none;padding:0 .15rem;min-height:1.6rem;cursor:pointer;font:inherit;" +
      "color:var(--st-link-color,inherit);text-decoration:underline";
    const button = element("button", { type: "button", style }, words);
    button.onclick = () => this.choose({ map: this.facts.maps.findIndex((map) => map.key === key), unit, step });
    return button;
  }
}

export default function unrolled(component) {
  return mounted(component, Unrolled);
}
