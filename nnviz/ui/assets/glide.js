// glide.js: a window glides over an input, and the map of its answers fills up.

import { Bar, choices } from "./glide_bar.js";
import { KernelEditor } from "./glide_kernel.js";
import { Stage } from "./glide_stage.js";
import { sum } from "./glide_sum.js";
import { drawn, element, mounted } from "./scene.js";

class Glide extends Stage {
  constructor(host) {
    super(host);
    this.root.classList.add("glide");
    this.output = 0;
    this.slice = 0;
    this.bar = new Bar((place) => this.show(place), "Place of the window");
    this.editor = new KernelEditor(() => this.unsettle(), () => this.send());
    this.stage = element("div");
    this.words = element("div");
    this.root.append(this.bar.root, this.stage, this.words);
    this.root.addEventListener("keydown", (event) => {
      if (event.target.closest("button, input, select")) return;
      this.bar.key(event, this.columns);
    });
  }

  draw() {
    if (this.editor.busy) return; // drawn when it is settled
    const { outputs } = this.facts;
    this.output = Math.min(this.output, outputs.length - 1);
    this.slice = Math.min(this.slice, this.kernel.length - 1);
    const isOther = this.shape !== this.shapeOf();
    this.shape = this.shapeOf();
    if (isOther) this.output = this.facts.kind === "volume" ? outputs.length >> 1 : 0;
    if (isOther) this.slice = this.facts.kind === "volume" ? this.kernel.length >> 1 : 0;
    const count = this.now.values.flat().length;
    this.bar.resize(count);
    if (isOther) this.bar.place = this.passed = Math.floor(count * 0.6);
    this.buttons();
    const isHeld = this.svg && this.svg === document.activeElement;
    this.svg = drawn("svg", { width: this.width, tabindex: 0, role: "application",
      "aria-label": "Window, kernel and output. Arrow keys move the window, space plays." });
    if (this.isSignal) this.drawSignal();
    else this.drawPlanes();
    this.stage.replaceChildren(this.svg);
    if (isHeld) this.svg.focus({ preventScroll: true });
    this.bar.paint();
    this.show(this.bar.place);
  }

  buttons() {
    const { outputs, kind } = this.facts;
    const made = [];
    const again = element("button", { type: "button", title: "Empty the map and start again" }, "Again");
    again.onclick = () => {
      this.passed = 0;
      this.bar.play(false);
      this.bar.to(0);
    };
    made.push(again);
    if (outputs.length > 1) {
      const names = outputs.map((_, place) => `${place + 1}`);
      const label = kind === "volume" ? "Output slice" : "Filter";
      made.push(choices(label, names, this.output, (place) => this.turn(place, this.slice)));
    }
    if (this.kernel.length > 1) {
      made.push(choices("It reads", this.now.names, this.slice, (place) => this.turn(this.output, place)));
    }
    this.bar.own.replaceChildren(...made);
  }

  turn(output, slice) {
    Object.assign(this, { output, slice });
    this.draw();
  }

  show(place) {
    if (!this.facts || !this.made) return;
    this.passed = Math.max(this.passed ?? 0, place);
    this.made.forEach((cell, index) => (cell.style.visibility = index <= this.passed ? "" : "hidden"));
    const { stride } = this.facts;
    const wide = this.now.values[0].length;
    const [row, column] = [Math.floor(place / wide), place % wide];
    const x = this.inputAt[0] + column * stride * this.size;
    const y = this.inputAt[1] + (this.isSignal ? 0 : row * stride * this.size);
    this.frame.style.transform = `translate(${x}px, ${y}px)`;
    this.point(x, y, row, column);
    this.tell(row, column);
  }

  tell(row, column) {
    const { planes, stride, dilation, bias, decimals, formula } = this.facts;
    const parts = this.kernel.map((kernel, slice) => ({
      name: this.now.names[slice], kernel,
      window: kernel.map((weights, i) => weights.map((_, j) =>
        planes[this.now.reads[slice]][row * stride + i * dilation][column * stride + j * dilation])),
    }));
    const [own] = parts.splice(this.slice, 1);
    const line = sum([own, ...parts], bias, this.now.values[row][column], decimals);
    const size = element("span", { class: "glide-fact", title: "⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1" },
      `Output along an axis: ${formula}`);
    this.words.replaceChildren(line, element("div", { class: "glide-bar" }, size));
  }

  // The kernel is another one and torch has not answered yet.
  unsettle() {
    this.bar.play(false);
    const line = element("p", { class: "glide-sum" }, "torch computes the new map when you let go …");
    this.words.firstChild?.replaceWith(line);
  }

  send() {
    if (String(this.kernel[this.slice]) === String(this.editor.values)) return this.draw();
    const kernels = structuredClone(this.facts.kernels);
    kernels[this.now.filter][this.slice] = this.editor.values;
    return this.set({ kernel: "own", own: kernels.flat(3) });
  }

  remove() {
    this.bar.remove();
    super.remove();
  }
}

export default (component) => mounted(component, Glide);
