// scrubber.js: a slider over the steps of a history that leaves the thumb to the reader.

import { readTheme } from "./theme.js";

const THROTTLE = 80;
const TRUST = 1500; // milliseconds the reader's own choice outlives an older answer of the server
const scrubbers = new WeakMap();
const words = new Intl.NumberFormat("en", { useGrouping: true });
const spaced = (step) => words.format(step).replaceAll(",", "\u202f");

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./scrubber.css", import.meta.url);
document.head.append(style);

function node(name, className, parent) {
  const made = document.createElement(name);
  made.className = className;
  parent.append(made);
  return made;
}

class Scrubber {
  constructor(host) {
    this.host = host;
    this.root = node("div", "nnviz-scrubber", host);
    const track = node("div", "nnviz-track", this.root);
    this.range = node("input", "nnviz-range", track);
    Object.assign(this.range, { type: "range", min: 0, step: 1 });
    this.range.setAttribute("aria-label", "Step of the run");
    this.mark = node("span", "nnviz-broken", track);
    this.label = node("output", "nnviz-step", this.root);
    this.label.setAttribute("aria-live", "off");
    this.live = node("button", "nnviz-live", this.root);
    this.live.type = "button";
    this.live.textContent = "Live";
    this.live.title = "Follow the newest step";
    this.range.addEventListener("pointerdown", () => (this.held = true));
    this.range.addEventListener("pointerup", () => (this.held = false));
    this.range.addEventListener("pointercancel", () => (this.held = false));
    this.range.addEventListener("input", () => this.choose(this.steps[this.range.valueAsNumber]));
    this.live.addEventListener("click", () => this.choose(null));
  }

  follow(component) {
    this.component = component;
    this.root.style.colorScheme = readTheme(this.host).dark ? "dark" : "light";
    const { steps, position, broken } = component.data;
    this.steps = steps;
    const answered = position === this.chosen || performance.now() - this.chosenAt > TRUST;
    if (this.chosen === undefined || (answered && !this.held)) {
      this.chosen = undefined;
      this.position = position;
    }
    this.broken = broken;
    this.show();
  }

  choose(step) {
    this.position = this.chosen = step;
    this.chosenAt = performance.now();
    this.show();
    this.timer ??= setTimeout(() => this.send(), THROTTLE);
  }

  send() {
    this.timer = undefined;
    this.chosenAt = performance.now();
    this.component.setTriggerValue("move", { step: this.position });
  }

  // The newest kept step that is not after the wanted one.
  place(step) {
    const after = this.steps.findIndex((kept) => kept > step);
    return after < 0 ? this.steps.length - 1 : Math.max(after - 1, 0);
  }

  show() {
    const { steps, range } = this;
    const last = Math.max(steps.length - 1, 0);
    const newest = steps[last] ?? 0;
    const live = this.position === null;
    range.disabled = !steps.length;
    range.max = last;
    range.value = live ? last : this.place(this.position);
    const told = `step ${spaced(live ? newest : this.position)} of ${spaced(newest)}`;
    this.label.textContent = told;
    range.setAttribute("aria-valuetext", told);
    this.live.setAttribute("aria-pressed", String(live));
    this.mark.hidden = this.broken === null;
    if (this.broken === null) return;
    this.mark.style.setProperty("--at", last ? this.place(this.broken) / last : 1);
    this.mark.title = `first number that is not finite: step ${spaced(this.broken)}`;
  }
}

export default function mount(component) {
  const host = component.parentElement;
  if (!scrubbers.has(host)) scrubbers.set(host, new Scrubber(host));
  scrubbers.get(host).follow(component);
}
