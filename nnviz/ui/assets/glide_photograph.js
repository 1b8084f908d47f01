// glide_photograph.js: a photograph before and after a filter, with the square under the pointer.

import { KernelEditor } from "./glide_kernel.js";
import { sum } from "./glide_sum.js";
import "./glide_bar.js";
import { Picture, drawn, element, mounted } from "./scene.js";

const HEAD = 26;

function plane({ high, wide, tenths }) {
  const bytes = Uint8Array.from(atob(tenths), (letter) => letter.charCodeAt(0));
  return { high, wide, values: Float32Array.from(new Int16Array(bytes.buffer), (value) => value / 10) };
}

function rgb(root, name) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = root.style.getPropertyValue(`--nnviz-${name}`).trim();
  return context.fillStyle.match(/^#(..)(..)(..)/).slice(1).map((pair) => parseInt(pair, 16));
}

class Filtered extends Picture {
  constructor(host) {
    super(host);
    this.root.classList.add("glide");
    this.at = null;
    this.editor = new KernelEditor(() => {}, () =>
      this.set({ filter: "own", own: this.editor.values.flat() }));
    this.stage = element("div", { class: "glide-planes", tabindex: 0,
      "aria-label": "Photograph, kernel and answer. Arrow keys move the square." });
    this.words = element("div");
    this.root.append(this.stage, this.words);
    this.stage.addEventListener("keydown", (event) => this.key(event));
  }

  draw() {
    if (this.editor.busy) return;
    const { facts } = this;
    this.before = plane(facts.before);
    this.after = plane(facts.after);
    this.pooled = facts.pooled ? plane(facts.pooled) : null;
    this.at ??= [Math.round(this.before.high * 0.53), Math.round(this.before.wide * 0.5)];
    const n = this.pooled && this.width > 760 ? 3 : 2;
    const kernelWide = Math.min(150, this.width * 0.17);
    const high = Math.min(340, window.innerHeight * 0.4);
    const wide = Math.min((this.width - kernelWide - 18 * (n + 1)) / n, (high * this.before.wide) / this.before.high);
    this.scale = wide / this.before.wide;
    const answer = facts.rectified ? "After the filter and ReLU" : "After";
    const shown = [
      this.box("Before", this.before, wide, (value) => [value, value, value]),
      this.kernelBox(kernelWide),
      this.box(answer, this.after, wide, this.paint()),
    ];
    if (this.pooled) {
      const title = `${facts.pooling} of ${facts.window} × ${facts.window}: ${this.pooled.high} × ${this.pooled.wide}`;
      shown.push(this.box(title, this.pooled, wide, this.paint(), facts.window * this.scale));
    }
    this.stage.replaceChildren(...shown);
    const row = facts.flatten ? [this.row(this.pooled ?? this.after)] : [];
    this.sum = element("div");
    this.words.replaceChildren(...row, this.sum);
    this.show(...this.at);
  }

  // Light where the answer is a brightness; orange and blue where it has a sign.
  paint() {
    if (this.facts.is_light) return (value) => Array(3).fill(Math.min(255, Math.max(0, value)));
    const zero = rgb(this.root, "zero");
    const sides = [rgb(this.root, "negative"), rgb(this.root, "positive")];
    const sizes = Float32Array.from(this.after.values, Math.abs).sort();
    const largest = sizes[Math.floor(sizes.length * 0.99)] || 1;
    return (value) => {
      const share = Math.min(1, Math.abs(value) / largest);
      const side = sides[value > 0 ? 1 : 0];
      return zero.map((part, place) => part + share * (side[place] - part));
    };
  }

  canvas({ high, wide, values }, paint) {
    const canvas = element("canvas", { width: wide, height: high });
    const context = canvas.getContext("2d");
    const image = context.createImageData(wide, high);
    values.forEach((value, place) => image.data.set([...paint(value), 255], 4 * place));
    context.putImageData(image, 0, 0);
    return canvas;
  }

  box(title, found, wide, paint, pixel = this.scale) {
    const canvas = this.canvas(found, paint);
    canvas.style.cssText = `width:${found.wide * pixel}px;height:${found.high * pixel}px`;
    const square = element("i");
    const frame = element("div", { class: "glide-frame" }, canvas, square);
    frame.onpointermove = frame.onpointerdown = (event) => {
      const { left, top } = canvas.getBoundingClientRect();
      const ratio = pixel / this.scale;
      const place = (pixels) => Math.floor((Math.floor(pixels / pixel) + 0.5) * ratio);
      this.show(place(event.clientY - top), place(event.clientX - left));
    };
    const span = found === this.before ? 3 : 1;
    (this.squares ??= new Map()).set(title, { square, pixel, span });
    return element("figure", {}, element("figcaption", {}, title), frame);
  }

  kernelBox(wide) {
    this.squares = new Map([...(this.squares ?? [])].filter(([title]) => title === "Before"));
    const size = Math.min(48, wide / 3);
    const svg = drawn("svg", { width: wide, height: size * 3 + 4 });
    this.editor.draw(svg, this.facts.kernel, (wide - 3 * size) / 2, 2, size);
    return element("figure", { class: "glide-middle" }, element("figcaption", {}, "Kernel"), svg);
  }

  // The first numbers of the flattened plane, each a stroke, as many as there are pixels.
  row(found) {
    const n = found.values.length;
    const shown = Math.min(n, Math.floor(this.width / 3));
    const strip = this.canvas({ high: 1, wide: shown, values: found.values.slice(0, shown) }, this.paint());
    strip.style.cssText = `width:${this.width}px;height:26px`;
    const words = `Flattened: ${n.toLocaleString("en")} numbers in a row, of which these are the first ${shown}.`;
    return element("div", {}, element("span", { class: "glide-words" }, words), strip);
  }

  key(event) {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!by) return;
    event.preventDefault();
    this.show(this.at[0] + by[0], this.at[1] + by[1]);
  }

  show(row, column) {
    const { high, wide, values } = this.before;
    row = Math.min(high - 2, Math.max(1, row));
    column = Math.min(wide - 2, Math.max(1, column));
    this.at = [row, column];
    for (const { square, pixel, span } of this.squares.values()) {
      const ratio = pixel / this.scale;
      const from = (place) => (Math.floor(place / ratio) - (span >> 1)) * pixel;
      const side = Math.max(6, span * pixel);
      square.style.cssText = `left:${from(column) - 1}px;top:${from(row) - 1}px;width:${side}px;height:${side}px`;
    }
    const near = [-1, 0, 1].map((i) => [-1, 0, 1].map((j) => values[(row + i) * wide + column + j]));
    const answer = this.after.values[row * wide + column];
    const line = sum([{ name: "", window: near, kernel: this.facts.kernel }], 0, answer, 0);
    if (this.facts.rectified) line.append(" after ReLU");
    this.sum.replaceChildren(line);
  }
}

export default (component) => mounted(component, Filtered);
