// by_hand_images.js: the images that excite a unit most, its map of each, and its kernel.

import { fit, paintImage } from "./answer_paint.js";
import { channels } from "./marks_shades.js";
import { node } from "./panel.js";

const SIDE = 52;
const KERNEL = 40;
const short = (value) => Number(value.toPrecision(2)).toString().replace("-", "−");
const flat = (rows) => rows.flatMap((row) => Array.from(row));

// Rows of signed values: orange, the page, blue.
function paintSigned(canvas, rows, largest, colors, side) {
  const scale = side / Math.max(rows.length, rows[0].length);
  const context = fit(canvas, rows[0].length * scale, rows.length * scale);
  const [low, zero, high] = ["negative", "zero", "positive"].map((name) => channels(colors[name]));
  rows.forEach((row, y) => {
    row.forEach((value, x) => {
      const [end, share] = [value < 0 ? low : high, Math.min(1, Math.abs(value) / largest)];
      const mixed = zero.map((part, c) => Math.round(part + (end[c] - part) * share));
      context.fillStyle = `rgb(${mixed.slice(0, 3).join()})`;
      context.fillRect(x * scale, y * scale, scale + 0.4, scale + 0.4);
    });
  });
}

const largestOf = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);

export class ExcitingImages {
  constructor(host, stage) {
    this.stage = stage;
    this.kernels = node("div", "nnviz-hand-kernels", host);
    this.words = node("p", "nnviz-small", host);
    this.list = node("div", "nnviz-hand-list", host);
  }

  show({ images, kernel_IHW: kernel, is_off: isOff }) {
    const { image_KHW: pixels, value_K: values, class_K: classes, map_KHW: maps } = images;
    const isSilent = isOff || values.every((value) => value === 0);
    this.words.textContent = isSilent
      ? `${isOff ? "Off" : "Silent"}: no test image gets it above 0.`
      : `Test images that excite it most${maps ? ", each with its map" : ""} (class: value)`;
    this.list.hidden = isSilent;
    this.drawKernel(kernel);
    const all = pixels.flatMap(flat);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const most = maps ? largestOf(maps.flatMap(flat)) : 1;
    this.list.replaceChildren(...pixels.map((rows, place) => {
      const box = node("figure", "nnviz-hand-image");
      const both = node("div", "", box);
      const { colors } = this.stage.board;
      paintImage(node("canvas", "", both), rows.map((row) => [...row]), low, high, colors, SIDE);
      if (maps) paintSigned(node("canvas", "", both), maps[place].map((row) => [...row]), most, colors, SIDE);
      const label = classes[place] < 0 ? "" : `${classes[place]}: `;
      node("figcaption", "", box).textContent = `${label}${short(values[place])}`;
      return box;
    }));
  }

  drawKernel(kernel) {
    this.kernels.replaceChildren();
    if (!kernel) return;
    node("span", "nnviz-small", this.kernels).textContent = kernel[0].length > 7 ? "its weights" : "its kernel";
    const most = largestOf(kernel.flatMap(flat));
    for (const slice of kernel) {
      const rows = slice.map((row) => [...row]);
      paintSigned(node("canvas", "", this.kernels), rows, most, this.stage.board.colors, KERNEL);
    }
  }
}
