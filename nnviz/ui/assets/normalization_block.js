// normalization_block.js: a block of numbers drawn flat: samples are rows of tiles, channels columns.

import { written } from "./scene.js";

const GAP = 7; // between tiles, in pixels

// Indices are (n, c), (n, c, l), (n, c, h, w) or (n, c, d, h, w); D slices lie side by side.
export class Block {
  constructor(facts) {
    Object.assign(this, facts);
    this.sizes = [facts.shape[0], facts.shape[1], ...Array(5 - facts.shape.length).fill(1), ...facts.shape.slice(2)];
    this.cells = this.every();
  }

  at(values, index) {
    return index.reduce((found, i) => found[i], values);
  }

  every() {
    const found = [];
    const walk = (index) => {
      if (index.length === this.shape.length) return found.push(index);
      for (let i = 0; i < this.shape[index.length]; i += 1) walk([...index, i]);
      return 0;
    };
    walk([]);
    return found;
  }

  full(index) {
    const [n, c, ...space] = index;
    return [n, c, ...Array(3 - space.length).fill(0), ...space];
  }

  // Where the tile of a sample and channel begins, and how large a cell is.
  fit(width, windowHeight) {
    const [N, C, D, H, W] = this.sizes;
    const isStacked = width < 520;
    const wide = (isStacked ? width : (width - 24) / 2) - 70;
    const high = Math.max(150, Math.min(300, windowHeight * 0.29));
    const columns = C * (D * W + (D - 1) * 0.4);
    const rows = N * H;
    const height = Math.min(58, (high - (N - 1) * GAP) / rows);
    const most = (wide - (C - 1) * GAP) / columns;
    const side = Math.min(most, height);
    this.cell = H > 1 ? { width: side, height: side } : { width: Math.min(1.9 * height, most), height };
    this.left = 56;
    this.top = 4;
  }

  place([n, c, d, h, w]) {
    const [, , D, H, W] = this.sizes;
    const tile = this.cell.width * (D * W + (D - 1) * 0.4) + GAP;
    return {
      x: this.left + c * tile + (d * (W + 0.4) + w) * this.cell.width,
      y: this.top + n * (H * this.cell.height + GAP) + h * this.cell.height,
    };
  }

  paint(canvas, values, chosen, look) {
    Object.assign(this, look);
    const end = this.place(this.sizes.map((size) => size - 1));
    const [width, height] = [Math.ceil(end.x + this.cell.width + 4), Math.ceil(end.y + this.cell.height + 30)];
    const scale = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: width * scale, height: height * scale });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.font = "16px " + this.font;
    this.names(pen, height);
    if (!values) {
      pen.fillStyle = this.colour("danger");
      pen.fillText("refused", this.left, this.top + 24);
      return;
    }
    const limit = Math.max(...this.cells.map((index) => Math.abs(this.at(values, index)))) || 1;
    const own = this.groupOf && this.at(this.groupOf, chosen);
    for (const index of this.cells) {
      const isOwn = !this.groupOf || this.at(this.groupOf, index) === own;
      this.paintCell(pen, index, this.at(values, index), limit, isOwn);
    }
    if (this.groupOf) this.frame(pen, own);
    const { x, y } = this.place(this.full(chosen));
    pen.strokeStyle = this.colour("danger");
    pen.lineWidth = 3.5;
    pen.strokeRect(x + 2, y + 2, this.cell.width - 4, this.cell.height - 4);
  }

  names(pen, height) {
    const [N, C, D, H, W] = this.sizes;
    pen.fillStyle = this.colour("ink");
    pen.textBaseline = "middle";
    for (let n = 0; n < N; n += 1) {
      const { y } = this.place([n, 0, 0, 0, 0]);
      const high = H * this.cell.height;
      if (high > 11) pen.fillText(high > 18 ? `n = ${n}` : String(n), 2, y + high / 2);
    }
    pen.textAlign = "center";
    for (let c = 0; c < C; c += 1) {
      const { x } = this.place([0, c, 0, 0, 0]);
      const wide = this.cell.width * (D * W + (D - 1) * 0.4);
      pen.fillText(wide > 40 ? `c = ${c}` : String(c), x + wide / 2, height - 12);
    }
    pen.textAlign = "left";
  }

  paintCell(pen, index, value, limit, isOwn) {
    const { x, y } = this.place(this.full(index));
    const { width, height } = this.cell;
    const share = Math.min(1, Math.abs(value) / limit) * 0.85;
    const hue = this.colour(value < 0 ? "negative" : "positive");
    pen.globalAlpha = 1;
    pen.fillStyle = this.colour("zero");
    pen.fillRect(x, y, width, height);
    pen.globalAlpha = isOwn ? share : share * 0.22;
    pen.fillStyle = hue;
    pen.fillRect(x, y, width, height);
    pen.globalAlpha = 1;
    pen.strokeStyle = this.colour("page");
    pen.lineWidth = 1;
    pen.strokeRect(x, y, width, height);
    if (width < 46 || height < 19) return;
    pen.fillStyle = isOwn && share > 0.45 ? this.colour("page") : this.colour("ink");
    pen.textAlign = "center";
    pen.font = `${isOwn ? 600 : 400} ${width > 58 ? 17 : 15}px ${this.font}`;
    pen.fillText(written(value, Math.abs(value) < 99.5 ? 2 : 0), x + width / 2, y + height / 2 + 1, width - 4);
    pen.textAlign = "left";
  }

  // A line wherever a number of the group has a neighbour that is not of it.
  frame(pen, own) {
    pen.strokeStyle = this.colour("ink");
    pen.lineWidth = 2.5;
    const { width, height } = this.cell;
    const last = this.shape.length - 1;
    const isIn = (index, axis, by) => {
      const other = [...index];
      other[axis] += by;
      if (axis < 2 || other[axis] < 0 || other[axis] >= this.shape[axis]) return false;
      return this.at(this.groupOf, other) === own;
    };
    pen.beginPath();
    for (const index of this.cells) {
      if (this.at(this.groupOf, index) !== own) continue;
      const { x, y } = this.place(this.full(index));
      const upper = last >= 3 ? last - 1 : 0;
      if (!isIn(index, last, -1)) pen.rect(x, y, 0, height);
      if (!isIn(index, last, 1)) pen.rect(x + width, y, 0, height);
      if (!isIn(index, upper, -1)) pen.rect(x, y, width, 0);
      if (!isIn(index, upper, 1)) pen.rect(x, y + height, width, 0);
    }
    pen.stroke();
  }

  cellAt(event) {
    const box = event.target.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    return this.cells.find((index) => {
      const { x, y } = this.place(this.full(index));
      return px >= x && px < x + this.cell.width && py >= y && py < y + this.cell.height;
    });
  }
}
