// attend_order.js: an encoder's outputs for words in two orders; the reader drags the second.

import { shortened, tile } from "./attend_cells.js";
import { drawn, element, mounted, Picture, written } from "./scene.js";

const BOX = 34;
const LINKS = 66;
const SIDE = 92;

class Order extends Picture {
  draw() {
    const { before, words } = this.facts;
    this.high = window.innerHeight < 800 ? 22 : 26;
    this.pitch = Math.min(320, (this.width - SIDE) / words.length);
    this.strip = before[0].length * this.high;
    this.afterTop = BOX + 6 + this.strip + LINKS;
    const height = this.afterTop + this.strip + 6 + BOX + 2;
    this.svg = drawn("svg", {
      viewBox: `0 0 ${this.width} ${height}`, width: this.width, height,
      style: "display:block; touch-action:pan-y; font-variant-numeric:tabular-nums",
    });
    this.root.replaceChildren(this.svg, element("div", {
      style: "font-size:1.02rem; opacity:0.85",
    }, "Drag a word of the lower row to another place, or move it with ← and →."));
    const largest = Math.max(...before.flat().map(Math.abs));
    const places = this.facts.order.map((_, place) => place);
    this.svg.append(
      ...this.sides(),
      ...places.map((place) => this.link(place)),
      ...words.map((word, place) => this.still(word, place)),
      ...places.flatMap((place) => this.outputs(before[place], place, BOX + 6, largest)),
      ...places.flatMap((place) =>
        this.outputs(this.facts.after[place], place, this.afterTop, largest)),
      ...places.map((place) => this.movable(place)),
    );
    if (this.held !== undefined) this.svg.querySelector(`[data-place="${this.held}"]`)?.focus();
    this.held = undefined;
  }

  middle(place) {
    return SIDE + (place + 0.5) * this.pitch;
  }

  sides() {
    const words = [["first order", BOX / 2 + 5], ["its outputs", BOX + 6 + this.strip / 2 + 5],
      ["your order’s", this.afterTop + this.strip / 2 - 4], ["outputs", this.afterTop + this.strip / 2 + 16],
      ["your order", this.afterTop + this.strip + 6 + BOX / 2 + 5]];
    return words.map(([text, y]) =>
      drawn("text", { x: 0, y, "font-size": 15.5, fill: "currentColor", opacity: 0.8 }, text));
  }

  box(word, place, y, attributes = {}) {
    const width = this.pitch - 12;
    const x = this.middle(place) - width / 2;
    return drawn("g", attributes,
      drawn("rect", {
        x, y, width, height: BOX - 2, rx: 7, fill: "var(--nnviz-zero)",
        stroke: "var(--nnviz-guide)", "stroke-width": attributes.tabindex === 0 ? 1.5 : 0,
      }),
      drawn("text", {
        x: this.middle(place), y: y + 22, "text-anchor": "middle", "font-size": 18,
        "font-weight": 600, fill: "var(--nnviz-ink)", "pointer-events": "none",
      }, shortened(word, width)));
  }

  still(word, place) {
    return this.box(word, place, 0);
  }

  outputs(row, place, top, largest) {
    const wide = Math.min(96, this.pitch - 12);
    return row.map((value, number) => tile({
      x: this.middle(place) - wide / 2, y: top + number * this.high, wide, high: this.high,
      value, largest,
    }));
  }

  link(place) {
    const { order, change, words } = this.facts;
    const [from, to] = [this.middle(order[place]), this.middle(place)];
    const [top, low] = [BOX + 6 + this.strip + 2, this.afterTop - 2];
    const isSame = change[place] < this.facts.rounding;
    const color = isSame ? "var(--nnviz-good)" : "var(--nnviz-danger)";
    const text = isSame ? "same" : `by ${written(change[place])}`;
    return drawn("g", {},
      drawn("title", {}, `${words[order[place]]}: largest difference ${change[place].toExponential(1)}`),
      drawn("path", {
        d: `M ${from} ${top} C ${from} ${top + 30}, ${to} ${low - 30}, ${to} ${low}`,
        fill: "none", stroke: color, "stroke-width": 4, "stroke-opacity": 0.8,
        "stroke-dasharray": isSame ? "none" : "7 5",
      }),
      drawn("text", {
        x: to, y: low - 5, "font-size": 16, fill: color, "font-weight": 600,
        "text-anchor": "middle",
        stroke: "var(--nnviz-page)", "stroke-width": 6, "paint-order": "stroke",
      }, text));
  }

  movable(place) {
    const word = this.facts.words[this.facts.order[place]];
    const top = this.afterTop + this.strip + 6;
    const made = this.box(word, place, top, {
      tabindex: 0, role: "button", "data-place": place, style: "cursor:grab; touch-action:none",
      "aria-label": `${word}, place ${place + 1}: arrow keys move it`,
    });
    made.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.move(place, place + step);
    });
    made.addEventListener("pointerdown", (event) => this.drag(event, made, place));
    return made;
  }

  drag(start, made, place) {
    made.setPointerCapture(start.pointerId);
    made.parentNode.append(made);
    let moved = 0;
    made.onpointermove = ({ clientX }) => {
      moved = clientX - start.clientX;
      made.setAttribute("transform", `translate(${moved} 0)`);
    };
    made.onpointerup = made.onpointercancel = ({ type }) => {
      made.onpointermove = made.onpointerup = made.onpointercancel = null;
      const far = type === "pointerup" ? Math.round(moved / this.pitch) : 0;
      if (!far) made.removeAttribute("transform");
      this.move(place, Math.max(0, Math.min(this.facts.order.length - 1, place + far)));
    };
  }

  move(from, to) {
    const order = [...this.facts.order];
    if (from === to || to < 0 || to >= order.length) return;
    const [taken] = order.splice(from, 1);
    order.splice(to, 0, taken);
    this.held = to;
    this.set({ order });
  }
}

export default (component) => mounted(component, Order);
