// note.js: a panel of words with a button, beside charts.

import { node } from "./panel.js";

export class Note {
  constructor(host, onPick) {
    this.root = node("div", "nnviz-note-words", host);
    this.onPick = onPick;
  }

  draw({ paragraphs, press, label, done }) {
    const signature = JSON.stringify([paragraphs, press, label]);
    if (signature !== this.signature) {
      this.signature = signature;
      this.root.replaceChildren();
      for (const text of paragraphs) node("p", "", this.root).textContent = text;
      this.progress = undefined;
      if (press) {
        const button = node("button", "nnviz-button", this.root);
        button.type = "button";
        button.textContent = label;
        button.addEventListener("click", () => {
          button.disabled = true;
          this.onPick({ press });
        });
      }
    }
    if (done === null || done === undefined) return;
    this.progress ??= node("progress", "", this.root);
    this.progress.value = done;
  }

  remove() {
    this.root.remove();
  }
}
