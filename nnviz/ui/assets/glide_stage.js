// glide_stage.js: input, kernel and output on one drawing, and where the window stands on it.

import { bars, cells, inputPaint, outputPaint } from "./glide_maps.js";
import { Picture, drawn } from "./scene.js";

const HEAD = 26; // pixels of a line of words above a plane
const GAP = 44;
const NARROW = 560; // pixels of a picture that has room for sizes, not for words
const ROW = 86; // height of a signal's bars

// Draws `this.facts` on `this.svg`: the plane `this.output` and the kernel's `this.slice`.
export class Stage extends Picture {
  get now() {
    return this.facts.outputs[this.output];
  }

  get columns() {
    return this.isSignal ? 1 : this.now.values[0].length;
  }

  get rows() {
    return this.isSignal ? 1 : this.now.values.length;
  }

  get isSignal() {
    return this.facts.kind === "signal";
  }

  get kernel() {
    return this.facts.kernels[this.now.filter];
  }

  shapeOf() {
    const { kind, planes, outputs } = this.facts;
    return [kind, planes[0].length, planes[0][0].length, outputs[0].values.flat().length].join();
  }

  drawPlanes() {
    const { planes, padding, decimals } = this.facts;
    const plane = planes[this.now.reads[this.slice]];
    const kernel = this.kernel[this.slice];
    const high = Math.max(190, Math.min(430, window.innerHeight * 0.4));
    const part = this.kernel.length > 1 ? `, ${this.slice + 1} of ${this.kernel.length}` : "";
    const isNarrow = this.width < NARROW;
    const gap = isNarrow ? 14 : GAP;
    const side = (this.width - 2 * gap) * 0.385;
    const size = Math.min(side / plane[0].length, high / plane.length, 46);
    const own = Math.min(54, ((this.width - 2 * gap) * 0.23) / kernel[0].length, high / kernel.length);
    const [width, tall] = [plane[0].length * size, plane.length * size];
    const middle = HEAD + tall / 2;
    const left = width + gap;
    const right = left + Math.max(own * kernel[0].length, isNarrow ? 0 : 92) + gap;
    Object.assign(this, { size, inputAt: [0, HEAD] });
    const { values } = this.now;
    this.outputAt = [right, middle - (values.length * size) / 2];
    const kernelAt = [left, middle - (own * kernel.length) / 2];
    this.kernelBox = [...kernelAt, own * kernel[0].length, own * kernel.length];
    const input = cells(plane, {
      x: 0, y: HEAD, size, decimals, paint: inputPaint(this.facts, this.now.names[this.slice]),
      isOutside: (i, j) => this.isOutside(i, j, plane),
    });
    const output = cells(values, {
      x: this.outputAt[0], y: this.outputAt[1], size,
      decimals: this.outputDecimals(), paint: outputPaint(this.largest()),
    });
    this.finish(input, output);
    this.title(0, `${isNarrow ? "" : "Input "}${this.extent(plane, padding)}`);
    this.title(left, `${isNarrow ? "" : "Kernel "}${kernel.length} × ${kernel[0].length}${part}`, kernelAt[1]);
    this.title(right, `${isNarrow ? "" : "Output "}${values.length} × ${values[0].length}`, this.outputAt[1]);
    this.editor.draw(this.svg, kernel, ...kernelAt, own);
    this.svg.setAttribute("height", HEAD + Math.max(tall, own * kernel.length) + 6);
  }

  drawSignal() {
    const { planes, padding, highest, stride, dilation } = this.facts;
    const values = planes[0][0];
    const answers = this.now.values[0];
    const kernel = this.kernel[0];
    this.size = this.width / values.length;
    const at = (place) => (place + 0.5) * this.size;
    const reach = dilation * (kernel[0].length - 1) + 1;
    const centre = (place) => (place * stride + reach / 2) * this.size;
    const own = 50;
    const [top, kernelTop] = [HEAD, HEAD + ROW + 32];
    const below = kernelTop + own + 32;
    const n = values.length - 2 * padding;
    const input = bars(values, {
      y: top, high: ROW, width: this.size, at, largest: highest,
      paint: inputPaint(this.facts, ""), isOutside: (place) => place < padding || place >= n + padding,
    });
    const output = bars(answers, {
      y: below, high: ROW, width: this.size, at: centre, largest: this.largest(),
      paint: outputPaint(this.largest()),
    });
    const left = this.width / 2 - (own * kernel[0].length) / 2;
    Object.assign(this, {
      inputAt: [0, top], outputAt: [0, below], centre, kernelBox: [left, kernelTop, own * kernel[0].length, own],
    });
    input.made = [input.made];
    output.made = [output.made];
    this.finish(input, output);
    this.title(0, `Input ${n}${padding ? ` + ${padding} zeros on each side` : ""}`);
    this.title(0, `Kernel ${kernel[0].length}`, kernelTop);
    this.title(0, `Output ${answers.length}`, below);
    this.editor.draw(this.svg, kernel, left, kernelTop, own);
    this.svg.setAttribute("height", below + ROW + 4);
  }

  finish(input, output) {
    this.made = output.made.flat();
    const rays = [0, 1, 2, 3].map(() => drawn("line", { class: "glide-ray" }));
    this.rays = rays;
    this.frame = this.newFrame();
    this.mark = drawn("g", { class: "glide-window" });
    this.svg.append(input.group, output.group, ...rays, this.frame, this.mark);
    this.grab(input.group, (event) => this.placeUnder(event, this.inputAt, true));
    this.grab(output.group, (event) => this.placeUnder(event, this.outputAt, false));
  }

  // The window: its outline, and the positions that it reads.
  newFrame() {
    const { dilation } = this.facts;
    const [kernel] = this.kernel;
    const long = (n) => (dilation * (n - 1) + 1) * this.size;
    const [wide, high] = [long(kernel[0].length), this.isSignal ? ROW : long(kernel.length)];
    this.frameSize = [wide, high];
    const frame = drawn("g", { class: "glide-window" },
      drawn("rect", { width: wide, height: high, rx: 3 }));
    if (dilation > 1) {
      kernel.forEach((row, i) =>
        row.forEach((_, j) =>
          frame.append(drawn("rect", {
            class: "glide-read", x: j * dilation * this.size, y: i * dilation * this.size,
            width: this.size, height: this.isSignal ? ROW : this.size,
          }))));
    }
    return frame;
  }

  grab(group, placeOf) {
    group.classList.add("glide-grab");
    group.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.svg.focus({ preventScroll: true });
      this.svg.setPointerCapture(event.pointerId);
      this.bar.play(false);
      const move = (moved) => this.bar.to(placeOf(moved));
      move(event);
      this.svg.onpointermove = move;
      this.svg.onpointerup = this.svg.onpointercancel = () => (this.svg.onpointermove = null);
    });
  }

  placeUnder(event, [x, y], isInput) {
    const { left, top } = this.svg.getBoundingClientRect();
    const { stride } = this.facts;
    const at = (pixels, along, size) => {
      if (!isInput && !this.isSignal) return Math.floor(pixels / size);
      return Math.round((pixels - along / 2) / (stride * size));
    };
    const within = (place, count) => Math.min(count - 1, Math.max(0, place));
    const { values } = this.now;
    const column = within(at(event.clientX - left - x, this.frameSize[0], this.size), values[0].length);
    if (this.isSignal) return column;
    const row = within(at(event.clientY - top - y, this.frameSize[1], this.size), values.length);
    return row * values[0].length + column;
  }

  // Rays from the window to the kernel and from there to the number that it gives.
  point(x, y, row, column) {
    const [wide, high] = this.frameSize;
    const [kx, ky, kw, kh] = this.kernelBox;
    const [ox, oy] = this.outputAt;
    const half = this.size / 2;
    const ends = this.isSignal
      ? [[x, y + high, kx, ky], [x + wide, y + high, kx + kw, ky],
         [kx, ky + kh, this.centre(column) - half, oy], [kx + kw, ky + kh, this.centre(column) + half, oy]]
      : [[x + wide, y, kx, ky], [x + wide, y + high, kx, ky + kh],
         [kx + kw, ky, ox + column * this.size, oy + row * this.size],
         [kx + kw, ky + kh, ox + column * this.size, oy + (row + 1) * this.size]];
    ends.forEach(([x1, y1, x2, y2], place) => {
      for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) this.rays[place].setAttribute(name, value);
    });
    const at = this.isSignal
      ? { x: this.centre(column) - half, y: oy, width: this.size, height: ROW }
      : { x: ox + column * this.size, y: oy + row * this.size, width: this.size, height: this.size };
    this.mark.replaceChildren(drawn("rect", at));
  }

  largest() {
    const sizes = this.facts.outputs.flatMap(({ values }) => values.flat().map(Math.abs));
    return Math.max(1e-9, ...sizes);
  }

  outputDecimals() {
    const isWhole = this.now.values.flat().every(Number.isInteger);
    return isWhole ? 0 : this.size < 36 ? 0 : 1;
  }

  isOutside(i, j, plane) {
    const { padding } = this.facts;
    const outside = (place, n) => place < padding || place >= n - padding;
    return outside(i, plane.length) || outside(j, plane[0].length);
  }

  extent(plane, padding) {
    const words = `${plane.length - 2 * padding} × ${plane[0].length - 2 * padding}`;
    return padding ? `${words} + ${padding} around` : words;
  }

  title(x, words, y = HEAD) {
    this.svg.append(drawn("text", { x, y: Math.max(17, y - 9), class: "glide-title" }, words));
  }
}
