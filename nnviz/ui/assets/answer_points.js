// answer_points.js: test points to pick: a few at a time, those that are answered wrongly marked.

import { node } from "./panel.js";
import { paintImage, paintSignal } from "./answer_paint.js";

const SIDE = 32;
const MANY = 8;

const differ = (right, said) =>
  right.length === undefined ? right !== said : right.some((one, place) => one !== said[place]);

export class AnswerPoints {
  constructor(host, inputs, tool) {
    Object.assign(this, { inputs, tool, wanted: { near: 0, only_wrong: false } });
    this.root = node("div", "nnviz-ask-points", host);
    const bar = node("div", "nnviz-ask-row", this.root);
    this.button(bar, "‹", "Earlier test points", () => this.turn(-1));
    this.button(bar, "›", "Later test points", () => this.turn(1));
    this.button(bar, "Random", "Any test point", () => this.random());
    const label = node("label", "nnviz-small", bar);
    this.only = node("input", "", label);
    this.only.type = "checkbox";
    this.count = document.createTextNode("");
    label.append(this.count);
    label.hidden = inputs.task !== "classification";
    this.only.addEventListener("change", () => this.look(0));
    this.list = node("div", "nnviz-ask-list", this.root);
    this.list.dataset.kind = inputs.kind;
  }

  button(bar, text, title, press) {
    const made = node("button", "nnviz-button nnviz-ask-small", bar);
    Object.assign(made, { type: "button", textContent: text, title });
    made.setAttribute("aria-label", title);
    made.addEventListener("click", press);
  }

  look(near) {
    const { n_test: many } = this.inputs;
    this.tool.look({ near: ((near % many) + many) % many, only_wrong: this.only.checked });
  }

  turn(by) {
    const shown = this.listed?.index_K ?? [0];
    if (by > 0) this.look(shown.at(-1) + 1);
    else this.look(shown[0] - (this.only.checked ? this.stride() : MANY));
  }

  // Of the wrong ones, a few lie this many points apart.
  stride() {
    return Math.ceil((MANY * this.inputs.n_test) / Math.max(this.listed?.n_wrong ?? 1, 1));
  }

  random() {
    const point = Math.floor(Math.random() * this.inputs.n_test);
    this.tool.chosen = { point };
    this.look(point);
  }

  show(listed, wanted) {
    this.listed = listed;
    this.only.checked = wanted.only_wrong;
    const { n_wrong: wrong } = listed;
    this.count.textContent = ` wrong only (${wrong} of ${this.inputs.n_test})`;
    this.list.replaceChildren(...Array.from(listed.index_K, (_, place) => this.card(place)));
    this.mark(this.point);
  }

  card(place) {
    const { index_K: indices, x, target, answer } = this.listed;
    const index = indices[place];
    const made = node("button", "nnviz-ask-point");
    made.type = "button";
    made.dataset.point = index;
    this.draw(made, x[place]);
    const [right, said] = [target[place], answer[place]];
    const words = node("small", "", made);
    if (this.inputs.task === "regression") words.textContent = `#${index}`;
    else {
      const isWrong = differ(right, said);
      made.dataset.is = isWrong ? "wrong" : "right";
      const told = right.length === undefined ? this.told(right, said) : "";
      words.textContent = this.isLong || !told ? `#${index}${isWrong ? " ✗" : ""}` : told;
      made.title = `test point ${index}${told && `: ${told}`}`;
    }
    made.addEventListener("click", () => this.tool.choose({ point: index }));
    return made;
  }

  // Long names would take all the room.
  get isLong() {
    return this.inputs.class_names.some((name) => name.length > 5);
  }

  told(right, said) {
    const names = this.inputs.class_names;
    return right === said ? names[right] : `${names[right]}→${names[said]}`;
  }

  draw(host, x) {
    const { kind, token_names: names } = this.inputs;
    if (kind === "tokens") {
      const text = Array.from(x[0], (token) => names[Math.round(token)]).join("");
      node("code", "", host).textContent = text;
    } else if (kind === "image" || kind === "volume" || kind === "signal") {
      const canvas = node("canvas", "", host);
      const { colors } = this.tool.stage.board;
      const [low, high] = [this.inputs.low_F[0], this.inputs.high_F[0]];
      if (kind === "signal") paintSignal(canvas, x, low, high, colors, 64, SIDE);
      else paintImage(canvas, x[0], low, high, colors, SIDE);
    }
  }

  mark(point) {
    this.point = point;
    for (const card of this.list.children) {
      card.setAttribute("aria-pressed", String(Number(card.dataset.point) === point));
    }
  }
}
