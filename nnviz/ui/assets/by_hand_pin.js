// by_hand_pin.js: the unit that stands in the place of the network's answer, and the way back.

import { write } from "./numbers.js";
import { node } from "./panel.js";

export class Pinned {
  constructor(stage) {
    this.stage = stage;
    this.back = node("button", "nnviz-hand-back");
    Object.assign(this.back, { type: "button", textContent: "× Answer", title: "Back to the network's answer (Esc)" });
    this.back.addEventListener("click", () => this.put(null));
  }

  get view() {
    return this.stage.board.views.get("answer");
  }

  // [layer, unit] as it is drawn now; undefined where it is the answer.
  get unit() {
    return this.view?.panel?.layout?.meta?.unit;
  }

  put(unit) {
    const [layer, place] = unit ?? [null, null];
    this.stage.feed.send({ do: "pin", layer, unit: place });
  }

  show() {
    const { view, unit } = this;
    if (!view) return;
    if (!unit) {
      if (this.back.isConnected) view.title.textContent = view.title.title = view.head.title;
      this.back.remove();
      return;
    }
    const { limit } = view.panel.layout.meta;
    const most = Number(limit.toPrecision(2));
    write(view.title, `${unit[0]} unit ${unit[1]}, ±${most}`);
    view.title.title = `What unit ${unit[1]} of ${unit[0]} computes: blue up to ${most}, orange down to −${most}`;
    if (this.back.parentElement !== view.title.parentElement) view.title.after(this.back);
  }
}
