// by_hand_marks.js: signs on the drawn network: which units are off or pinned, which layers frozen.

import { node } from "./panel.js";

export class HandMarks {
  constructor(stage) {
    this.stage = stage;
    this.sheet = node("div", "nnviz-hand-sheet");
    this.sizes = new ResizeObserver(() => requestAnimationFrame(() => this.paint()));
  }

  get picture() {
    return this.stage.board.views.get("network")?.picture;
  }

  show(standing, pinned) {
    Object.assign(this, { standing, pinned });
    const host = this.picture?.host;
    if (!host?.isConnected) return;
    if (this.sheet.parentElement !== host) {
      host.append(this.sheet);
      this.sizes.disconnect();
      this.sizes.observe(host);
    }
    this.paint();
  }

  paint() {
    const { frame } = this.picture ?? {};
    if (!frame || !this.standing) return;
    const { off, frozen } = this.standing;
    const told = JSON.stringify([off, frozen, this.pinned, frame.width, frame.height, frame.tile]);
    if (told === this.told && frame === this.frame) return;
    Object.assign(this, { told, frame });
    const place = (name) => frame.columns.find((column) => column.name === name && !column.is_box);
    const marks = off.map(([name, unit]) => this.tile(place(name), unit, "nnviz-hand-off", "off"));
    if (this.pinned) {
      const [name, unit] = this.pinned;
      marks.push(this.tile(place(name), unit, "nnviz-hand-pinned", ""));
    }
    marks.push(...frozen.map((name) => this.frost(place(name))));
    this.sheet.replaceChildren(...marks.filter(Boolean));
  }

  tile(column, unit, className, text) {
    if (column?.ys[unit] === undefined) return null;
    const mark = node("span", className);
    const half = column.half + 2;
    Object.assign(mark.style, {
      left: `${column.x - half}px`,
      top: `${column.ys[unit] - half}px`,
      width: `${2 * half}px`,
      height: `${2 * half}px`,
    });
    if (half > 12) mark.textContent = text;
    return mark;
  }

  frost(column) {
    if (!column) return null;
    const mark = node("span", "nnviz-hand-frost");
    const [top, bottom] = [column.ys[0] - column.half - 5, column.ys.at(-1) + column.half + 5];
    const half = column.half + 5;
    Object.assign(mark.style, {
      left: `${column.x - half}px`,
      top: `${top}px`,
      width: `${2 * half}px`,
      height: `${bottom - top}px`,
    });
    mark.title = `${column.name} is frozen`;
    return mark;
  }

  remove() {
    this.sizes.disconnect();
    this.sheet.remove();
  }
}
