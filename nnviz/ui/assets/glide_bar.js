// glide_bar.js: play, step and go to a place; by buttons, a slider and keys.

import { element } from "./scene.js";

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./glide.css", import.meta.url);
document.head.append(style);

const WHOLE = 14000; // milliseconds from the first place to the last
const SHORTEST = 40;
const LONGEST = 700;

const FEW = 4;

// Buttons for a few names, a menu for more.
export function choices(label, names, chosen, choose) {
  if (names.length > FEW) return menu(label, names, chosen, choose);
  const group = element("span", { role: "group", "aria-label": label }, `${label} `);
  names.forEach((name, place) => {
    const button = element("button", { type: "button", "aria-pressed": place === chosen }, name);
    button.onclick = () => choose(place);
    group.append(button, " ");
  });
  return group;
}

function menu(label, names, chosen, choose) {
  const select = element("select", { "aria-label": label }, ...names.map((name) => element("option", {}, name)));
  select.selectedIndex = chosen;
  select.onchange = () => choose(select.selectedIndex);
  return element("span", {}, `${label} `, select);
}

export class Bar {
  // `go(place)` shows a place; the bar knows which of `count` it is at.
  constructor(go, noun) {
    Object.assign(this, { go, place: 0, count: 1 });
    this.root = element("div", { class: "glide-bar" });
    this.button = element("button", { type: "button", class: "play" });
    this.button.onclick = () => this.play(!this.timer);
    const step = (words, title, by) => {
      const made = element("button", { type: "button", title, "aria-label": title }, words);
      made.onclick = () => this.step(by);
      return made;
    };
    this.slider = element("input", { type: "range", min: 0, "aria-label": noun });
    this.slider.oninput = () => {
      this.play(false);
      this.to(Number(this.slider.value));
    };
    this.said = element("span", {});
    this.own = element("span", { class: "glide-bar" });
    this.root.append(
      this.button, step("‹", "One back (←)", -1), step("›", "One on (→)", 1), this.slider,
      this.said, this.own,
    );
    this.paint();
  }

  resize(count) {
    this.count = count;
    this.place = Math.min(this.place, count - 1);
    this.slider.max = count - 1;
    this.paint();
  }

  to(place) {
    this.place = Math.min(this.count - 1, Math.max(0, place));
    this.paint();
    this.go(this.place);
  }

  step(by) {
    this.play(false);
    this.to(this.place + by);
  }

  play(goes) {
    clearInterval(this.timer);
    this.timer = undefined;
    if (goes) {
      if (this.place === this.count - 1) this.to(0);
      const pause = Math.min(LONGEST, Math.max(SHORTEST, WHOLE / this.count));
      this.timer = setInterval(() => {
        if (this.place >= this.count - 1) this.play(false);
        else this.to(this.place + 1);
      }, pause);
    }
    this.paint();
  }

  // Arrow keys, Home, End and space; `row` is how far up and down go.
  key(event, row = 1) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[event.key];
    if (by) this.step(by);
    else if (event.key === "Home") this.step(-this.count);
    else if (event.key === "End") this.step(this.count);
    else if (event.key === " ") this.play(!this.timer);
    else return;
    event.preventDefault();
  }

  paint() {
    this.slider.value = this.place;
    this.said.textContent = `${this.place + 1} of ${this.count}`;
    this.button.textContent = this.timer ? "❚❚ Pause" : "▶ Play";
  }

  remove() {
    clearInterval(this.timer);
  }
}
