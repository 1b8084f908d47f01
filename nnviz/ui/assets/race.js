// race.js: lanes that start from other weights; what their layers hand on, and their losses.

import { drawn, element, mounted, Picture } from "./scene.js";
import { axes, FONT, path, Player, short, text } from "./sequence_plot.js";

const GAP = 8;
const HALO = { "paint-order": "stroke", stroke: "var(--st-background-color)", "stroke-width": 5 };
const CHART_TOP = 30;
const CHART_BOTTOM = 46;
const STEPS_A_DECADE = 20;
const PAUSE = 250; // milliseconds between two settings sent while the hand moves

class Race extends Picture {
  constructor(host) {
    super(host);
    this.stage = element("div");
    this.root.append(this.stage);
  }

  draw() {
    const { steps, layers } = this.facts;
    const shape = [this.width, window.innerHeight, layers, steps.join()].join("|");
    if (shape !== this.shape) this.build();
    this.shape = shape;
    this.lay();
  }

  build() {
    const { steps, lanes } = this.facts;
    this.isNarrow = this.width < 560;
    this.left = this.isNarrow ? 46 : this.width < 800 ? 200 : 236;
    const isShort = window.innerHeight < 800;
    this.high = this.isNarrow ? 92 : isShort ? 42 : 56;
    this.chartHigh = isShort ? 102 : 140;
    this.chartTop = 24 + lanes.length * this.high + CHART_TOP;
    const height = this.chartTop + this.chartHigh + CHART_BOTTOM;
    this.svg = drawn("svg", { width: this.width, height, style: "display:block;touch-action:pan-y" });
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("aria-label", "Activations of every layer, and the losses");
    this.rows = lanes.map((lane, place) => this.row(lane, 24 + place * this.high, `var(--nnviz-lane_${place})`));
    this.header();
    this.chart = drawn("g");
    this.svg.append(this.chart);
    this.player ??= new Player(steps.length, (moment) => this.show(moment), (moment) => this.told(moment), 220);
    this.player.n = steps.length;
    this.player.slider.max = steps.length - 1;
    this.player.moment = Math.min(this.player.moment, steps.length - 1);
    this.stage.replaceChildren(this.player.root, this.svg);
  }

  told(moment) {
    const step = this.facts.steps[moment];
    return step === 0 ? "At the start" : `After ${step} batch${step === 1 ? "" : "es"}`;
  }

  cell(place) {
    const from = this.isNarrow ? 0 : this.left;
    const wide = (this.width - from - 2) / this.facts.layers;
    return { x: from + place * wide, wide: wide - GAP };
  }

  header() {
    const { layers } = this.facts;
    const about = text(this.left - 16, 16, this.left > 200 ? "size √E a², layer by layer" : "size √E a²", { "text-anchor": "end" });
    if (!this.isNarrow) this.svg.append(about);
    for (let place = 0; place < layers; place++) {
      const { x, wide } = this.cell(place);
      const words = wide > 66 ? `layer ${place + 1}` : place + 1;
      this.svg.append(text(x + wide / 2, 16, words, { "text-anchor": "middle", fill: "var(--nnviz-guide)" }));
    }
  }

  // A lane's name, its knob, and a histogram and a size for each layer.
  row(lane, top, color) {
    const base = top + this.high - 6;
    const label = text(0, top + 16, "", { fill: color, "font-weight": 600 });
    this.svg.append(label);
    const row = { label, color, cells: [], loss: text(0, 0, "", { fill: color, "font-weight": 600 }) };
    const room = this.isNarrow ? this.high - 44 : this.high - 10;
    for (let place = 0; place < this.facts.layers; place++) {
      const { x, wide } = this.cell(place);
      const shape = drawn("path", { fill: color, "fill-opacity": 0.75 });
      const size = text(x + wide, base - room + 13, "", { "text-anchor": "end", ...HALO });
      const ground = { x1: x, x2: x + wide, y1: base, y2: base, stroke: "var(--nnviz-muted)" };
      this.svg.append(shape, drawn("line", ground), size);
      row.cells.push({ shape, size, x, wide, base, room });
    }
    row.gone = text(this.cell(0).x + 8, base - 10, "", { fill: "var(--nnviz-danger)", "font-weight": 600 });
    this.svg.append(row.gone);
    if (lane.knob) row.knob = this.knob(lane, top, color);
    return row;
  }

  // The spread of a lane's weights on a logarithmic track; the mark is where it is right.
  knob(lane, top, color) {
    const { low, high, right } = this.facts;
    const [from, long] = this.isNarrow ? [this.width - 130, 120] : [10, this.left - 50];
    const y = this.isNarrow ? top + 12 : top + (this.high > 50 ? 36 : 31);
    const at = (std) => from + (Math.log(std / low) / Math.log(high / low)) * long;
    const track = { y1: y, y2: y, stroke: "var(--nnviz-muted)", "stroke-width": 2 };
    const mark = { x1: at(right), x2: at(right), y1: y - 7, y2: y + 7, stroke: "var(--nnviz-good)", "stroke-width": 3 };
    const grip = drawn("g", { tabindex: 0, role: "slider", style: "cursor:ew-resize;touch-action:none" },
      drawn("circle", { r: 20, fill: "transparent" }),
      drawn("circle", { r: 8, fill: "var(--st-background-color)", stroke: color, "stroke-width": 4 }));
    const limits = { "aria-label": `Standard deviation, ${lane.name}`, "aria-valuemin": low, "aria-valuemax": high };
    for (const [name, value] of Object.entries(limits)) grip.setAttribute(name, value);
    this.svg.append(drawn("line", { x1: from, x2: from + long, ...track }), drawn("line", mark), grip);
    const move = (exponent) => {
      const whole = Math.round(exponent * STEPS_A_DECADE) / STEPS_A_DECADE;
      const std = +(10 ** Math.min(Math.log10(high), Math.max(Math.log10(low), whole))).toPrecision(2);
      this.ask(lane.knob, std);
    };
    grip.onpointerdown = (event) => {
      grip.setPointerCapture(event.pointerId);
      this.player.rest();
    };
    grip.onpointermove = (event) => {
      if (!event.buttons) return;
      const share = (event.clientX - this.svg.getBoundingClientRect().left - from) / long;
      move(Math.log10(low) + share * Math.log10(high / low));
    };
    grip.onkeydown = (event) => {
      const by = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const now = this.asked?.[lane.knob] ?? this.facts.lanes.find((one) => one.knob === lane.knob).std;
      move(Math.log10(now) + by / STEPS_A_DECADE);
    };
    return { grip, at, y };
  }

  // Tell the page at most every so often, and the last one surely.
  ask(name, std) {
    if (this.asked?.[name] === std) return;
    this.asked = { ...this.asked, [name]: std };
    this.place();
    if (this.later) return;
    this.later = setTimeout(() => {
      this.later = undefined;
      this.set(this.asked);
    }, PAUSE);
  }

  place() {
    this.facts.lanes.forEach((lane, place) => {
      const { knob, label } = this.rows[place];
      const std = this.asked?.[lane.knob] ?? lane.std;
      label.textContent = lane.knob ? `${lane.name}: std ${short(std)}` : lane.name;
      if (!knob) return;
      knob.grip.setAttribute("transform", `translate(${knob.at(std)},${knob.y})`);
      knob.grip.setAttribute("aria-valuenow", std);
    });
  }

  lay() {
    if (!this.later) this.asked = undefined;
    this.place();
    this.drawChart();
    this.player.go(this.player.moment, Boolean(this.player.timer));
  }

  drawChart() {
    const { steps, lanes, powers } = this.facts;
    const { group, px, py } = axes({
      left: this.left, top: this.chartTop, width: this.width - this.left - 22, height: this.chartHigh,
      x: { low: 0, high: steps.at(-1), label: "batches" },
      y: { low: powers[0], high: powers[1], label: "loss (nats)" },
    });
    this.chart.replaceChildren(group);
    lanes.forEach((lane, place) => {
      const row = this.rows[place];
      row.points = lane.loss.map((loss, moment) => [px(steps[moment]), loss === null ? null : Math.max(py(loss), this.chartTop)]);
      const stroke = { fill: "none", stroke: row.color, "stroke-width": 2.5 };
      row.line = drawn("path", stroke);
      row.dot = drawn("circle", { r: 5, fill: row.color });
      this.chart.append(drawn("path", { ...stroke, d: path(row.points), opacity: 0.3 }), row.line, row.dot);
      if (this.isNarrow) return;
      row.loss.setAttribute("y", this.chartTop + 6 + place * Math.min(FONT + 8, this.chartHigh / 3.4));
      this.chart.append(row.loss);
    });
  }

  show(moment) {
    this.facts.lanes.forEach((lane, place) => {
      const row = this.rows[place];
      const seen = Math.min(moment, lane.loss.length - 1);
      const isGone = lane.diverged !== null && moment > seen;
      row.cells.forEach((cell, layer) => {
        cell.shape.setAttribute("d", outline(cell, lane.heights[seen][layer]));
        cell.shape.setAttribute("opacity", isGone ? 0.15 : 1);
        const size = lane.sizes[seen][layer];
        cell.size.textContent = isGone ? "" : short(size === null ? null : +size.toPrecision(2));
      });
      row.gone.textContent = isGone ? `diverged at update ${lane.diverged}` : "";
      row.line.setAttribute("d", path(row.points.slice(0, seen + 1)));
      const [x, y] = row.points[seen];
      row.dot.setAttribute("opacity", y === null ? 0 : 1);
      row.dot.setAttribute("cx", x);
      row.dot.setAttribute("cy", y ?? 0);
      const loss = isGone ? "–" : short(lane.loss[seen]);
      row.loss.textContent = `${lane.name}: ${lane.waits ? "training …" : loss}`;
    });
  }

  remove() {
    this.player?.rest();
    clearTimeout(this.later);
    super.remove();
  }
}

function outline({ x, wide, base, room }, heights) {
  const step = wide / heights.length;
  const tops = heights.map((share, bin) => {
    const y = (base - (share / 100) * room).toFixed(1);
    return `L${(x + bin * step).toFixed(1)},${y}L${(x + (bin + 1) * step).toFixed(1)},${y}`;
  });
  return `M${x},${base}${tops.join("")}L${x + wide},${base}Z`;
}

export default (component) => mounted(component, Race);
