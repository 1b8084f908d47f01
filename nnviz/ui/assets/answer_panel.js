// answer_panel.js: the panel of a question: the input, test points to pick, the answer, the mode.

import { AnswerBars } from "./answer_bars.js";
import { AnswerPoints } from "./answer_points.js";
import { ImageInput, VolumeInput } from "./answer_image.js";
import { PlaneInput } from "./answer_plane.js";
import { SignalInput } from "./answer_signal.js";
import { TableInput } from "./answer_table.js";
import { TokensInput } from "./answer_tokens.js";
import { node } from "./panel.js";

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./answer.css", import.meta.url);
document.head.append(style);

const INPUTS = {
  plane: PlaneInput,
  table: TableInput,
  image: ImageInput,
  volume: VolumeInput,
  signal: SignalInput,
  tokens: TokensInput,
};
const MODES = {
  evaluation: [
    "eval()",
    "As it is used: BatchNorm takes running statistics, dropout is off.",
  ],
  alone: [
    "train(), alone",
    "This point alone: BatchNorm has one point for mean and variance; dropout drops.",
  ],
  batch: [
    "train(), in the next batch",
    "In place of the next batch's first sample: its statistics, the next step's masks.",
  ],
};

export class AnswerPanel {
  // `tool` is told what is chosen: choose(input), look(points), turn(mode), close().
  constructor(tool) {
    this.tool = tool;
    this.root = node("section", "nnviz-ask");
    this.root.setAttribute("aria-label", "Ask the network");
    const head = node("div", "nnviz-ask-head", this.root);
    node("strong", "", head).textContent = "Ask the network";
    this.modes(head);
    const close = node("button", "nnviz-ask-close", this.root);
    Object.assign(close, { type: "button", textContent: "×", title: "Close (Esc)" });
    close.setAttribute("aria-label", "Close");
    close.addEventListener("click", () => tool.close());
    this.body = node("div", "nnviz-ask-body", this.root);
    this.trouble = node("p", "nnviz-ask-trouble", this.root);
    this.trouble.role = "status";
    this.trouble.hidden = true;
  }

  modes(head) {
    const group = node("div", "nnviz-paces", head);
    group.role = "radiogroup";
    group.setAttribute("aria-label", "Mode");
    this.sentence = node("span", "nnviz-small nnviz-ask-mode", head);
    const buttons = Object.entries(MODES).map(([mode, [name]]) => {
      const made = node("button", "nnviz-pace", group);
      Object.assign(made, { type: "button", role: "radio", textContent: name });
      made.dataset.mode = mode;
      made.addEventListener("click", () => {
        this.tool.turn(mode);
        mark(mode);
      });
      return made;
    });
    const mark = (mode) => {
      for (const each of buttons) {
        each.setAttribute("aria-checked", String(each.dataset.mode === mode));
      }
      this.sentence.textContent = MODES[mode][1];
    };
    mark(this.tool.mode);
  }

  // The parts that the data need; the same data keep theirs.
  arrange(inputs) {
    if (this.inputs === inputs) return;
    this.clear();
    this.inputs = inputs;
    const { stage } = this.tool;
    const change = (values) => this.tool.choose({ values });
    this.input = new INPUTS[inputs.kind](this.body, inputs, change, stage, (point) =>
      this.tool.choose({ point }),
    );
    this.points = new AnswerPoints(this.body, inputs, this.tool);
    this.bars = new AnswerBars(this.body, inputs, stage.board);
  }

  list(listed, wanted) {
    this.points.show(listed, wanted);
  }

  // `x` is the input of the newest choice; a test point where `point` is given.
  choose(x, point) {
    this.points.mark(point);
    this.input.set(x);
  }

  answer(found) {
    this.refuse(found.refusal ? `torch refuses: ${found.refusal}` : "");
    this.bars.show(found);
    this.input.answer?.(found);
    this.root.dataset.step = found.step;
  }

  refuse(words) {
    this.trouble.hidden = !words;
    this.trouble.textContent = words;
  }

  clear() {
    this.input?.remove?.();
    this.body.replaceChildren();
    this.inputs = this.input = null;
  }

  remove() {
    this.clear();
    this.root.remove();
  }
}
