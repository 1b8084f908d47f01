// scrubber.js: a slider over the steps of a run that leaves the thumb to the reader.

import { readTheme } from "./theme.js";
import "./typing.js";

const THROTTLE = 80;
const NEAR = 0.75; // pixels at which a dragged thumb stops at a step that was kept
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
    const told = node("div", "nnviz-told", this.root);
    this.label = node("output", "nnviz-step", told);
    this.label.setAttribute("aria-live", "off");
    this.note = node("span", "nnviz-note", told);
    this.live = node("button", "nnviz-live", this.root);
    this.live.type = "button";
    this.live.textContent = "Live";
    this.live.title = "Follow the newest step";
    this.range.addEventListener("pointerdown", () => (this.held = true));
    this.range.addEventListener("pointerup", () => (this.held = false));
    this.range.addEventListener("pointercancel", () => (this.held = false));
    this.range.addEventListener("input", () => this.choose(this.wished()));
    this.range.addEventListener("keydown", (event) => this.page(event));
    this.live.addEventListener("click", () => this.choose(null));
  }

  follow(component) {
    this.component = component;
    this.root.style.colorScheme = readTheme(this.host).dark ? "dark" : "light";
    const { steps, until, position, note, broken } = component.data;
    this.steps = steps;
    this.until = until;
    const answered = position === this.chosen || performance.now() - this.chosenAt > TRUST;
    if (this.chosen === undefined || (answered && !this.held)) {
      this.chosen = undefined;
      this.position = position;
    }
    this.broken = broken;
    this.note.textContent = note;
    this.show();
  }

  // Dragged, the thumb prefers a step that is there to one that has to be computed.
  wished() {
    const step = this.range.valueAsNumber;
    if (!this.held) return step;
    const pixels = this.range.clientWidth / Math.max(this.until, 1);
    const before = this.steps[this.place(step)];
    const after = this.steps[Math.min(this.place(step) + 1, this.steps.length - 1)];
    const nearest = step - before <= after - step || after < step ? before : after;
    return Math.abs(nearest - step) * pixels <= NEAR ? nearest : step;
  }

  page(event) {
    const turn = { PageUp: 1, PageDown: -1 }[event.key];
    if (!turn || !this.steps.length) return;
    event.preventDefault();
    const now = this.position ?? this.until;
    const place = this.place(now);
    const behind = turn < 0 && this.steps[place] < now ? 0 : turn;
    this.choose(this.steps[Math.min(Math.max(place + behind, 0), this.steps.length - 1)]);
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
    const { range } = this;
    const newest = this.until ?? 0;
    const live = this.position === null;
    const step = live ? newest : this.position;
    range.disabled = this.until === null;
    range.max = newest;
    range.value = step;
    const told = `step ${spaced(step)} of ${spaced(newest)}`;
    this.label.textContent = told;
    range.setAttribute("aria-valuetext", told);
    this.live.setAttribute("aria-pressed", String(live));
    this.mark.hidden = this.broken === null;
    if (this.broken === null) return;
    this.mark.style.setProperty("--at", newest ? Math.min(this.broken / newest, 1) : 1);
    this.mark.title = `first number that is not finite: step ${spaced(this.broken)}`;
  }
}

export default function mount(component) {
  const host = component.parentElement;
  if (!scrubbers.has(host)) scrubbers.set(host, new Scrubber(host));
  scrubbers.get(host).follow(component);
}
