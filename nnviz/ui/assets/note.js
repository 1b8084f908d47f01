// note.js: a panel of words with a button, beside charts.

import { write } from "./numbers.js";
import { node } from "./panel.js";

const PATIENCE = 3000; // milliseconds in which a button that was pressed waits for an answer

export class Note {
  constructor(host, onPick) {
    this.root = node("div", "nnviz-note-words", host);
    this.words = node("div", "nnviz-note-text", this.root);
    this.button = node("button", "nnviz-button", this.root);
    this.button.type = "button";
    this.button.addEventListener("click", () => {
      this.button.disabled = true;
      setTimeout(() => (this.button.disabled = false), PATIENCE);
      onPick({ press: this.press });
    });
    this.progress = node("progress", "", this.root);
  }

  // Words come and go with each step; the button stays the same one, or a press would miss it.
  draw({ paragraphs, press, label, done }) {
    while (this.words.children.length > paragraphs.length) this.words.lastChild.remove();
    paragraphs.forEach((text, place) => write(this.words.children[place] ?? node("p", "", this.words), text));
    this.press = press;
    write(this.button, label);
    this.button.hidden = !press;
    this.progress.hidden = done === null || done === undefined;
    this.progress.value = done ?? 0;
  }

  remove() {
    this.root.remove();
  }
}
