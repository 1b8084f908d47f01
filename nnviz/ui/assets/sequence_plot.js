// sequence_plot.js: axes of a chart in a scene, and a player along its moments.

import { drawn, element } from "./scene.js";

export const INK = "var(--st-text-color)";
const FAINT = "var(--nnviz-grid)";
export const FONT = 16;

export function text(x, y, words, more = {}) {
  const own = { x, y, fill: INK, "font-size": FONT, "font-family": "var(--st-font)", ...more };
  return drawn("text", own, words);
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
export function power(exponent) {
  if (exponent === 0) return "1";
  const digits = String(Math.abs(exponent)).replace(/\d/g, (digit) => RAISED[digit]);
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

// A number of any size in few letters.
export function short(value) {
  if (value === null || !Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -3 && exponent < 5) return String(+value.toPrecision(3)).replace("-", "−");
  const factor = (value / 10 ** exponent).toFixed(1).replace("-", "−");
  return `${factor}·${power(exponent)}`;
}

// As high as the window allows below what stands above the picture.
export function room(above = 330, least = 330, most = 560) {
  return Math.max(least, Math.min(most, window.innerHeight - above));
}

function apart(low, high, most) {
  const step = [1, 2, 5, 10, 20, 50, 100].find((size) => (high - low) / size <= most) ?? 200;
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) found.push(at);
  return found;
}

// `x` and `y`: {low, high, label}. Of a logarithmic y axis low and high are powers of ten.
export function axes({ left, top, width, height, x, y }) {
  const px = (value) => left + ((value - x.low) / (x.high - x.low)) * width;
  const at = (value) => top + height - ((value - y.low) / (y.high - y.low)) * height;
  const py = (value) => at(Math.max(Math.log10(Math.max(value, 1e-300)), y.low));
  const group = drawn("g");
  for (const tick of apart(y.low, y.high, Math.max(2, Math.floor(height / 34)))) {
    const line = { x1: left, x2: left + width, y1: at(tick), y2: at(tick), stroke: FAINT };
    group.append(drawn("line", line));
    group.append(text(left - 8, at(tick) + 5, power(tick), { "text-anchor": "end" }));
  }
  const labels = apart(x.low, x.high, Math.max(2, Math.floor(width / 50)));
  for (const tick of labels) {
    group.append(text(px(tick), top + height + 20, tick, { "text-anchor": "middle" }));
  }
  const middle = left + width / 2;
  group.append(text(middle, top + height + 42, x.label, { "text-anchor": "middle" }));
  group.append(text(left - 8, top - 17, y.label, { "font-weight": 600 }));
  return { group, px, py };
}

export function path(points) {
  let pen = "M";
  return points
    .map(([x, y]) => {
      if (y === null) return ((pen = "M"), "");
      const command = `${pen}${x.toFixed(1)},${y.toFixed(1)}`;
      pen = "L";
      return command;
    })
    .join("");
}

const BUTTON =
  "min-width:2.6rem;min-height:2.2rem;border:1px solid var(--st-border-color);cursor:pointer;" +
  "border-radius:var(--st-base-radius);background:var(--st-secondary-background-color);" +
  "color:var(--st-text-color);font-size:16px";

// A button that plays, a slider, and words. `show(moment)` draws; `told(moment)` is said beside it.
export class Player {
  constructor(n, show, told, every = 160) {
    Object.assign(this, { n, show, told, every, moment: 0 });
    this.button = element("button", { type: "button", style: BUTTON });
    const range = { type: "range", min: 0, max: n - 1, step: 1, value: 0, "aria-label": "Moment" };
    this.slider = element("input", { ...range, style: "flex:1;min-width:6rem;height:2.2rem" });
    const words = "font-size:16px;min-width:11rem;font-variant-numeric:tabular-nums";
    this.words = element("span", { style: words });
    const row = "display:flex;gap:.7rem;align-items:center;color:var(--st-text-color)";
    this.root = element("div", { style: row }, this.button, this.slider, this.words);
    this.button.onclick = () => this.toggle();
    this.slider.oninput = () => this.go(+this.slider.value);
    this.rest();
  }

  go(moment, isPlaying = false) {
    if (!isPlaying) this.rest();
    this.moment = Math.max(0, Math.min(this.n - 1, moment));
    this.slider.value = this.moment;
    this.words.textContent = this.told(this.moment);
    this.show(this.moment);
  }

  toggle() {
    if (this.timer) return this.rest();
    if (this.moment === this.n - 1) this.go(0);
    this.button.textContent = "❚❚";
    this.button.ariaLabel = "Pause";
    this.timer = setInterval(() => {
      this.go(this.moment + 1, true);
      if (this.moment === this.n - 1) this.rest();
    }, this.every);
  }

  rest() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.button.textContent = "▶";
    this.button.ariaLabel = "Play";
  }
}
