// ways.js: the ways that a run has gone, in a panel: back to one, or one faintly under the present.

import { icon } from "./icons.js";
import { node } from "./panel.js";

export class Ways {
  constructor(host, send) {
    this.send = send;
    this.root = node("details", "nnviz-ways", host);
    const summary = node("summary", "nnviz-button", this.root);
    summary.append(icon("history"), "History");
    summary.title = "What was trained here before the last changes";
    this.list = node("div", "nnviz-way-list", this.root);
    this.close = (event) => {
      if (!event.composedPath().includes(this.root)) this.root.open = false;
    };
    addEventListener("pointerdown", this.close);
  }

  show({ ways, may_steer: may }) {
    const told = JSON.stringify([ways, may]);
    if (told === this.told) return;
    this.told = told;
    const empty =
      "Nothing yet: change a setting after some steps, and the way until then is kept here.";
    this.list.replaceChildren(...ways.map((way) => this.way(way, may)));
    if (!ways.length) node("p", "nnviz-small", this.list).textContent = empty;
  }

  way({ id, told, ended, is_ghost: ghost, is_part: part }, may) {
    const card = node("section", "nnviz-way");
    node("strong", "", card).textContent = told;
    node("p", "nnviz-small", card).textContent = ended;
    const back = this.button(card, "Go back to it", { do: "return", way: id });
    back.disabled = !may;
    const words = ghost ? "Put away" : "Lay under";
    const under = this.button(card, words, { do: "ghost", way: ghost ? null : id });
    under.disabled = part && !ghost;
    under.title = part
      ? "The present way went the same until there."
      : "Its curves, faint and dashed, under the present ones.";
    return card;
  }

  button(card, text, command) {
    const made = node("button", "nnviz-button", card);
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => this.send(command));
    return made;
  }

  remove() {
    removeEventListener("pointerdown", this.close);
  }
}
