// glide_kernel.js: a kernel's numbers as cells that are changed by a click, a drag or the arrow keys.

import { drawn, written } from "./scene.js";

const MOST = 125;
const STEP = 0.5;
const FINE = 0.25;
const PIXELS_A_STEP = 10;
const PAUSE = 180; // milliseconds after the last change before it is sent

const rounded = (value) => Math.round(Math.min(MOST, Math.max(-MOST, value)) * 100) / 100;

// A weight as short as it can be written: 1, −0.5, 0.11.
export const brief = (value) => written(value, 2).replace(/\.?0+$/, "") || "0";

export function shade(share) {
  const colour = share < 0 ? "negative" : "positive";
  const percent = Math.round(100 * Math.min(1, Math.abs(share)));
  return `color-mix(in oklab, var(--nnviz-${colour}) ${percent}%, var(--nnviz-zero))`;
}

export const onShade = (share) =>
  `var(--nnviz-${Math.abs(share) > 0.6 ? "page" : "ink"})`;

export class KernelEditor {
  // `changed(place, value)` at once, `settled()` when the reader pauses.
  constructor(changed, settled) {
    Object.assign(this, { changed, settled, held: null, cells: [] });
  }

  get busy() {
    return this.held !== null || this.timer !== undefined;
  }

  // Rows of numbers at (x, y); cells of `size` pixels. The one that has the focus keeps it.
  draw(group, rows, x, y, size) {
    const held = this.cells.find(({ cell }) => cell === document.activeElement);
    if (held) requestAnimationFrame(() => this.focus(held));
    this.cells = [];
    this.values = rows.map((row) => [...row]);
    rows.forEach((row, i) =>
      row.forEach((_, j) => group.append(this.cell(i, j, x + j * size, y + i * size, size))),
    );
    this.paint();
  }

  focus(held) {
    const found = this.cells.find(({ i, j }) => i === held.i && j === held.j);
    found?.cell.focus({ preventScroll: true });
  }

  cell(i, j, x, y, size) {
    const box = drawn("rect", { x: 1, y: 1, width: size - 2, height: size - 2, rx: 5 });
    const font = Math.max(11, Math.min(20, size * 0.36));
    const text = drawn("text", {
      x: size / 2, y: size / 2 + font * 0.36, "text-anchor": "middle", "font-size": font,
      "pointer-events": "none",
    });
    const cell = drawn(
      "g",
      {
        transform: `translate(${x} ${y})`, tabindex: 0, role: "spinbutton", class: "glide-cell",
        "aria-label": `weight in row ${i + 1}, column ${j + 1}`,
        "aria-valuemin": -MOST, "aria-valuemax": MOST,
      },
      box, text,
      drawn("title", {}, "Click above for more, below for less; drag up or down; or ↑ and ↓."),
    );
    this.cells.push({ cell, box, text, i, j });
    this.listen(cell, i, j, size);
    return cell;
  }

  listen(cell, i, j, size) {
    cell.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      cell.focus({ preventScroll: true });
      cell.setPointerCapture(event.pointerId);
      this.held = { y: event.clientY, from: this.values[i][j], moved: false };
    });
    cell.addEventListener("pointermove", (event) => {
      if (!this.held) return;
      const steps = Math.round((this.held.y - event.clientY) / PIXELS_A_STEP);
      if (steps) this.held.moved = true;
      if (this.held.moved) this.change(i, j, this.held.from + steps * FINE);
    });
    const release = (event) => {
      if (!this.held) return;
      const { moved, from } = this.held;
      this.held = null;
      const { top } = cell.getBoundingClientRect();
      const up = event.clientY - top < size / 2;
      if (!moved && event.type === "pointerup") this.change(i, j, from + (up ? STEP : -STEP));
      this.wait();
    };
    cell.addEventListener("pointerup", release);
    cell.addEventListener("pointercancel", release);
    cell.addEventListener("keydown", (event) => {
      const by = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      this.change(i, j, this.values[i][j] + by);
      this.wait();
    });
  }

  change(i, j, value) {
    this.values[i][j] = rounded(value);
    this.changed(i, j, this.values[i][j]);
    this.paint();
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.settled();
    }, PAUSE);
  }

  paint() {
    const largest = Math.max(1e-9, ...this.values.flat().map(Math.abs));
    for (const { cell, box, text, i, j } of this.cells) {
      const value = this.values[i][j];
      box.style.fill = shade(value / largest);
      text.style.fill = onShade(value / largest);
      text.textContent = brief(value);
      cell.setAttribute("aria-valuenow", value);
    }
  }
}
