// glide_field.js: the pixels that a unit reads, and the fan of weights that leads to it.

import { Bar } from "./glide_bar.js";
import { Picture, drawn, element, mounted } from "./scene.js";

const HEAD = 28;
const GAP = 36;
const LABELS = 116; // pixels for the names of the fan's rows

const unpacked = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

class FieldOfView extends Picture {
  constructor(host) {
    super(host);
    this.root.classList.add("glide");
    this.bar = new Bar((place) => this.show(place), "Layer");
    this.stage = element("div", { class: "glide-planes glide-beside", tabindex: 0,
      "aria-label": "Receptive field. Arrow keys change the layer, space plays." });
    this.words = element("div", { class: "glide-words" });
    this.root.append(this.bar.root, this.stage, this.words);
    this.stage.addEventListener("keydown", (event) => this.bar.key(event));
  }

  draw() {
    const { layers, size, image } = this.facts;
    this.stack = layers.map(({ stack }) => stack).join("|");
    const isOther = this.stack !== this.drawnStack;
    this.drawnStack = this.stack;
    this.side = Math.min((this.width - GAP) * 0.44, Math.max(220, window.innerHeight * 0.44));
    this.pixels = unpacked(image);
    this.fields = layers.map(({ field }) => unpacked(field));
    this.canvas = element("canvas", { width: size, height: size });
    this.canvas.style.cssText = `width:${this.side}px;height:${this.side}px`;
    this.over = drawn("svg", { width: this.side, height: this.side, class: "glide-over" });
    this.fan = drawn("svg", { width: this.width - this.side - GAP, height: this.side + HEAD });
    const frame = element("div", { class: "glide-frame" }, this.canvas, this.over);
    this.caption = element("figcaption");
    this.stage.replaceChildren(element("figure", {}, this.caption, frame), this.fan);
    this.bar.resize(Math.max(1, layers.length));
    if (isOther) this.bar.place = layers.length - 1;
    this.bar.paint();
    this.show(this.bar.place);
  }

  show(place) {
    const layer = this.facts?.layers[place];
    if (!layer) return;
    this.caption.textContent = `It reads ${layer.side} × ${layer.side} pixels`;
    this.paint(layer, this.fields[place]);
    this.outline(place);
    this.spread(place, layer);
    this.words.replaceChildren(...layer.words.map((words) => element("div", {}, words)));
  }

  // The photograph, faint where nothing is read; what counts much is coloured strongly.
  paint({ start, side }, field) {
    const { size } = this.facts;
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(size, size);
    const [r, g, b] = this.rgb("lane_2");
    const page = this.rgb("page");
    for (let row = 0; row < size; row += 1) {
      for (let column = 0; column < size; column += 1) {
        const at = row * size + column;
        const grey = this.pixels[at];
        const [i, j] = [row - start, column - start];
        const within = i >= 0 && j >= 0 && i < side && j < side;
        const read = within ? field[i * side + j] : 0;
        const share = (0.8 * read) / 255;
        const shown = read
          ? [r, g, b].map((part) => grey + share * (part - grey))
          : page.map((part) => part + 0.22 * (grey - part));
        image.data.set([...shown, 255], 4 * at);
      }
    }
    context.putImageData(image, 0, 0);
  }

  rgb(name) {
    const context = document.createElement("canvas").getContext("2d");
    context.fillStyle = this.root.style.getPropertyValue(`--nnviz-${name}`).trim();
    return context.fillStyle.match(/^#(..)(..)(..)/).slice(1).map((pair) => parseInt(pair, 16));
  }

  outline(place) {
    const pixel = this.side / this.facts.size;
    const boxes = this.facts.layers.slice(0, place + 1).map(({ start, side, colour, name }, depth) => {
      const wide = Math.max(2, side * pixel - 2);
      const box = drawn("rect", {
        x: start * pixel + 1, y: start * pixel + 1, width: wide, height: wide, fill: "none",
        "stroke-width": depth === place ? 3 : 1.5,
      }, drawn("title", {}, `${name}: ${side} × ${side}`));
      box.style.stroke = colour;
      return box;
    });
    this.over.replaceChildren(...boxes);
  }

  // A row for each layer, the input below; lines between the positions that are read.
  spread(place, { read, centres, stack }) {
    const wide = this.width - this.side - GAP - LABELS;
    const { size, layers } = this.facts;
    const rows = read.length;
    const step = (this.side - 24) / Math.max(1, layers.length);
    const y = (row) => HEAD + this.side - 12 - row * step;
    const x = (row, at) => LABELS + ((centres[row][at] + 0.5) / size) * wide;
    const parts = [drawn("text", { x: LABELS, y: 17, class: "glide-title" }, "Along one axis")];
    for (let row = 1; row < rows; row += 1) {
      const [kernel, stride, dilation] = stack[row - 1];
      let path = "";
      read[row].forEach((is, at) => {
        if (!is) return;
        for (let k = 0; k < kernel; k += 1) {
          path += `M${x(row, at)} ${y(row)}L${x(row - 1, at * stride + k * dilation)} ${y(row - 1)}`;
        }
      });
      const line = drawn("path", { d: path, class: "glide-fan" });
      line.style.stroke = layers[row - 1].colour;
      parts.push(line);
    }
    for (let row = 0; row < rows; row += 1) parts.push(...this.row(row, read[row], x, y, wide));
    this.fan.replaceChildren(...parts);
  }

  row(row, read, x, y, wide) {
    const { layers, size } = this.facts;
    const radius = Math.max(1.4, Math.min(6, (wide / size) * 0.42));
    const n = read.reduce((sum, is) => sum + is, 0);
    const name = row ? layers[row - 1].name : "input";
    const dots = read.map((is, at) => {
      const dot = drawn("circle", { cx: x(row, at), cy: y(row), r: is ? radius : Math.min(2, radius * 0.6) });
      dot.style.fill = is ? (row ? layers[row - 1].colour : "var(--nnviz-lane_2)") : "var(--nnviz-muted)";
      if (!is) dot.style.opacity = 0.4;
      return dot;
    });
    const label = drawn("text", { x: 0, y: y(row) + 5, class: "glide-label" }, name);
    label.append(drawn("title", {}, `${n} positions are read`));
    return [...dots, label];
  }

  remove() {
    this.bar.remove();
    super.remove();
  }
}

export default (component) => mounted(component, FieldOfView);
