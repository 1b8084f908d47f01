// inside_picture.js: the network of one update on a canvas: values, gradients, what travels.

import { arranged, found } from "./inside_layout.js";
import { paint } from "./inside_paint.js";
import { short } from "./inside_numbers.js";
import { node } from "./panel.js";

export class InsidePicture {
  constructor(host, inside) {
    this.inside = inside;
    this.root = node("div", "nnviz-inside-picture", host);
    this.canvas = node("canvas", "", this.root);
    this.canvas.role = "img";
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.root);
    this.root.addEventListener("pointermove", (event) => this.point(event));
    this.root.addEventListener("pointerleave", () => this.leave());
    this.root.addEventListener("click", (event) => this.click(event));
  }

  show(answer) {
    this.answer = answer;
    const columns = answer.columns.map(({ name, n_units: n }) => `${name} with ${n} units`);
    this.canvas.setAttribute("aria-label", `The network in this update: ${columns.join(", ")}.`);
    this.fit();
  }

  fit() {
    const { clientWidth: width, clientHeight: height } = this.root;
    const ratio = window.devicePixelRatio || 1;
    if (!this.answer || !width || !height) return;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    this.context = this.canvas.getContext("2d");
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.family = getComputedStyle(this.root).fontFamily;
    this.frame = arranged(this.answer, width, height);
    this.paint(this.inside.time);
  }

  paint(time) {
    if (!this.frame || !time.moments.length) return;
    paint(this.context, {
      answer: this.answer,
      frame: this.frame,
      colors: this.inside.stage.board.colors,
      family: this.family,
      hovered: this.hovered,
      time,
    });
  }

  at(event) {
    const { left, top } = this.root.getBoundingClientRect();
    return this.frame && found(this.frame, event.clientX - left, event.clientY - top);
  }

  point(event) {
    this.hovered = this.at(event);
    const { column, place } = this.hovered ?? {};
    const learns = this.hovered?.edge || column?.learns;
    this.root.style.cursor = learns ? "pointer" : "";
    this.root.title = this.words(this.hovered, column, place);
    this.paint(this.inside.time);
  }

  words(hovered, column, place) {
    if (!hovered) return "";
    if (hovered.edge) {
      const { left, right, from, to, weight, gradient } = hovered.edge;
      const ends = `${left.name} ${left.unit_names[from]} → ${right.name} ${right.unit_names[to]}`;
      return `${ends}\nweight ${short(weight)}\n∂L/∂w ${short(gradient)}`;
    }
    const name = `${column.name} ${column.unit_names[place]}`;
    if (column.values_UP[place].length > 1) return name;
    return `${name}\ngives ${short(column.values_UP[place][0])}\n∂L/∂z ${short(column.gradients_UP[place][0])}`;
  }

  leave() {
    this.hovered = undefined;
    this.paint(this.inside.time);
  }

  click(event) {
    const hit = this.at(event);
    if (hit?.edge) {
      const { left, right, from, to } = hit.edge;
      const unit = right.units[to];
      this.inside.ask({ layer: right.name, unit, of: "weight", source: left.units[from] });
    } else if (hit?.column.learns) {
      const unit = hit.column.units[hit.place];
      this.inside.ask({ layer: hit.column.name, unit, of: undefined, source: undefined });
    }
  }

  remove() {
    this.sizes.disconnect();
  }
}
