// answer_plane.js: a point of the plane or of a line, taken in the large chart of the answer.

import { short } from "./answer_bars.js";
import { node } from "./panel.js";

const LARGEST = 1e6; // that may be asked about

const NEAR = 7; // pixels within which a test point is meant

const places = (ax) => {
  const [start, end] = ax.range.map(Number);
  return { start, end, offset: ax._offset, length: ax._length, up: ax._id[0] === "y" };
};
function pixelOf(ax, value) {
  const { start, end, offset, length, up } = places(ax);
  const share = (value - start) / (end - start);
  return offset + (up ? 1 - share : share) * length;
}
function valueOf(ax, pixel) {
  const { start, end, offset, length, up } = places(ax);
  const share = (pixel - offset) / length;
  return start + (up ? 1 - share : share) * (end - start);
}

export class PlaneInput {
  constructor(host, inputs, change, stage, pickPoint) {
    Object.assign(this, { inputs, change, stage, pickPoint, x: null });
    this.root = node("div", "nnviz-ask-input", host);
    const hint = node("p", "nnviz-small nnviz-ask-hint", this.root);
    hint.textContent = "Click or drag in “The network's answer”.";
    const row = node("div", "nnviz-ask-row", this.root);
    this.fields = inputs.feature_names.map((name, place) => this.field(row, name, place));
    this.glass = node("div", "nnviz-ask-glass");
    this.cross = node("div", "nnviz-ask-cross", this.glass);
    this.said = node("span", "nnviz-ask-said", this.cross);
    for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      this.glass.addEventListener(name, (event) => this.drag(event));
    }
    this.follow();
  }

  field(row, name, place) {
    const label = node("label", "nnviz-ask-field", row);
    node("span", "", label).textContent = name;
    const input = node("input", "", label);
    Object.assign(input, { type: "number", step: 0.1 });
    input.addEventListener("input", () => {
      if (!Number.isFinite(input.valueAsNumber)) return;
      const values = Array.from(this.x ?? this.inputs.feature_names, (value) => +value || 0);
      values[place] = Math.max(-LARGEST, Math.min(LARGEST, input.valueAsNumber));
      this.x = values;
      this.change(values);
    });
    return input;
  }

  set(x) {
    this.x = Array.from(x);
    this.fields.forEach((field, place) => {
      if (document.activeElement !== field) field.value = Number(x[place].toFixed(3));
    });
  }

  // Along one input the cross stands on the network's curve; beside it stands what is answered.
  answer({ output, probability }) {
    this.value = output?.[0];
    const most = Math.max(...(probability ?? []));
    const name = this.inputs.class_names[probability?.indexOf(most)] ?? "";
    if (!output) this.said.textContent = "no answer";
    else this.said.textContent = probability ? `${name} ${most.toFixed(2)}` : short(this.value);
  }

  // The axes may be zoomed, resized or drawn anew at any time: glass and cross stay on them.
  follow() {
    this.following = requestAnimationFrame(() => this.follow());
    const axes = this.axes();
    if (!axes) return;
    const [ax, ay] = axes;
    const at = [ax._offset, ay._offset, ax._length, ay._length].map(Math.round);
    if (this.glass.parentNode !== this.view.frame) this.view.frame.append(this.glass);
    if (at.join() !== this.at) {
      this.at = at.join();
      const [left, top, width, height] = at.map((n) => `${n}px`);
      Object.assign(this.glass.style, { left, top, width, height });
    }
    const second = this.x?.length === 1 ? this.value : this.x?.[1];
    this.cross.hidden = !this.x || !Number.isFinite(second);
    if (this.cross.hidden) return;
    const [x, y] = [pixelOf(ax, this.x[0]) - ax._offset, pixelOf(ay, second) - ay._offset];
    const place = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    this.said.classList.toggle("nnviz-ask-left", x > ax._length / 2);
    if (this.cross.style.transform !== place) this.cross.style.transform = place;
  }

  axes() {
    this.view = this.stage.board.views.get("answer");
    const full = this.view?.plot._fullLayout;
    return full?.xaxis?.range && full.yaxis?._length ? [full.xaxis, full.yaxis] : null;
  }

  drag(event) {
    const axes = this.axes();
    if (event.type === "pointerdown") {
      if (event.button) return;
      this.glass.setPointerCapture(event.pointerId);
      this.held = true;
    } else if (event.type !== "pointermove") this.held = false;
    if (!this.held || !axes) return;
    event.preventDefault();
    const { left, top } = this.view.plot.getBoundingClientRect();
    const at = [event.clientX - left, event.clientY - top];
    const near = event.type === "pointerdown" ? this.near(axes, at) : undefined;
    if (near !== undefined) return this.pickPoint(near);
    const values = axes.slice(0, this.inputs.shape[0]).map((ax, place) => valueOf(ax, at[place]));
    this.set(values);
    this.change(values.map((value) => Number(value.toPrecision(6))));
  }

  // The test point that was clicked.
  near([ax, ay], [x, y]) {
    const { traces = [] } = this.view.panel ?? {};
    const points = traces.find(({ name, x: known }) => name === "test" && known?.length > 1);
    let [best, least] = [undefined, NEAR];
    for (let index = 0; index < (points?.x.length ?? 0); index++) {
      const far = Math.hypot(pixelOf(ax, points.x[index]) - x, pixelOf(ay, points.y[index]) - y);
      if (far < least) [best, least] = [index, far];
    }
    return best;
  }

  remove() {
    cancelAnimationFrame(this.following);
    this.glass.remove();
  }
}
