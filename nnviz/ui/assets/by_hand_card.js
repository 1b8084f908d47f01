// by_hand_card.js: a small card beside a unit or a weight that was clicked: its numbers, what can be done.

import { ExcitingImages } from "./by_hand_images.js";
import { WeightField } from "./by_hand_field.js";
import { write } from "./numbers.js";
import { node } from "./panel.js";

const GAP = 12;
const PACE = 700; // milliseconds between two questions about a unit
const short = (value) => Number(value.toPrecision(3)).toString().replace("-", "−");
const named = ({ name, unit_names: names, kind }, unit) =>
  `${name} ${names[unit] ?? (kind === "input" ? unit : `unit ${unit}`)}`;

export class HandCard {
  constructor(hand, column, point, at) {
    Object.assign(this, { hand, stage: hand.stage, column, ...point, at, askedAt: 0 });
    this.isWeight = point.from !== undefined;
    this.root = node("section", "nnviz-hand-card", this.stage.root);
    this.root.role = "dialog";
    const head = node("div", "nnviz-hand-head", this.root);
    this.title = node("strong", "", head);
    const close = node("button", "nnviz-hand-close", head);
    Object.assign(close, { type: "button", textContent: "×", title: "Close (Esc)" });
    close.setAttribute("aria-label", "Close");
    close.addEventListener("click", () => hand.close());
    this.words = node("p", "nnviz-small", this.root);
    this.field = new WeightField(this.root, this.isWeight ? "weight" : "bias", (value) => this.set(value));
    this.field.root.hidden = !this.isWeight;
    this.images = node("div", "nnviz-hand-images", this.root);
    this.buttons = node("div", "nnviz-hand-buttons", this.root);
    this.pin = this.button(() => this.turnPin());
    this.switch = this.button(() => hand.do(this.isOff ? "on" : "off", this.layer, { unit: this.unit }));
    this.freeze = this.button(() => hand.do(this.isFrozen ? "unfreeze" : "freeze", this.layer));
    const { inside } = this.stage;
    const look = () => {
      hand.close();
      inside.lookAt(point);
    };
    write(this.button(look), "Look inside");
    this.title.textContent = this.name();
    this.root.setAttribute("aria-label", this.title.textContent);
    this.sizes = new ResizeObserver(() => this.settle());
    this.sizes.observe(this.root);
  }

  button(press) {
    const made = node("button", "nnviz-button", this.buttons);
    made.type = "button";
    made.addEventListener("click", press);
    return made;
  }

  name() {
    if (!this.isWeight) return named(this.column, this.unit);
    const { columns } = this.hand.network;
    const left = columns[columns.findIndex(({ name }) => name === this.layer) - 1];
    return `${named(left, this.from)} → ${named(this.column, this.unit)}`;
  }

  // Place of the unit's tile among all tiles; -1 where it is drawn no longer.
  get place() {
    const { columns } = this.hand.network ?? { columns: [] };
    let first = 0;
    for (const { name, is_box: isBox, n_drawn: drawn } of columns) {
      if (name === this.layer) return this.unit < drawn ? first + this.unit : -1;
      if (!isBox) first += drawn;
    }
    return -1;
  }

  get isGone() {
    return this.place < 0;
  }

  get weight() {
    const { columns, edge_column, edge_to, edge_from, weights } = this.hand.network;
    const column = columns.findIndex(({ name }) => name === this.layer);
    return weights.find((_, index) =>
      edge_column[index] === column && edge_to[index] === this.unit && edge_from[index] === this.from);
  }

  set(value) {
    this.hand.do("set", this.layer, { unit: this.unit, input: this.isWeight ? this.from : null, value });
  }

  turnPin() {
    this.hand.pinned.put(this.isPinned ? null : [this.layer, this.unit]);
  }

  show({ off, frozen, refused }, { may_steer: may }) {
    if (this.isGone) return;
    this.isOff = off.some(([layer, unit]) => layer === this.layer && unit === this.unit);
    this.isFrozen = frozen.includes(this.layer);
    const [layer, unit] = this.hand.pinned.unit ?? [];
    this.isPinned = layer === this.layer && unit === this.unit;
    write(this.words, refused || this.told());
    this.words.classList.toggle("nnviz-hand-refused", Boolean(refused));
    if (this.isWeight) this.field.show(this.weight, !may);
    this.pin.hidden = this.isWeight || this.column.shows !== "plane" || !this.hand.pinned.view;
    write(this.pin, this.isPinned ? "Back to the answer" : "Show on the big panel");
    this.switch.hidden = this.isWeight;
    write(this.switch, this.isOff ? "Switch on" : "Switch off");
    write(this.freeze, `${this.isFrozen ? "Unfreeze" : "Freeze"} ${this.layer}`);
    this.freeze.hidden = this.known ? !this.known.can_freeze : false;
    this.switch.disabled = this.freeze.disabled = !may;
    if (this.known?.can_set && !this.isWeight) this.field.show(this.known.bias, !may);
    this.ask();
    this.settle();
  }

  told() {
    const { means, stds, dead } = this.hand.network;
    if (this.isWeight && this.isFrozen) return "Frozen: it stays as it is, or as you set it.";
    if (this.isWeight) return "The updates that follow move it on, unless its layer is frozen.";
    const [mean, std] = [means[this.place], stds[this.place]];
    const moments = Number.isFinite(mean) && !this.isOff ? `activation ${short(mean)} ± ${short(std)}` : "";
    const state = this.isOff ? "off: gives 0 everywhere" : dead[this.place] ? "dead" : "";
    return [this.column.caption, state, moments].filter(Boolean).join(" · ");
  }

  async ask() {
    const { facts, state, asked } = this.stage;
    const step = `${state.path}/${facts?.step}`;
    if (this.isWeight || !facts || step === this.askedStep || this.asking) return;
    clearTimeout(this.timer);
    const rest = this.askedAt + PACE - performance.now();
    if (rest > 0) {
      this.timer = setTimeout(() => this.ask(), rest);
      return;
    }
    Object.assign(this, { asking: true, askedAt: performance.now(), askedStep: step });
    const question = { ask: "unit", step: facts.step, layer: this.layer, unit: this.unit };
    const found = await asked.put(question).catch((error) => ({ error }));
    this.asking = false;
    if (!this.root.isConnected) return;
    if (!found) this.askedStep = undefined;
    else if (found.error) write(this.words, found.error.message);
    else this.learn(found);
  }

  learn(found) {
    this.known = found;
    this.field.root.hidden = !this.isWeight && (!found.can_set || found.bias === null);
    if (found.images) {
      this.pictures ??= new ExcitingImages(this.images, this.stage);
      this.pictures.show(found);
    }
    this.show(this.hand.standing, this.stage.state);
  }

  // Beside the click, inside what is in sight of the window.
  settle() {
    const { left, top } = this.stage.root.getBoundingClientRect();
    const { width, height } = this.root.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const x = this.at.x + GAP + width <= clientWidth ? this.at.x + GAP : this.at.x - GAP - width;
    const kept = (at, size, most) => Math.max(4, Math.min(at, most - size - 4));
    this.offset ??= { left, top };
    Object.assign(this.root.style, {
      left: `${kept(x, width, clientWidth) - this.offset.left}px`,
      top: `${kept(this.at.y + GAP, height, clientHeight) - this.offset.top}px`,
    });
  }

  remove() {
    clearTimeout(this.timer);
    this.sizes.disconnect();
    this.root.remove();
  }
}
