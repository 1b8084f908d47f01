// network.js: the network drawn on a canvas: tiles, weights, and what the pointer rests on.

import { channels } from "./marks_shades.js";
import { fedIn, Kernels } from "./network_channels.js";
import { arrange, hit } from "./network_layout.js";
import { lightOf } from "./network_light.js";
import { paintMoving, paintStill } from "./network_paint.js";
import { NetworkTip } from "./network_tip.js";

const SCALE = 127;

function sheet(host, label) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas.style, { position: "absolute", left: 0, top: 0 });
  if (label) canvas.role = "img";
  else canvas.setAttribute("aria-hidden", "true");
  host.append(canvas);
  return canvas;
}

function fit(canvas, width, height, ratio) {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
}

export class NetworkPicture {
  constructor(host, onPick) {
    this.host = host;
    this.onPick = onPick;
    this.still = sheet(host, false);
    this.canvas = sheet(host, true);
    this.atlas = document.createElement("canvas");
    this.atlasContext = this.atlas.getContext("2d", { willReadFrequently: true });
    this.kernels = new Kernels();
    this.tip = new NetworkTip(host);
    this.listening = new AbortController();
    const options = { signal: this.listening.signal };
    host.addEventListener("pointermove", (event) => this.point(event), options);
    host.addEventListener("pointerleave", () => this.leave(), options);
    host.addEventListener("click", (event) => this.click(event), options);
  }

  draw(trace, colors, width, height) {
    const ratio = window.devicePixelRatio || 1;
    const { columns, reading, edge_column: edges } = trace;
    const key = [columns, reading, edges, colors, width, height, ratio];
    const moved = !this.key || key.some((part, index) => part !== this.key[index]);
    if (moved || trace.picture !== this.trace.picture) this.fed = null;
    Object.assign(this, { trace, colors, key });
    if (moved) this.place(width, height, ratio);
    this.fillAtlas();
    this.kernels.fill(this.frame.columns, trace.kernels, this.shades);
    this.rank();
    if (this.pointer) this.found = this.at(this.pointer);
    this.paint();
    this.describe();
    if (this.pointer) this.tip.show(this.found, this);
  }

  // Light up for an answer: {x, blocks, range}, as the network sees them; null is as it was.
  lightUp(answer) {
    if (answer === this.answer) return;
    const turned = !answer !== !this.answer;
    this.answer = answer;
    this.fed = null;
    if (!this.frame) return;
    this.fillAtlas();
    if (turned) paintStill(this.still.getContext("2d"), this);
    this.paint();
    if (this.pointer) this.tip.show(this.found, this);
  }

  fedIn(column) {
    this.fed ??= fedIn(this, column);
    return this.fed;
  }

  remove() {
    this.listening.abort();
    this.tip.remove();
    this.still.remove();
    this.canvas.remove();
  }

  place(width, height, ratio) {
    fit(this.still, width, height, ratio);
    fit(this.canvas, width, height, ratio);
    const measuring = this.canvas.getContext("2d");
    this.font = `11px ${getComputedStyle(this.host).fontFamily}`;
    measuring.font = this.font;
    this.frame = arrange(this.trace, width, height, (text) => measuring.measureText(text).width);
    this.shades = this.palette();
    paintStill(this.still.getContext("2d"), this);
  }

  paint() {
    paintMoving(this.canvas.getContext("2d"), this);
  }

  // One 32-bit colour for each value of a tile, missing ones clear.
  palette() {
    const [low, zero, high] = ["negative", "zero", "positive"].map((name) =>
      channels(this.colors[name]),
    );
    const bytes = new Uint8ClampedArray(256 * 4);
    for (let value = -SCALE; value <= SCALE; value++) {
      const [end, share] = [value < 0 ? low : high, Math.abs(value) / SCALE];
      const at = (value & 255) * 4;
      for (let c = 0; c < 3; c++) bytes[at + c] = zero[c] + (end[c] - zero[c]) * share;
      bytes[at + 3] = 255;
    }
    return new Uint32Array(bytes.buffer);
  }

  // Tiles one beneath the other; the first row of a tile is its lowest.
  fillAtlas() {
    this.light = this.answer ? lightOf(this, this.answer) : null;
    const { side } = this.trace;
    const { tiles } = this.light ?? this.trace;
    const height = Math.max(1, tiles.length / side);
    if (this.image?.width !== side || this.image.height !== height) {
      [this.atlas.width, this.atlas.height] = [side, height];
      this.image = this.atlasContext.createImageData(side, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    const area = side * side;
    for (let start = 0; start < tiles.length; start += area) {
      for (let row = 0; row < side; row++) {
        const [from, to] = [start + row * side, start + (side - 1 - row) * side];
        for (let x = 0; x < side; x++) this.pixels[to + x] = this.shades[tiles[from + x] & 255];
      }
    }
    this.atlasContext.putImageData(this.image, 0, 0);
  }

  // The strongest finite weights, weakest first, each with its share of the largest.
  rank() {
    const { weights, max_edges: most } = this.trace;
    this.drawn = [];
    for (let index = 0; index < weights.length; index++) {
      if (Number.isFinite(weights[index])) this.drawn.push(index);
    }
    if (this.drawn.length > most) {
      this.drawn.sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a]));
      this.drawn.length = most;
    }
    this.largest = Math.max(1e-12, ...this.drawn.map((index) => Math.abs(weights[index])));
  }

  describe() {
    const parts = this.frame.columns.map(({ name, n_units }) => `${name} with ${n_units} units`);
    const dead = this.trace.dead.reduce((sum, flag) => sum + flag, 0);
    const label = `Network: ${parts.join(", ")}; ${dead} of the drawn units dead.`;
    if (label === this.label) return;
    this.label = label;
    this.canvas.setAttribute("aria-label", label);
  }

  at(event) {
    const { left, top } = this.host.getBoundingClientRect();
    return hit(this.frame, this.drawn, event.clientX - left, event.clientY - top);
  }

  point(event) {
    if (!this.frame) return;
    this.pointer = { clientX: event.clientX, clientY: event.clientY };
    const [found, before] = [this.at(event), this.found];
    this.found = found;
    const names = ["edge", "unit", "column"];
    if (names.some((name) => found?.[name] !== before?.[name])) this.paint();
    this.host.style.cursor = found && !found.column?.is_box ? "pointer" : "";
    this.tip.show(found, this);
  }

  leave() {
    this.pointer = this.found = null;
    this.tip.hide();
    if (this.frame) this.paint();
  }

  click(event) {
    const found = this.frame && this.at(event);
    if (!found || found.column?.is_box) return;
    const { right, to, from } = this.frame.edges[found.edge] ?? {};
    if (right) this.onPick?.({ layer: right.name, unit: to, from });
    else this.onPick?.({ layer: found.column.name, unit: found.unit });
  }
}
