// answer_table.js: a row of a table: a slider for each feature, over the range of the known points.

import { short } from "./answer_bars.js";
import { node } from "./panel.js";

export class TableInput {
  constructor(host, inputs, change) {
    Object.assign(this, { inputs, change, x: [] });
    const root = node("div", "nnviz-ask-input", host);
    node("p", "nnviz-small", root).textContent = "As the network sees them";
    const list = node("div", "nnviz-ask-sliders", root);
    this.sliders = inputs.feature_names.map((name, place) => this.slider(list, name, place));
  }

  slider(list, name, place) {
    const label = node("label", "nnviz-ask-slider", list);
    const words = node("span", "nnviz-ask-name", label);
    words.textContent = words.title = name.replaceAll("_", " ");
    const input = node("input", "", label);
    const [low, high] = [this.inputs.low_F[place], this.inputs.high_F[place]];
    Object.assign(input, { type: "range", min: low, max: high, step: (high - low) / 200 || 1 });
    const number = node("span", "nnviz-ask-number", label);
    input.addEventListener("input", () => {
      this.x[place] = input.valueAsNumber;
      number.textContent = short(input.valueAsNumber);
      this.change(this.x.slice());
    });
    return { input, number };
  }

  set(x) {
    this.x = Array.from(x);
    this.sliders.forEach(({ input, number }, place) => {
      if (input.matches(":active")) return;
      input.value = x[place];
      number.textContent = short(x[place]);
    });
  }
}
