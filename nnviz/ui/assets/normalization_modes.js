// normalization_modes.js: one network in train() or eval(), switched by hand; what its units hand on.

import { drawn, element, mounted, Picture, written } from "./scene.js";

const STYLE = `
.nnviz-modes { color: var(--st-text-color); font-size: 1.05rem; }
.nnviz-modes .top { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin-bottom: 0.4rem; }
.nnviz-modes .switch { display: inline-flex; border: 2px solid var(--nnviz-ink); border-radius: 2rem; padding: 3px; }
.nnviz-modes .switch button { font: inherit; font-size: 1.35rem; font-weight: 600; border: 0; border-radius: 2rem; cursor: pointer;
  padding: 0.2rem 1.3rem; background: none; color: var(--nnviz-ink); }
.nnviz-modes .switch button[aria-pressed="true"] { color: var(--nnviz-page); background: var(--nnviz-train); }
.nnviz-modes .switch button[value="eval"][aria-pressed="true"] { background: var(--nnviz-test); }
.nnviz-modes :focus-visible { outline: 3px solid var(--nnviz-density); outline-offset: 2px; }
.nnviz-modes text { fill: currentColor; font-size: 16px; font-variant-numeric: tabular-nums; }
`;
const TOP = 34;
const SHORT = { Linear: "Lin", BatchNorm: "BN", ReLU: "ReLU", Dropout: "Drop" };
const SAYS = {
  train: "this batch's mean and deviation, a dropout mask",
  eval: "running mean and deviation, nothing dropped",
};

class Modes extends Picture {
  draw() {
    this.mode = this.facts.mode;
    const held = this.root.contains(document.activeElement) && document.activeElement.dataset.key;
    this.root.classList.add("nnviz-modes");
    this.says = element("span", {});
    this.board = element("div", {});
    this.root.replaceChildren(element("style", {}, STYLE), element("div", { class: "top" }, this.lever(), this.says), this.board);
    this.show();
    if (held) this.root.querySelector(`[data-key="${held}"]`)?.focus({ preventScroll: true });
  }

  lever() {
    const group = element("div", { class: "switch", role: "group", "aria-label": "Mode" });
    this.levers = ["train", "eval"].map((mode) => {
      const button = element("button", { type: "button", value: mode, "data-key": mode }, `${mode}()`);
      button.onclick = () => {
        this.mode = mode;
        this.show();
        this.set({ mode });
      };
      group.append(button);
      return button;
    });
    return group;
  }

  show() {
    for (const lever of this.levers) lever.setAttribute("aria-pressed", lever.value === this.mode);
    this.says.textContent = `uses ${SAYS[this.mode]}`;
    const { largest } = this.facts;
    const isNarrow = this.width < 620;
    const high = Math.max(190, Math.min(320, window.innerHeight * 0.34));
    this.row = high / largest;
    this.svg = drawn("svg", { width: this.width, height: high + TOP + 44, role: "img", style: "display:block", "aria-label": `What each unit hands on in ${this.mode}()` });
    this.board.replaceChildren(this.svg);
    const left = 40;
    const answers = isNarrow ? 110 : Math.max(240, this.width * 0.3);
    const wide = (this.width - left - answers - 20) / this.facts.parts.length;
    this.facts.parts.forEach((part, place) => this.stage(part, place, left + place * wide, Math.max(wide - 22, 30)));
    this.answers(this.width - answers, answers - 24, isNarrow);
    this.rows(left);
    this.edge(left, this.width - answers - 26);
  }

  text(x, y, words, more = {}) {
    this.svg.append(drawn("text", { x, y, ...more }, document.createTextNode(words)));
  }

  rows(left) {
    for (let b = 0; b < this.facts.largest; b += 1) {
      if (b > 0 && (b >= this.facts.batchSize || this.row < 17)) continue;
      this.text(left - 8, TOP + (b + 0.5) * this.row + 5, String(b), { "text-anchor": "end", "font-weight": b ? 400 : 700 });
    }
  }

  stage(name, place, x, wide) {
    const { largest, parts } = this.facts;
    const values = this.facts.modes[this.mode].stages[place];
    const fits = wide > 9 * name.length;
    this.text(x + wide / 2, 20, fits ? name : SHORT[name], { "text-anchor": "middle", "font-weight": 600 });
    if (fits && place + 1 < parts.length) this.text(x + wide + 1, TOP - 12, "→", { style: "font-size:19px" });
    this.svg.append(drawn("rect", { x, y: TOP, width: wide, height: largest * this.row, fill: "none", stroke: "var(--nnviz-grid)" }));
    if (!values) {
      this.text(x + wide / 2, TOP + 8 * this.row, "refused", { "text-anchor": "middle", style: "fill:var(--nnviz-danger)" });
      return;
    }
    const limit = Math.max(0.5, ...Object.values(this.facts.modes).flatMap((mode) => (mode.stages[place] ?? []).flat().map(Math.abs)));
    const cell = wide / values[0].length;
    values.forEach((row, b) => row.forEach((value, u) => {
      const y = TOP + b * this.row;
      const color = value < 0 ? "negative" : "positive";
      const rect = drawn("rect", { x: x + u * cell + 0.5, y: y + 0.5, width: cell - 1, height: this.row - 1, fill: `var(--nnviz-${color})`, "fill-opacity": 0.92 * Math.min(1, Math.abs(value) / limit) });
      rect.append(drawn("title", {}, document.createTextNode(`${name}, sample ${b}, unit ${u}: ${written(value, 3)}`)));
      this.svg.append(rect);
      if (name === "Dropout" && this.mode === "train" && this.dropped(place, b, u)) this.cross(x + (u + 0.5) * cell, y + this.row / 2);
    }));
  }

  // A value that was there before dropout and is 0 after it.
  dropped(place, b, u) {
    const { stages } = this.facts.modes.train;
    return stages[place][b][u] === 0 && stages[place - 1][b][u] !== 0;
  }

  cross(x, y) {
    const r = Math.min(5, this.row * 0.3);
    this.svg.append(drawn("path", { d: `M${x - r} ${y - r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`, stroke: "var(--nnviz-danger)", "stroke-width": 2.5 }));
  }

  // P(class 1) of each sample; of sample 0 all answers that were given.
  answers(x, wide, isNarrow) {
    const { largest, modes } = this.facts;
    const { answers, asked } = modes[this.mode];
    const color = `var(--nnviz-${this.mode === "train" ? "train" : "test"})`;
    const px = (share) => x + share * wide;
    this.text(x + wide / 2, 20, isNarrow ? "answers" : "Answers, P(class 1)", { "text-anchor": "middle", "font-weight": 600 });
    for (const share of [0, 0.5, 1]) {
      this.svg.append(drawn("line", { x1: px(share), x2: px(share), y1: TOP, y2: TOP + largest * this.row, stroke: "var(--nnviz-grid)", "stroke-width": 1.5 }));
      this.text(px(share), TOP + largest * this.row + 19, String(share), { "text-anchor": "middle" });
    }
    this.svg.append(drawn("rect", { x, y: TOP, width: wide, height: this.row, fill: color, "fill-opacity": 0.16 }));
    asked.forEach((share, k) => {
      const isLast = k + 1 === asked.length;
      this.svg.append(drawn("circle", { cx: px(share), cy: TOP + this.row / 2, r: isLast ? 8 : 6, fill: color, "fill-opacity": isLast ? 1 : 0.35 }));
    });
    answers.slice(1).forEach((share, b) => {
      this.svg.append(drawn("circle", { cx: px(share), cy: TOP + (b + 1.5) * this.row, r: 5, fill: color, "fill-opacity": 0.8 }));
    });
    if (!answers.length) this.text(x + wide / 4, TOP + 8 * this.row, "none", { "text-anchor": "middle", style: "fill:var(--nnviz-danger)" });
    this.trail(px);
  }

  // Below the batch: what sample 0 would be answered in a batch of each size, a line down the rows.
  trail(px) {
    const { sizes, bySize, batchSize } = this.facts;
    const points = sizes.map((size, k) => [size, bySize[this.mode][k]]).filter(([size]) => size > batchSize);
    if (points.length) this.text(this.width - 6, TOP + this.facts.largest * this.row + 38, "◇ sample 0 in a larger batch", { "text-anchor": "end" });
    for (const [size, share] of points) {
      this.svg.append(drawn("path", { d: `M${px(share)} ${TOP + (size - 0.5) * this.row - 5}l5 5l-5 5l-5 -5z`, fill: "none", stroke: "var(--nnviz-muted)", "stroke-width": 1.8 },
        drawn("title", {}, document.createTextNode(`sample 0 in a batch of ${size}: ${written(share, 3)}`))));
    }
  }

  // The lower edge of the batch, to be dragged.
  edge(left, right) {
    const { batchSize, largest } = this.facts;
    const y = TOP + batchSize * this.row;
    const line = drawn("line", { x1: left, x2: right, stroke: "var(--nnviz-ink)", "stroke-width": 3 });
    const hold = drawn("rect", { x: left, width: right - left, height: 30, fill: "transparent" });
    const label = drawn("text", { x: (left + right) / 2, "text-anchor": "middle", "font-weight": 600 });
    const name = { role: "slider", tabindex: 0, "data-key": "edge", "aria-label": "Batch size", "aria-valuemin": 1, "aria-valuemax": largest, "aria-valuenow": batchSize };
    const grip = drawn("g", { ...name, style: "cursor:ns-resize;touch-action:none" }, hold, line, label);
    let asked = batchSize;
    const lay = (size) => {
      asked = size;
      const at = TOP + size * this.row;
      line.setAttribute("y1", at);
      line.setAttribute("y2", at);
      hold.setAttribute("y", at - 15);
      label.setAttribute("y", at + 20);
      label.textContent = `⇕ batch of ${size}`;
    };
    const sizeAt = (event) => Math.max(1, Math.min(largest, Math.round((event.clientY - this.svg.getBoundingClientRect().top - TOP) / this.row)));
    const send = () => asked !== batchSize && this.set({ batch_size: asked });
    grip.onpointerdown = (event) => grip.setPointerCapture(event.pointerId);
    grip.onpointermove = (event) => event.buttons && lay(sizeAt(event));
    grip.onpointerup = send;
    grip.onkeydown = (event) => {
      const by = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      lay(Math.max(1, Math.min(largest, asked + by)));
      clearTimeout(this.later);
      this.later = setTimeout(send, 250);
    };
    lay(batchSize);
    this.svg.append(grip);
  }
}

export default function modes(component) {
  return mounted(component, Modes);
}
