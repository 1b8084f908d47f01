// answer_signal.js: a signal whose places are drawn up and down.

import { paintSignal, rowsOf } from "./answer_paint.js";
import { node } from "./panel.js";

const [WIDTH, HEIGHT] = [250, 104];

export class SignalInput {
  constructor(host, inputs, change, stage) {
    Object.assign(this, { inputs, change, stage });
    [this.low, this.high] = [inputs.low_F[0], inputs.high_F[0]];
    const root = node("div", "nnviz-ask-input", host);
    this.canvas = node("canvas", "nnviz-ask-canvas", root);
    const [channels, places] = inputs.shape;
    const many = channels > 1 ? `${channels} channels × ${places} places` : `${places} places`;
    node("span", "nnviz-small", root).textContent = `${many}: drag to change them`;
    for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      this.canvas.addEventListener(name, (event) => this.drag(event));
    }
  }

  set(x) {
    this.x = Array.from(x);
    const rows = rowsOf(this.x, this.inputs.shape[1]);
    const { colors } = this.stage.board;
    paintSignal(this.canvas, rows, this.low, this.high, colors, WIDTH, HEIGHT);
  }

  drag(event) {
    if (event.type === "pointerdown") {
      if (event.button) return;
      this.canvas.setPointerCapture(event.pointerId);
      this.held = true;
    } else if (event.type !== "pointermove") this.held = false;
    if (!this.held || !this.x) return;
    event.preventDefault();
    const { left, top } = this.canvas.getBoundingClientRect();
    const [channels, places] = this.inputs.shape;
    const within = (value, most) => Math.max(0, Math.min(most, value));
    const along = ((event.clientX - left - 2) / (WIDTH - 4)) * (places - 1);
    const place = within(Math.round(along), places - 1);
    const each = HEIGHT / channels;
    const channel = within(Math.floor((event.clientY - top) / each), channels - 1);
    const share = within(((channel + 1) * each - 2 - (event.clientY - top)) / (each - 4), 1);
    const values = this.x.slice();
    const value = this.low + share * (this.high - this.low);
    values[channel * places + place] = Number(value.toFixed(4));
    this.set(values);
    this.change(values);
  }
}
