// transport.js: the buttons that steer a run, and their keys.

import { icon } from "./icons.js";
import { node } from "./panel.js";
import { write } from "./numbers.js";

const TYPED = "input, textarea, select, [contenteditable=true], [role=combobox], [role=listbox]";
const PRESSED = "button, a, summary, [role=button], [role=radio], [role=tab], [role=option]";
const BUTTONS = [
  ["back", "", "Back one step (B or ←).", "b"],
  ["step", "Step", "One update, then rest (S or →).", "s"],
  ["epoch", "Epoch", "To the end of this pass over the training set (E).", "e"],
  ["reset", "Reset", "Back to step 0 with the same initial weights (0).", "0"],
  ["seed", "New seed", "Other initial weights and another order of the batches (N).", "n"],
  ["undo", "", "Undo the last change: its settings and the run as it was (Ctrl+Z).", ""],
  ["redo", "", "Redo what was undone (Ctrl+Shift+Z).", ""],
];
const PACES = [
  ["1/s", "One update a second."],
  ["10/s", "Ten updates a second."],
  ["100/s", "A hundred updates a second."],
  ["20 s", "All steps in about 20 seconds, however fast the machine."],
  ["max", "As fast as the machine goes."],
];

const settled = new WeakMap();
const fieldOf = (event) => event.composedPath()[0]?.closest?.("input, textarea");
const settle = (event) => {
  const field = fieldOf(event);
  if (field) settled.set(field, field.value);
};
addEventListener("focusin", settle, true);
addEventListener("change", settle, true);

// Ctrl+Z takes back what is being typed in a field, before it takes back a change.
function isTyping(event) {
  const field = fieldOf(event);
  return field && settled.has(field) && settled.get(field) !== field.value;
}

export class Transport {
  constructor(host, send) {
    this.send = send;
    this.root = node("div", "nnviz-transport", host);
    this.root.role = "toolbar";
    this.root.setAttribute("aria-label", "Training");
    this.main = this.button("train", "Train", "");
    this.main.classList.add("nnviz-primary");
    this.mainIcon = node("span", "nnviz-icon");
    this.main.prepend(this.mainIcon);
    this.buttons = Object.fromEntries(BUTTONS.map((asked) => [asked[0], this.button(...asked)]));
    this.paces = node("div", "nnviz-paces", this.root);
    this.paces.role = "radiogroup";
    this.paces.setAttribute("aria-label", "Speed");
    for (const [name, help] of PACES) this.pace(name, help);
    this.extra = node("div", "nnviz-extra", this.root);
    this.onkey = (event) => this.key(event);
    addEventListener("keydown", this.onkey, true);
  }

  button(name, label, help) {
    const made = node("button", "nnviz-button", this.root);
    made.type = "button";
    made.dataset.do = name;
    made.title = help;
    made.setAttribute("aria-label", label || help);
    if (name !== "train") made.append(icon(name));
    made.words = node("span", "nnviz-label", made);
    made.words.textContent = label;
    made.disabled = true;
    made.addEventListener("click", () => this.press(made.dataset.do));
    return made;
  }

  pace(name, help) {
    const made = node("button", "nnviz-pace", this.paces);
    made.type = "button";
    made.role = "radio";
    made.textContent = name;
    made.title = help;
    made.addEventListener("click", () => this.send({ do: "pace", pace: name }));
  }

  press(name) {
    this.send({ do: name });
  }

  key(event) {
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && key === "z") {
      if (isTyping(event)) return;
      this.use(event, event.shiftKey ? "redo" : "undo");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    if (target.closest?.(TYPED) || (key === " " && target.closest?.(PRESSED))) return;
    if (key === " ") return this.use(event, this.main.dataset.do);
    const known = BUTTONS.find(([, , , own]) => own && own === key);
    if (known && !event.repeat) this.use(event, known[0]);
  }

  use(event, name) {
    const button = name === this.main.dataset.do ? this.main : this.buttons[name];
    event.preventDefault();
    event.stopImmediatePropagation();
    if (button && !button.disabled) this.press(name);
  }

  show(state) {
    const { status, until, target, n_steps: nSteps, may_steer: may } = state;
    const running = status === "running";
    const over = status === "diverged";
    const atEnd = target > 0 && target <= until;
    const many = nSteps.toLocaleString("en");
    const doing = running ? "pause" : "train";
    if (this.main.dataset.do !== doing || !this.mainIcon.firstChild) {
      this.main.dataset.do = doing;
      this.mainIcon.replaceChildren(icon(running ? "pause" : "play"));
    }
    const name = running ? "Pause" : atEnd ? `Train ${many} more` : "Train";
    write(this.main.words, name);
    this.main.setAttribute("aria-label", name);
    this.main.title = running
      ? "Rest at this step (space)."
      : atEnd
        ? `Go on for another ${many} steps (space).`
        : `Train to step ${Math.max(target, 1).toLocaleString("en")} (space).`;
    this.main.disabled = !may || (over && !running);
    const shown = state.position ?? until;
    const allowed = {
      back: !running && shown > 0,
      step: !over,
      epoch: !over,
      reset: true,
      seed: true,
      undo: state.can_undo,
      redo: state.can_redo,
    };
    for (const [doing, can] of Object.entries(allowed)) this.buttons[doing].disabled = !may || !can;
    for (const pace of this.paces.children) {
      pace.setAttribute("aria-checked", String(pace.textContent === state.pace));
      pace.disabled = !may;
    }
  }

  remove() {
    removeEventListener("keydown", this.onkey, true);
  }
}
