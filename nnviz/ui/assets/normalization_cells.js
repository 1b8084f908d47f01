// normalization_cells.js: a block of numbers before and after; a click on one shows whose mean it shares.

import { Block } from "./normalization_block.js";
import { element, mounted, Picture, written } from "./scene.js";

const STYLE = `
.nnviz-cells { font-size: 1.05rem; line-height: 1.5; color: var(--st-text-color); }
.nnviz-cells .row { display: flex; flex-wrap: wrap; gap: 0.4rem 0.6rem; align-items: center; }
.nnviz-cells button, .nnviz-cells input { font: inherit; color: inherit; background: var(--nnviz-panel);
  border: 1px solid var(--nnviz-muted); border-radius: 0.4rem; padding: 0.15rem 0.7rem; }
.nnviz-cells button { cursor: pointer; }
.nnviz-cells button:disabled { opacity: 0.35; cursor: default; }
.nnviz-cells button[aria-pressed="true"] { background: var(--nnviz-ink); color: var(--nnviz-page); border-color: var(--nnviz-ink); }
.nnviz-cells input { width: 6.5rem; background: var(--nnviz-page); }
.nnviz-cells .size { border-color: var(--nnviz-grid); padding: 0.15rem 0.5rem; }
.nnviz-cells canvas { display: block; cursor: pointer; touch-action: manipulation; }
.nnviz-cells .blocks { display: flex; flex-wrap: wrap; gap: 0.3rem 1.5rem; margin: 0.4rem 0; }
.nnviz-cells .sum { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.nnviz-cells .muted { color: var(--nnviz-muted); }
.nnviz-cells :focus-visible { outline: 2px solid var(--nnviz-density); outline-offset: 2px; }
`;

class Cells extends Picture {
  draw() {
    const { facts, root } = this;
    this.index = facts.index;
    this.shown = null;
    this.block = new Block(facts);
    const held = root.contains(document.activeElement) && document.activeElement.dataset.key;
    root.classList.add("nnviz-cells");
    this.told = element("div", { class: "sum", "aria-live": "polite" });
    const blocks = element("div", { class: "blocks" });
    root.replaceChildren(element("style", {}, STYLE), this.buttons(), blocks, this.told);
    const names = { before: "Before", after: facts.after };
    this.canvases = Object.entries(names).map(([when, name]) => {
      const canvas = element("canvas", { role: "img", tabindex: 0, "data-key": when, "aria-label": `${name}: arrow keys choose a number` });
      const box = element("div", {}, element("div", { style: "font-weight:600" }, name), canvas);
      blocks.append(box);
      canvas.onpointermove = (event) => this.show(this.block.cellAt(event) ?? this.index);
      canvas.onpointerleave = () => this.show(this.index);
      canvas.onclick = (event) => this.choose(this.block.cellAt(event));
      canvas.onkeydown = (event) => this.step(event);
      return { canvas, values: when === "before" ? facts.values : facts.outputs };
    });
    this.show(this.index);
    if (held) root.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  }

  buttons() {
    const { facts } = this;
    const row = element("div", { class: "row", role: "group", "aria-label": "Which" });
    for (const [value, label] of facts.buttons) {
      const button = element("button", { type: "button", "aria-pressed": value === facts.chosen, "data-key": value }, label);
      button.onclick = () => this.set({ [facts.field]: value });
      row.append(button);
    }
    if (facts.editable) row.append(element("span", { style: "flex:1" }), ...this.sizing());
    return row;
  }

  show(index) {
    if (String(index) === String(this.shown)) return;
    this.shown = index;
    this.block.fit(this.width, window.innerHeight);
    const style = getComputedStyle(this.root);
    const look = { font: style.fontFamily, colour: (name) => style.getPropertyValue(`--nnviz-${name}`).trim() };
    for (const { canvas, values } of this.canvases) this.block.paint(canvas, values, index, look);
    this.told.replaceChildren(...this.arithmetic(index));
  }

  choose(index) {
    if (!index) return;
    this.index = index;
    this.show(index);
    this.set(Object.fromEntries(index.map((i, axis) => [this.facts.letters[axis], i])));
  }

  step(event) {
    const last = this.facts.shape.length - 1;
    const moves = { ArrowLeft: [last, -1], ArrowRight: [last, 1], ArrowUp: [last > 2 ? last - 1 : 0, -1], ArrowDown: [last > 2 ? last - 1 : 0, 1] };
    const [axis, by] = moves[event.key] ?? [];
    if (axis === undefined) return;
    event.preventDefault();
    const next = [...this.index];
    next[axis] = (next[axis] + by + this.facts.shape[axis]) % this.facts.shape[axis];
    this.index = next;
    this.show(next);
    clearTimeout(this.later);
    this.later = setTimeout(() => this.choose(this.index), 400);
  }

  arithmetic(index) {
    const { facts } = this;
    const x = this.block.at(facts.values, index);
    const line = (...parts) => element("div", {}, ...parts);
    const name = `x[${index.join(", ")}]`;
    const field = facts.editable && index === this.index ? this.field(x) : `${written(x, 4)}`;
    if (!facts.groupOf) return [line(`${name} = `, field), line(element("span", { class: "muted" }, facts.instead ?? ""))];
    const own = this.block.at(facts.groupOf, index);
    const members = this.block.cells.filter((other) => this.block.at(facts.groupOf, other) === own).map((other) => this.block.at(facts.values, other));
    const size = members.length;
    const mean = members.reduce((sum, value) => sum + value, 0) / size;
    const variance = members.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
    const signed = (value) => (value < 0 ? `(${written(value, 3)})` : written(value, 3));
    const sum = size <= 6 ? members.map(signed).join(" + ") : `sum of its ${size} numbers`;
    const squares = size <= 6 ? members.map((value) => `${value - mean < 0 ? `(${written(value - mean)})` : written(value - mean)}²`).join(" + ") : `sum of the ${size} squared distances`;
    const y = facts.outputs ? this.block.at(facts.outputs, index) : null;
    const { gamma, beta, epsilon } = facts;
    const affine = gamma === 1 && beta === 0 ? "" : ` · ${signed(gamma)} + ${signed(beta)}`;
    const byHand = ((x - mean) / Math.sqrt(variance + epsilon)) * gamma + beta;
    return [
      line(`mean = (${sum}) / ${size} = `, element("b", {}, written(mean, 4)), ` · variance = (${squares}) / ${size} = `, element("b", {}, written(variance, 4))),
      line(`${name} = `, field, `   becomes   (${written(x, 3)} − ${signed(mean)}) / √(${written(variance, 3)} + ε)${affine} = `,
        element("b", {}, written(byHand, 4)), element("span", { class: "muted" }, `   torch: ${written(y, 4)}`)),
    ];
  }

  // The chosen number of the reader's own table, to be typed over.
  field(value) {
    const input = element("input", { type: "number", step: "any", value: String(value), "aria-label": "The chosen number", "data-key": "number" });
    input.onchange = () => {
      const typed = Number(input.value);
      if (!Number.isFinite(typed) || input.value === "") return;
      const table = this.facts.values.map((row) => [...row]);
      table[this.index[0]][this.index[1]] = Math.max(-1e6, Math.min(1e6, typed));
      this.set({ table });
    };
    return input;
  }

  // Rows and columns of the reader's own table, to be added and taken away.
  sizing() {
    const table = this.facts.values;
    const [rows, columns] = this.facts.shape;
    const sized = [
      ["+ sample", rows < 8, () => [...table, Array(columns).fill(0)]],
      ["− sample", rows > 1, () => table.slice(0, -1)],
      ["+ feature", columns < 8, () => table.map((row) => [...row, 0])],
      ["− feature", columns > 1, () => table.map((row) => row.slice(0, -1))],
    ];
    return sized.map(([label, may, made]) => {
      const button = element("button", { type: "button", "data-key": label, class: "size" }, label);
      button.disabled = !may;
      button.onclick = () => this.set({ table: made() });
      return button;
    });
  }
}

export default function cells(component) {
  return mounted(component, Cells);
}
