// answer_tokens.js: a row of tokens to type into.

import { node } from "./panel.js";

const SPACE = "␣";

export class TokensInput {
  constructor(host, inputs, change) {
    Object.assign(this, { inputs, change, x: [] });
    const root = node("div", "nnviz-ask-input", host);
    node("p", "nnviz-small", root).textContent = `Type: ${inputs.token_names.join(" ")}`;
    const row = node("div", "nnviz-ask-tokens", root);
    this.cells = Array.from({ length: inputs.shape.at(-1) }, (_, place) => this.cell(row, place));
  }

  cell(row, place) {
    const made = node("input", "", row);
    made.setAttribute("aria-label", `place ${place + 1}`);
    made.autocomplete = "off";
    made.addEventListener("focus", () => made.select());
    made.addEventListener("keydown", (event) => this.key(event, place));
    made.addEventListener("input", () => this.type(made.value.at(-1) ?? "", place));
    return made;
  }

  key(event, place) {
    const by = { ArrowLeft: -1, Backspace: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.cells[place + by]?.focus();
  }

  type(letter, place) {
    const token = this.inputs.token_names.indexOf(letter === " " ? SPACE : letter);
    if (token >= 0) {
      this.x[place] = token;
      this.change(this.x.slice());
      this.cells[place + 1]?.focus();
    }
    this.write(place);
  }

  write(place) {
    this.cells[place].value = this.inputs.token_names[this.x[place]] ?? "";
  }

  set(x) {
    this.x = Array.from(x, Math.round);
    this.cells.forEach((_, place) => this.write(place));
  }
}
