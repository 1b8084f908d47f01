// network_channels.js: the image that is fed in, and the kernel beside each drawn channel.

import { channels } from "./marks_shades.js";

const SCALE = 127;
const GAP = 4; // pixels between a kernel and its channel's tile

// How a channel's kernel is laid out: its slices, one an arriving channel, side by side.
function sheetOf([slices, high, wide]) {
  const across = high === 1 ? 1 : Math.ceil(Math.sqrt(slices));
  const gap = slices > 1 && high > 1 ? 1 : 0;
  const down = Math.ceil(slices / across);
  return { across, gap, width: across * (wide + gap) - gap, height: down * (high + gap) - gap };
}

// All kernels one beneath the other on one sheet, a pixel a weight; between slices it is clear.
export class Kernels {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  fill(columns, kernels, shades) {
    this.places = new Map();
    let [width, height] = [0, 0];
    for (const column of columns) {
      if (!column.kernel) continue;
      const sheet = sheetOf(column.kernel);
      this.places.set(column.name, { ...sheet, top: height });
      width = Math.max(width, sheet.width);
      height += sheet.height * column.n_drawn;
    }
    if (!height) return;
    if (this.image?.width !== width || this.image.height !== height) {
      [this.canvas.width, this.canvas.height] = [width, height];
      this.image = this.context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    this.pixels.fill(0);
    for (const column of columns) if (column.kernel) this.lay(column, kernels, shades);
    this.context.putImageData(this.image, 0, 0);
  }

  lay({ name, kernel: [slices, high, wide], n_drawn: many, firstWeight: first }, kernels, shades) {
    const { across, gap, height, top } = this.places.get(name);
    let weight = first;
    for (let channel = 0; channel < many; channel++) {
      for (let slice = 0; slice < slices; slice++) {
        const row = top + channel * height + Math.floor(slice / across) * (high + gap);
        const left = (slice % across) * (wide + gap);
        for (let cell = 0; cell < high * wide; cell++, weight++) {
          const y = row + Math.floor(cell / wide);
          this.pixels[y * this.image.width + left + (cell % wide)] = shades[kernels[weight] & 255];
        }
      }
    }
  }

  // The size of a kernel in weights.
  sizeOf({ name }) {
    return this.places.get(name);
  }

  draw(context, { name }, channel, x, y, scale) {
    const { width, height, top } = this.places.get(name);
    const from = [0, top + channel * height, width, height];
    context.drawImage(this.canvas, ...from, x, y, width * scale, height * scale);
  }
}

// Values from -127 to 127 in rows as a small picture, one pixel each.
function raster(values, columns, shadeOf) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, Math.max(1, values.length / columns)];
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  new Uint32Array(image.data.buffer).set(Array.from(values, shadeOf));
  context.putImageData(image, 0, 0);
  return canvas;
}

// The image that is fed in: the example, or the input that is lit.
export function fedIn({ trace, colors, answer }, { picture: [rows, columns] }) {
  const [least, most] = [channels(colors.zero), channels(colors.ink)];
  let values = trace.picture;
  if (answer) {
    const { x, range: [low, high] } = answer;
    const size = rows * columns;
    const middle = Math.floor(x.length / size / 2) * size; // of a volume
    const part = Array.from(x).slice(middle, middle + size);
    values = part.map((value) => (SCALE * (value - low)) / (high - low || 1));
  }
  return raster(values, columns, (value) => {
    const share = Math.max(0, Math.min(1, value / SCALE));
    const mixed = [0, 1, 2].map((c) => Math.round(least[c] + (most[c] - least[c]) * share));
    return ((255 << 24) | (mixed[2] << 16) | (mixed[1] << 8) | mixed[0]) >>> 0;
  });
}

export function paintPicture(context, picture) {
  const column = picture.frame.columns.find((each) => each.picture);
  if (!column) return;
  const { x, ys, half, tall } = column;
  context.imageSmoothingEnabled = false;
  context.drawImage(picture.fedIn(column), x - half, ys[0] - tall, 2 * half, 2 * tall);
}

export function paintKernels(context, { frame, colors, kernels }) {
  context.imageSmoothingEnabled = false;
  for (const column of frame.columns) {
    if (!column.kernel) continue;
    const { width, height } = kernels.sizeOf(column);
    const scale = (frame.tile * 0.62) / Math.max(width, height);
    const [wide, high] = [width * scale, height * scale];
    const left = column.x - column.half - GAP - wide;
    Object.assign(context, { fillStyle: colors.page, strokeStyle: colors.muted, lineWidth: 0.7 });
    column.ys.forEach((y, channel) => {
      context.fillRect(left - 1, y - high / 2 - 1, wide + 2, high + 2);
      kernels.draw(context, column, channel, left, y - high / 2, scale);
      context.strokeRect(left - 0.5, y - high / 2 - 0.5, wide + 1, high + 1);
    });
  }
}
