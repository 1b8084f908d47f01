// answer_image.js: an image to draw on, as coarse as the network gets it; a volume to look at.

import { paintImage, rowsOf } from "./answer_paint.js";
import { node } from "./panel.js";

const SIDE = 104;
const BRUSH = 0.35; // pixels of the image in full ink around the stroke
const SOFT = 0.7; // and over which it fades

export class ImageInput {
  constructor(host, inputs, change, stage) {
    Object.assign(this, { inputs, change, stage });
    [this.low, this.high] = [inputs.low_F[0], inputs.high_F[0]];
    this.root = node("div", "nnviz-ask-input", host);
    this.canvas = node("canvas", "nnviz-ask-canvas", this.root);
    this.canvas.setAttribute("aria-label", "Draw here");
    this.canvas.title = "Draw with the mouse or a finger";
    const bar = node("div", "nnviz-ask-row", this.root);
    const clear = node("button", "nnviz-button nnviz-ask-small", bar);
    Object.assign(clear, { type: "button", textContent: "Clear" });
    clear.addEventListener("click", () => this.clear());
    node("span", "nnviz-small", bar).textContent = "draw";
    for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      this.canvas.addEventListener(name, (event) => this.draw(event));
    }
    this.set(new Array(inputs.shape.reduce((all, n) => all * n, 1)).fill(this.low));
  }

  set(x) {
    this.x = Array.from(x);
    this.paint();
  }

  paint() {
    const { colors } = this.stage.board;
    const rows = rowsOf(this.x, this.inputs.shape.at(-1));
    paintImage(this.canvas, rows, this.low, this.high, colors, SIDE);
  }

  clear() {
    this.set(this.x.map(() => this.low));
    this.change(this.x);
  }

  draw(event) {
    if (event.type === "pointerdown") {
      if (event.button) return;
      this.canvas.setPointerCapture(event.pointerId);
      this.before = this.at(event);
    } else if (event.type !== "pointermove") this.before = null;
    if (!this.before) return;
    event.preventDefault();
    const to = this.at(event);
    this.stroke(this.before, to);
    this.before = to;
    this.paint();
    this.change(this.x.map((value) => Number(value.toFixed(4))));
  }

  at({ clientX, clientY }) {
    const { left, top, width } = this.canvas.getBoundingClientRect();
    const scale = this.inputs.shape.at(-1) / width;
    return [(clientX - left) * scale, (clientY - top) * scale];
  }

  // Every pixel near the line from one place to the next gets darker, never lighter.
  stroke([x0, y0], [x1, y1]) {
    const wide = this.inputs.shape.at(-1);
    const long = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    this.x = this.x.map((value, index) => {
      const [x, y] = [(index % wide) + 0.5, Math.floor(index / wide) + 0.5];
      const along = long ? ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / long : 0;
      const t = Math.max(0, Math.min(1, along));
      const far = Math.hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0));
      const ink = Math.max(0, Math.min(1, 1 - (far - BRUSH) / SOFT));
      return Math.max(value, this.low + ink * (this.high - this.low));
    });
  }
}

export class VolumeInput {
  constructor(host, inputs, _, stage) {
    Object.assign(this, { inputs, stage });
    const root = node("div", "nnviz-ask-input", host);
    this.canvas = node("canvas", "nnviz-ask-canvas nnviz-ask-still", root);
    node("span", "nnviz-small", root).textContent = "its middle slice";
  }

  set(x) {
    const [, deep, high, wide] = this.inputs.shape;
    const start = Math.floor(deep / 2) * high * wide;
    const rows = rowsOf(x.slice(start, start + high * wide), wide);
    const { low_F: low, high_F: most } = this.inputs;
    paintImage(this.canvas, rows, low[0], most[0], this.stage.board.colors, SIDE);
  }
}
