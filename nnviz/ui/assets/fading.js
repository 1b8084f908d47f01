// fading.js: how the last state depends on each earlier one, and what clipping does.

import { drawn, element, mounted, Picture, written } from "./scene.js";
import { axes, INK, path, room, short, text } from "./sequence_plot.js";

const TOP = 58;
const LEFT = 62;
const BOTTOM = 52;
const COLORS = { measured: "var(--nnviz-positive)", norm: "var(--nnviz-train)", value: "var(--nnviz-bias)" };

class Fading extends Picture {
  draw() {
    const height = room(345);
    const isNarrow = this.width < 560;
    const whole = isNarrow ? 2 * height : height;
    const size = { width: this.width, height: whole, style: "display:block;touch-action:pan-y" };
    this.svg = drawn("svg", { ...size, role: "img", "aria-label": "Gradient through time" });
    this.told = element("div", { style: "font-size:16px;min-height:1.6em", "aria-live": "polite" });
    this.root.replaceChildren(this.svg, this.told);
    if (isNarrow) {
      this.drawFading(this.width - LEFT - 16, height - TOP - BOTTOM);
      this.drawClipping(10, this.width - 14, height - TOP - 8, height + TOP);
    } else {
      const split = Math.round(this.width * (this.width > 700 ? 0.62 : 0.56));
      this.drawFading(split - LEFT - 30, height - TOP - BOTTOM);
      this.drawClipping(split + 10, this.width - split - 14, height - TOP - 8, TOP);
    }
    this.point(null);
  }

  drawFading(width, height) {
    const { steps, reach, gain, largest, smallest, linear } = this.facts;
    const chart = axes({
      left: LEFT, top: TOP, width, height,
      x: { low: 1, high: steps, label: "step t" },
      y: { low: -reach, high: reach, label: "‖∂h_T/∂hₜ‖: how far the last state moves" },
    });
    Object.assign(this, { chart, box: { width, height } });
    const curve = (values, style) => {
      const points = values.map((value, back) => [chart.px(steps - back), chart.py(value)]);
      return drawn("path", { d: path(points), fill: "none", "pointer-events": "none", ...style });
    };
    this.guide = drawn("line", { y1: TOP, y2: TOP + height, stroke: INK, opacity: 0 });
    const catcher = drawn("rect", { x: LEFT, y: TOP, width, height, fill: "transparent" });
    const stepAt = (event) => {
      const from = (event.clientX - this.svg.getBoundingClientRect().left - LEFT) / width;
      return Math.max(1, Math.min(steps, Math.round(1 + from * (steps - 1))));
    };
    catcher.onpointermove = (event) => this.point(stepAt(event));
    catcher.onpointerdown = catcher.onpointermove;
    catcher.onpointerleave = () => this.point(null);
    this.rule = drawn("path", { fill: "none", stroke: INK, "stroke-width": 2.5, "stroke-dasharray": "3 6" });
    this.svg.append(chart.group, this.guide, catcher);
    if (!linear) this.svg.append(curve(smallest, { stroke: COLORS.measured, "stroke-width": 1.5, opacity: 0.7 }));
    this.svg.append(curve(largest, { stroke: COLORS.measured, "stroke-width": 7, opacity: 0.75 }), this.rule);
    this.legend(linear);
    this.handle();
    this.lay(gain);
  }

  legend(linear) {
    const entries = [["measured", COLORS.measured, 7, "none"], ["gᵀ⁻ᵗ", INK, 2.5, "3 6"]];
    if (!linear) entries.splice(1, 0, ["weakest direction", COLORS.measured, 1.5, "none"]);
    let x = LEFT - 8;
    for (const [name, color, thick, dash] of entries) {
      const stroke = { stroke: color, "stroke-width": thick, "stroke-dasharray": dash };
      const label = text(x + 33, 19, name);
      this.svg.append(drawn("line", { x1: x, x2: x + 26, y1: 14, y2: 14, ...stroke }), label);
      x += 55 + label.getComputedTextLength();
    }
  }

  // The left end of the rule, to be taken hold of: it sets the gain.
  handle() {
    const { gain, gainLow, gainHigh, steps, reach } = this.facts;
    const name = { role: "slider", tabindex: 0, "aria-label": "Gain g", "aria-valuemin": gainLow, "aria-valuemax": gainHigh };
    const style = "cursor:ns-resize;touch-action:none";
    this.grip = drawn("g", { ...name, style },
      drawn("circle", { r: 22, fill: "transparent" }),
      drawn("circle", { r: 9, fill: "var(--st-background-color)", stroke: INK, "stroke-width": 3 }));
    this.gripLabel = text(0, 0, "", { "font-weight": 600, "pointer-events": "none" });
    const gainAt = (event) => {
      const from = (event.clientY - this.svg.getBoundingClientRect().top - TOP) / this.box.height;
      const exponent = reach - from * 2 * reach;
      const found = Math.round(10 ** (exponent / (steps - 1)) * 100) / 100;
      return Math.max(gainLow, Math.min(gainHigh, found));
    };
    this.grip.onpointerdown = (event) => this.grip.setPointerCapture(event.pointerId);
    this.grip.onpointermove = (event) => event.buttons && this.lay(gainAt(event));
    this.grip.onpointerup = () => this.moved !== gain && this.set({ gain: this.moved });
    this.grip.onkeydown = (event) => {
      const by = { ArrowUp: 0.01, ArrowRight: 0.01, ArrowDown: -0.01, ArrowLeft: -0.01 }[event.key];
      if (!by) return;
      event.preventDefault();
      const next = Math.round((this.moved + by) * 100) / 100;
      if (next < gainLow || next > gainHigh) return;
      this.lay(next);
      clearTimeout(this.later);
      this.later = setTimeout(() => this.set({ gain: this.moved }), 250);
    };
    this.svg.append(this.grip, this.gripLabel);
  }

  lay(gain) {
    const { steps } = this.facts;
    const { px, py } = this.chart;
    this.moved = gain;
    const points = Array.from({ length: steps }, (_, back) => [px(steps - back), py(gain ** back)]);
    this.rule.setAttribute("d", path(points));
    const [x, y] = points.at(-1);
    this.grip.setAttribute("transform", `translate(${x},${y})`);
    this.grip.setAttribute("aria-valuenow", gain);
    this.gripLabel.setAttribute("x", x + 18);
    this.gripLabel.setAttribute("y", gain > 1 ? Math.max(y - 12, TOP + 18) : Math.min(y + 26, TOP + this.box.height - 8));
    this.gripLabel.textContent = `g = ${written(gain)}: drag`;
  }

  // Three arrows in the plane in which they lie; the quarter circle is as long as is allowed.
  drawClipping(left, width, height, top) {
    const { clip } = this.facts;
    this.svg.append(text(left, top - 17, "A gradient, clipped", { "font-weight": 600 }));
    const drawnHeight = height - 92;
    const side = Math.min(width, drawnHeight);
    const [x0, y0] = [left + (width - side) / 2 + 4, top + drawnHeight];
    const radius = side * 0.5;
    const arc = `M${x0},${y0 - radius} A${radius},${radius} 0 0 1 ${x0 + radius},${y0}`;
    const axis = { stroke: "var(--nnviz-grid)", "stroke-width": 2 };
    this.svg.append(
      drawn("path", { d: `M${x0},${y0 - side} V${y0} H${x0 + side}`, fill: "none", ...axis }),
      drawn("path", { d: arc, fill: "none", stroke: "var(--nnviz-guide)", "stroke-dasharray": "4 4" }),
      text(x0 + radius + 4, y0 - 8, short(clip.limit)));
    const arrows = [
      ["whole", clip.whole, 0, INK, 2.5],
      ["by norm", clip.norm, clip.normAngle, COLORS.norm, 6],
      ["by value", clip.value, clip.valueAngle, COLORS.value, 4],
    ];
    for (const [, length, turn, color, thick] of arrows.toReversed()) {
      this.arrow([x0, y0], (length / clip.limit) * radius, turn, side, color, thick);
    }
    arrows.forEach(([name, length, turn, color, thick], place) => {
      const y = top + height - 60 + place * 24;
      this.svg.append(drawn("line", { x1: left, x2: left + 24, y1: y - 5, y2: y - 5, stroke: color, "stroke-width": thick }));
      const turned = place ? `, turned by ${written(turn, 0)}°` : "";
      this.svg.append(text(left + 32, y, `${name}: ${short(length)}${turned}`));
    });
  }

  arrow([x0, y0], length, turn, side, color, thick) {
    const angle = ((62 - turn) * Math.PI) / 180;
    const [dx, dy] = [Math.cos(angle), -Math.sin(angle)];
    const most = side * 0.96;
    const long = Math.min(length, most);
    const [x, y] = [x0 + dx * long, y0 + dy * long];
    const stroke = { stroke: color, "stroke-width": thick };
    const part = (from, to, dash) => {
      const ends = { x1: x0 + dx * from, y1: y0 + dy * from, x2: x0 + dx * to, y2: y0 + dy * to };
      this.svg.append(drawn("line", { ...ends, ...stroke, "stroke-dasharray": dash }));
    };
    const whole = length > most ? long * 0.72 : long - 6; // what does not fit ends in dashes
    part(0, whole, "none");
    part(whole, long - 6, "7 5");
    const [back, wide] = [8 + 1.6 * thick, 3 + 1.1 * thick];
    const wing = (sign) => `${x - dx * back - sign * dy * wide},${y - dy * back + sign * dx * wide}`;
    this.svg.append(drawn("polygon", { points: `${x},${y} ${wing(1)} ${wing(-1)}`, fill: color }));
  }

  point(step) {
    const { steps, largest, gain } = this.facts;
    const t = step ?? 1;
    const back = steps - t;
    this.guide.setAttribute("opacity", step ? 0.5 : 0);
    this.guide.setAttribute("x1", this.chart.px(t));
    this.guide.setAttribute("x2", this.chart.px(t));
    this.told.textContent =
      `At step ${t}, ${back} before the last: measured ${short(largest[back])}, ` +
      `g to the power ${back} is ${short(gain ** back)}`;
  }
}

export default function fading(component) {
  return mounted(component, Fading);
}
