// scene.js: what pictures that the reader takes hold of share: their place, colours, size, words.

import { boardOf } from "./board.js";
import { readTheme } from "./theme.js";

// A number as the pages write it: enough digits to follow the arithmetic, a true minus sign.
export function written(value, digits = 2) {
  if (value === null || !Number.isFinite(value)) return "–";
  return value.toFixed(digits).replace(/^-(?=0\.?0*$)/, "").replace("-", "−");
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// A picture draws itself in `draw()` from `this.facts` into `this.root`, whenever these, the theme
// or the width (`this.width`, in pixels) are others. Colours are CSS: var(--nnviz-train),
// var(--st-text-color). `this.set({field: value})` sends settings to the page's script.
export class Picture {
  constructor(host) {
    this.root = element("div", { class: "nnviz-scene" });
    host.append(this.root);
    this.sizes = new ResizeObserver(() => this.refresh());
    this.sizes.observe(this.root);
  }

  follow(component) {
    this.component = component;
    const { facts, tokens } = component.data;
    const theme = readTheme(this.root);
    const signature = `${theme.signature}|${JSON.stringify(facts)}`;
    if (signature === this.signature) return;
    this.signature = signature;
    this.facts = facts;
    for (const [name, [light, dark]] of Object.entries(tokens)) {
      this.root.style.setProperty(`--nnviz-${name}`, theme.dark ? dark : light);
    }
    this.width = 0;
    this.refresh();
  }

  refresh() {
    const { width } = this.root.getBoundingClientRect();
    if (!this.facts || !width || width === this.width) return;
    this.width = width;
    this.draw();
  }

  set(settings) {
    this.component.setTriggerValue("set", settings);
  }

  remove() {
    this.sizes.disconnect();
    this.root.remove();
  }
}

export function mounted(component, Kind) {
  const host = component.parentElement;
  if (!host.isConnected) return () => {};
  const [picture, leave] = boardOf(host, () => new Kind(host));
  picture.follow(component);
  return leave;
}
