// layer_stack.js: layers as text, and beside each line what comes out of it.

import { element, mounted, Picture } from "./scene.js";

const WAIT = 500;
const LINE = 28;
const STYLE = `
.nnviz-stack { font-size: 1rem; color: var(--st-text-color); }
.nnviz-stack .examples { display: flex; flex-wrap: wrap; gap: 0.4rem; margin-bottom: 0.5rem; }
.nnviz-stack button { font: inherit; color: inherit; cursor: pointer; background: var(--nnviz-panel);
  border: 1px solid var(--nnviz-grid); border-radius: 0.4rem; padding: 0.2rem 0.6rem; min-height: 1.9rem; }
.nnviz-stack button:focus-visible, .nnviz-stack textarea:focus-visible { outline: 2px solid var(--nnviz-density); }
.nnviz-stack .desk { display: grid; grid-template-columns: 2.2rem minmax(0, 1.2fr) minmax(0, 1fr);
  border: 1px solid var(--nnviz-grid); border-radius: 0.5rem; max-height: 62vh; overflow: auto; }
.nnviz-stack .desk > * { font-family: var(--st-code-font, monospace); font-size: 17px; line-height: ${LINE}px; padding: 0.4rem 0; }
@media (max-width: 1100px) { .nnviz-stack .desk > * { font-size: 16px; } }
.nnviz-stack textarea { color: inherit; background: var(--nnviz-panel); border: 0; resize: none; white-space: pre;
  overflow-x: auto; overflow-y: hidden; padding-left: 0.5rem !important; width: 100%; box-sizing: border-box; }
.nnviz-stack .numbers { text-align: right; padding-right: 0.4rem !important; color: var(--nnviz-muted); user-select: none; }
.nnviz-stack .answer { height: ${LINE}px; display: flex; gap: 0.8rem; align-items: center; padding: 0 0.7rem; white-space: nowrap; position: relative; overflow: hidden; }
.nnviz-stack .answer .share { position: absolute; inset: 3px auto 3px 0; background: var(--nnviz-alive); z-index: 0; }
.nnviz-stack .answer > span { z-index: 1; }
.nnviz-stack .count { color: var(--nnviz-muted); margin-left: auto; }
.nnviz-stack .bad { color: var(--nnviz-danger); font-weight: 600; }
.nnviz-stack .idle { color: var(--nnviz-muted); }
.nnviz-stack .told { margin-top: 0.5rem; font-size: 1.1rem; line-height: 1.4; min-height: 1.5em; }
`;

class LayerStack extends Picture {
  constructor(host) {
    super(host);
    this.root.classList.add("nnviz-stack");
    this.text = element("textarea", { spellcheck: "false", "aria-label": "Layers", autocapitalize: "off", autocomplete: "off" });
    this.text.addEventListener("input", () => this.later());
    this.text.addEventListener("blur", () => this.tell());
    this.examples = element("div", { class: "examples" });
    this.numbers = element("div", { class: "numbers", "aria-hidden": "true" });
    this.answers = element("div", { style: "overflow-x:auto" });
    this.told = element("div", { class: "told", role: "status" });
    this.root.append(
      element("style", {}, STYLE), this.examples,
      element("div", { class: "desk" }, this.numbers, this.text, this.answers), this.told,
    );
  }

  later() {
    clearTimeout(this.timer);
    this.layout();
    this.timer = setTimeout(() => this.tell(), WAIT);
  }

  tell() {
    clearTimeout(this.timer);
    if (this.text.value === this.sent) return;
    this.sent = this.text.value;
    this.set({ text: this.sent });
  }

  draw() {
    const { facts } = this;
    this.text.maxLength = facts.most;
    const isAhead = this.sent !== undefined && this.text.value !== facts.text && document.activeElement === this.text;
    if (!isAhead) {
      this.text.value = facts.text;
      this.sent = facts.text;
    }
    this.examples.replaceChildren(...facts.examples.map(([name, text, shape]) => {
      const button = element("button", { type: "button" }, name);
      button.addEventListener("click", () => {
        this.text.value = this.sent = text;
        this.set({ text, shape });
      });
      return button;
    }));
    this.layout();
    this.answer();
  }

  layout() {
    const n = Math.max(4, this.text.value.split("\n").length);
    this.text.style.height = `${n * LINE + 16}px`;
    this.numbers.replaceChildren(...Array.from({ length: n }, (_, k) => element("div", {}, String(k + 1))));
  }

  answer() {
    const { facts } = this;
    const n = Math.max(4, facts.text.split("\n").length);
    const most = Math.max(1, ...facts.lines.map(({ parameters }) => parameters ?? 0));
    const rows = Array.from({ length: n }, () => element("div", { class: "answer" }));
    const put = (line, ...children) => rows[Math.min(Math.max(line, 1), n) - 1].replaceChildren(...children);
    if (facts.reason) put(facts.at || 1, element("span", { class: "bad" }, "✕ can't be read"));
    const first = Math.min(...facts.lines.map(({ line }) => line));
    if (facts.lines.length && first > 1) put(first - 1, element("span", { class: "idle" }, told(facts.arrives)));
    for (const { line, output, parameters, reason } of facts.lines) {
      if (reason) put(line, element("span", { class: "bad" }, "✕ does not fit"));
      else if (!output) put(line, element("span", { class: "idle" }, "·"));
      else {
        put(line, element("span", { class: "share", style: `width:${(100 * parameters) / most}%` }),
          element("span", {}, `→ ${told(output)}`),
          element("span", { class: "count" }, parameters ? parameters.toLocaleString("en") : ""));
      }
    }
    this.answers.replaceChildren(...rows);
    const wrong = facts.lines.find(({ reason }) => reason);
    this.told.className = `told${facts.reason || wrong ? " bad" : ""}`;
    this.told.textContent = facts.reason ? `Line ${facts.at}: ${facts.reason}`
      : wrong ? `Line ${wrong.line}: ${wrong.reason}`
      : facts.output ? `All fits: ${told(facts.arrives)} → ${told(facts.output)}, ${facts.total.toLocaleString("en")} parameters` : "";
  }
}

function told(shape) {
  return `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
}

export default (component) => mounted(component, LayerStack);
