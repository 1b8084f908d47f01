// by_hand_field.js: a number that can be set: a slider, a field (Enter sets), and 0 at once.

import { node } from "./panel.js";

const MOST = 1000;
const rounded = (value) => Number(value.toPrecision(4));

export class WeightField {
  constructor(host, name, set) {
    this.root = node("label", "nnviz-hand-field", host);
    node("span", "", this.root).textContent = name;
    this.slider = node("input", "", this.root);
    Object.assign(this.slider, { type: "range", step: "any" });
    this.slider.setAttribute("aria-label", `${name}, slider`);
    this.number = node("input", "nnviz-hand-number", this.root);
    Object.assign(this.number, { type: "number", step: "any", min: -MOST, max: MOST });
    this.number.setAttribute("aria-label", name);
    this.zero = node("button", "nnviz-button", this.root);
    Object.assign(this.zero, { type: "button", textContent: "0", title: `Set the ${name} to 0` });
    const put = (value) => {
      if (Number.isFinite(value)) set(Math.max(-MOST, Math.min(MOST, value)));
    };
    this.slider.addEventListener("pointerdown", () => (this.held = true));
    this.slider.addEventListener("input", () => (this.number.value = rounded(+this.slider.value)));
    this.slider.addEventListener("change", () => {
      this.held = false;
      put(rounded(+this.slider.value));
    });
    this.number.addEventListener("input", () => (this.typed = true));
    this.number.addEventListener("blur", () => (this.typed = false));
    this.number.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" || this.number.value === "") return;
      this.typed = false;
      put(+this.number.value);
    });
    this.zero.addEventListener("click", () => put(0));
  }

  // The value as it is; what the reader holds or types is left to him.
  show(value, disabled) {
    for (const part of [this.slider, this.number, this.zero]) part.disabled = disabled;
    if (!Number.isFinite(value) || this.held || this.typed) return;
    this.reach = Math.max(this.reach ?? 2, Math.ceil(2 * Math.abs(value)));
    Object.assign(this.slider, { min: -this.reach, max: this.reach, value });
    this.number.value = rounded(value);
  }
}
