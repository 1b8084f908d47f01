// by_hand.js: what the reader does to the network by hand: a weight set, a unit off, a layer frozen.

import { HandCard } from "./by_hand_card.js";
import { HandMarks } from "./by_hand_marks.js";
import { Pinned } from "./by_hand_pin.js";
import { write } from "./numbers.js";
import { node } from "./panel.js";

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./by_hand.css", import.meta.url);
document.head.append(style);

const MOST_CHIPS = 8;

export class ByHand {
  constructor(stage) {
    this.stage = stage;
    this.row = node("div", "nnviz-hand");
    this.row.role = "group";
    this.row.setAttribute("aria-label", "Done by hand");
    this.chips = node("div", "nnviz-hand-chips", this.row);
    this.refused = node("p", "nnviz-trouble", this.row);
    this.row.hidden = true;
    stage.transport.extra.before(this.row);
    this.pinned = new Pinned(stage);
    this.marks = new HandMarks(stage);
    this.onpress = (event) => this.press(event);
    this.onkey = (event) => this.key(event);
    addEventListener("pointerdown", this.onpress, true);
    addEventListener("keydown", this.onkey, true);
  }

  get network() {
    return this.stage.board.views.get("network")?.panel?.traces?.[0];
  }

  do(what, layer, rest = {}) {
    this.stage.feed.send({ do: "by_hand", what, layer, ...rest });
  }

  // How the run stands, and the facts of what is shown.
  show(state) {
    const standing = state.by_hand?.off ? state.by_hand : { off: [], frozen: [], later: [], refused: "" };
    this.standing = standing;
    const told = JSON.stringify([standing, state.may_steer]);
    if (told !== this.told) {
      this.told = told;
      this.list(standing, state.may_steer);
    }
    this.pinned.show();
    this.marks.show(standing, this.pinned.unit);
    this.card?.show(standing, state);
    if (this.card?.isGone || this.stage.board.root.hidden) this.close();
  }

  list({ off, frozen, later, refused }, may) {
    const chips = [
      ...off.map(([layer, unit]) => this.chip(`unit ${unit} of ${layer} is off`, "Switch it on", may, () =>
        this.do("on", layer, { unit }))),
      ...frozen.map((layer) => this.chip(`${layer} is frozen`, "Let it learn again", may, () =>
        this.do("unfreeze", layer))),
      ...later.map((text) => this.chip(`later: ${text}`)),
    ];
    this.chips.replaceChildren(...chips.slice(0, MOST_CHIPS));
    if (chips.length > MOST_CHIPS) {
      node("span", "nnviz-small", this.chips).textContent = `and ${chips.length - MOST_CHIPS} more`;
    }
    write(this.refused, refused);
    this.refused.hidden = !refused;
    this.row.hidden = !chips.length && !refused;
  }

  chip(text, help, may, undo) {
    const chip = node("span", "nnviz-hand-chip");
    chip.append(text);
    if (!undo) return chip;
    const button = node("button", "nnviz-hand-close", chip);
    Object.assign(button, { type: "button", textContent: "×", title: help, disabled: !may });
    button.setAttribute("aria-label", `${help}: ${text}`);
    button.addEventListener("click", undo);
    return chip;
  }

  // A point of a chart (points of plotly.js), or a unit or weight of the network.
  pick(panel, point) {
    if (panel !== "network" || !this.standing) return;
    const column = this.network?.columns.find(({ name }) => name === point.layer);
    if (!column || column.kind === "input") return;
    this.close();
    this.card = new HandCard(this, column, point, this.at ?? { x: 0, y: 0 });
    this.card.show(this.standing, this.stage.state);
  }

  // A press elsewhere closes the card.
  press(event) {
    this.at = { x: event.clientX, y: event.clientY };
    if (this.card && !event.composedPath().includes(this.card.root)) this.close();
  }

  key(event) {
    if (event.key !== "Escape" || document.fullscreenElement || this.stage.board.root.hidden) return;
    if (this.card) {
      event.stopImmediatePropagation();
      this.close();
    } else if (this.pinned.unit) this.pinned.put(null);
  }

  close() {
    this.card?.remove();
    this.card = null;
  }

  remove() {
    removeEventListener("pointerdown", this.onpress, true);
    removeEventListener("keydown", this.onkey, true);
    this.close();
    this.marks.remove();
    this.row.remove();
  }
}
