// pipeline.js: lanes as pipelines on a canvas, with what flows on every wire; a click opens a block.

import { place, columnAt } from "./pipeline_layout.js";
import { paint } from "./pipeline_paint.js";

export class PipelinePicture {
  constructor(host, onPick) {
    this.host = host;
    this.onPick = onPick;
    this.canvas = document.createElement("canvas");
    this.canvas.role = "img";
    this.canvas.style.display = "block";
    host.append(this.canvas);
    this.listening = new AbortController();
    const options = { signal: this.listening.signal };
    this.canvas.addEventListener("pointermove", (event) => this.point(event), options);
    this.canvas.addEventListener("click", (event) => this.click(event), options);
  }

  draw(trace, colors, width, height) {
    const ratio = window.devicePixelRatio || 1;
    Object.assign(this, { trace, colors });
    const size = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== size[0] || this.canvas.height !== size[1]) {
      [this.canvas.width, this.canvas.height] = size;
      Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.frame = place(trace, width, height);
    const font = getComputedStyle(this.host).fontFamily;
    paint(context, { frame: this.frame, trace, colors, font });
    this.describe();
  }

  describe() {
    const { lanes, opened } = this.trace;
    const told = lanes.map(({ name, own, told: end, cells }) => {
      const words = cells.filter((cell) => cell?.numbers).map(({ wire, numbers }) => `${wire} ${numbers[0]}`);
      return `${name} (${own}): ${words.join(", ")}; ${end}`;
    });
    const label = `Pipelines, ${opened} opened. ${told.join(". ")}`;
    if (label !== this.label) this.canvas.setAttribute("aria-label", (this.label = label));
  }

  at(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return this.frame && columnAt(this.frame, event.clientX - left, event.clientY - top);
  }

  point(event) {
    const found = this.at(event);
    const block = found && this.trace.columns[found.column].block;
    const cell = found && this.trace.lanes[found.lane]?.cells[found.column];
    const words = cell && [
      `${this.trace.lanes[found.lane].name}: ${cell.wire}`,
      ...(cell.inside ? [cell.inside.join(" → ")] : []),
      ...cell.detail.filter(Boolean),
      ...(cell.numbers ?? ["nothing here in this pass"]).filter(Boolean),
      block === this.trace.opened || block === "input" ? "" : "Click to open this block.",
    ];
    this.canvas.title = words ? words.filter(Boolean).join("\n") : "";
    this.canvas.style.cursor = block && block !== "input" ? "pointer" : "";
  }

  click(event) {
    const found = this.at(event);
    const block = found && this.trace.columns[found.column].block;
    if (block && block !== "input") this.onPick?.({ layer: block });
  }

  remove() {
    this.listening.abort();
    this.canvas.remove();
  }
}
