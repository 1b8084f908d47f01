// reel.js: a picture that plays: its button, its slider, and the frames one after the other.

import { icon } from "./icons.js";
import { node } from "./panel.js";
import { write } from "./numbers.js";

const TYPED = "input, textarea, select, [contenteditable=true], [role=combobox], [role=listbox]";

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./stage.css", import.meta.url);
document.head.append(style);

export class Reel {
  // `ask()` asks the page for the frames; `show(panels)` draws those of a frame.
  constructor(host, ask, show) {
    Object.assign(this, { ask, show });
    this.root = node("div", "nnviz-reel", host);
    this.root.hidden = true;
    this.button = node("button", "nnviz-button nnviz-primary", this.root);
    this.button.type = "button";
    this.button.title = "Play (P)";
    this.range = node("input", "nnviz-range", this.root);
    this.range.type = "range";
    this.range.min = 0;
    this.range.setAttribute("aria-label", "Frame");
    this.words = node("span", "nnviz-small", this.root);
    this.button.addEventListener("click", () => this.press());
    this.range.addEventListener("input", () => {
      this.stop();
      this.turn(Number(this.range.value));
    });
    this.onkey = (event) => this.key(event);
    addEventListener("keydown", this.onkey);
    this.at = -1;
  }

  // Another reel begins at rest; frames that were asked for begin to play.
  follow(reel) {
    this.root.hidden = !reel;
    if (!reel) return this.stop();
    if (reel.name !== this.reel?.name) {
      this.stop();
      this.at = -1;
      this.wished = this.wished === reel.name ? this.wished : undefined;
    }
    this.reel = reel;
    this.range.hidden = this.words.hidden = !reel.frames.length;
    this.range.max = Math.max(reel.frames.length - 1, 0);
    if (reel.frames.length && this.wished === reel.name) this.play();
    else if (this.at >= 0) this.turn(Math.min(this.at, reel.frames.length - 1));
    this.label();
  }

  get isPlaying() {
    return this.timer !== undefined;
  }

  label() {
    const state = `${this.isPlaying}${this.reel?.label}`;
    if (state === this.labelled) return;
    this.labelled = state;
    this.button.replaceChildren(icon(this.isPlaying ? "pause" : "play"));
    this.button.append(this.isPlaying ? "Pause" : (this.reel?.label ?? "Play"));
  }

  press() {
    if (this.isPlaying) this.stop();
    else if (this.reel.frames.length) this.play();
    else {
      this.wished = this.reel.name;
      this.ask();
    }
    this.label();
  }

  play() {
    this.wished = undefined;
    const { frames, seconds } = this.reel;
    if (this.at >= frames.length - 1) this.at = -1;
    this.turn(this.at + 1);
    this.timer = setInterval(() => {
      if (this.at >= frames.length - 1) this.stop();
      else this.turn(this.at + 1);
      this.label();
    }, (1000 * seconds) / frames.length);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  turn(at) {
    const frame = this.reel.frames[at];
    if (!frame) return;
    this.at = at;
    this.range.value = at;
    write(this.words, frame.words);
    this.show(frame.panels);
    this.label();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.root.hidden) return;
    if (event.key.toLowerCase() !== "p" || event.composedPath()[0]?.closest?.(TYPED)) return;
    event.preventDefault();
    this.press();
  }

  remove() {
    this.stop();
    removeEventListener("keydown", this.onkey);
    this.root.remove();
  }
}
