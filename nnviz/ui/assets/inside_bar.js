// inside_bar.js: what steers the glass: phases, playing, the sample, the next step.

import { icon } from "./icons.js";
import { node } from "./panel.js";

const PHASES = [
  ["forward", "Forward", "From the input to the answer."],
  ["loss", "Loss", "How wrong the answer is."],
  ["backward", "Backward", "Whose fault it is: gradients from the loss back to the weights."],
  ["update", "Update", "What the optimizer makes of the gradients."],
];
const FINE = 100; // places of the slider in a moment

export class InsideBar {
  constructor(host, inside) {
    this.inside = inside;
    this.root = node("div", "nnviz-inside-head", host);
    this.bar = node("div", "nnviz-inside-bar", this.root);
    this.bar.role = "toolbar";
    this.bar.setAttribute("aria-label", "One update");
    const chips = node("div", "nnviz-paces", this.bar);
    this.chips = PHASES.map(([phase, label, help], place) => {
      const chip = node("button", "nnviz-pace", chips);
      Object.assign(chip, { type: "button", title: help });
      chip.dataset.phase = phase;
      node("span", "nnviz-inside-wide", chip).textContent = `${place + 1} `;
      chip.append(label);
      chip.addEventListener("click", () => inside.answer && inside.time.visit(phase));
      return chip;
    });
    this.play = this.button("", "Play (space)", () => inside.answer && inside.time.toggle());
    this.play.dataset.inside = "play";
    this.slide();
    this.samples();
    this.next = this.button("Take this step", "The next update of the run.", () => inside.step());
    this.next.dataset.inside = "step";
    this.next.prepend(icon("step"));
    const close = this.button("", "Back to the charts (Esc)", () => inside.close());
    close.dataset.inside = "close";
    close.textContent = "✕";
    this.told = node("p", "nnviz-inside-told", this.root);
    this.told.role = "status";
  }

  button(label, help, act) {
    const made = node("button", "nnviz-button", this.bar);
    Object.assign(made, { type: "button", title: help });
    made.setAttribute("aria-label", label || help);
    if (label) node("span", "", made).textContent = label;
    made.addEventListener("click", act);
    return made;
  }

  slide() {
    const { time } = this.inside;
    this.range = node("input", "nnviz-range nnviz-inside-range", this.bar);
    Object.assign(this.range, { type: "range", min: 0, step: 1, value: 0 });
    this.range.setAttribute("aria-label", "Moment of the update (arrow keys)");
    this.range.addEventListener("input", () => time.go(this.range.valueAsNumber / FINE));
  }

  samples() {
    const { inside } = this;
    const box = node("div", "nnviz-inside-samples", this.bar);
    const small = (label, help, act) => {
      const made = node("button", "nnviz-button", box);
      Object.assign(made, { type: "button", title: help, textContent: label });
      made.addEventListener("click", () => inside.answer && act());
      return made;
    };
    const before = small("‹", "The sample before", () => inside.turn(-1));
    before.setAttribute("aria-label", "The sample before");
    this.sample = node("span", "nnviz-inside-sample", box);
    const after = small("›", "The next sample", () => inside.turn(1));
    after.setAttribute("aria-label", "The next sample");
    this.batch = small("All", "The whole batch: means over it; gradients in sum.", () =>
      inside.ask({ sample: inside.answer.sample === null ? undefined : "batch" }),
    );
    this.batch.setAttribute("aria-label", "Whole batch");
    this.batch.replaceChildren();
    node("span", "nnviz-inside-wide", this.batch).textContent = "Whole batch";
    node("span", "nnviz-inside-narrow", this.batch).textContent = "All";
    this.batch.dataset.inside = "batch";
  }

  show({ sample, losses_B: losses, wrong_B: wrong, step }) {
    const many = losses.length;
    const isWrong = sample !== null && wrong?.[sample];
    const mark = sample === null || !wrong ? "" : isWrong ? " ✗ wrong" : " ✓ right";
    const isAll = sample === null;
    this.sample.replaceChildren();
    if (!isAll) node("span", "nnviz-inside-wide", this.sample).textContent = "sample ";
    this.sample.append(isAll ? `all ${many} samples` : `${sample + 1} of ${many}${mark}`);
    this.sample.dataset.wrong = Boolean(isWrong);
    this.batch.setAttribute("aria-pressed", String(sample === null));
    this.next.title = `Update ${(step + 1).toLocaleString("en")} becomes part of the run; then the next one is shown.`;
  }

  move(time) {
    const { phase } = time.now;
    for (const chip of this.chips) chip.setAttribute("aria-checked", String(chip.dataset.phase === phase));
    this.range.max = time.end * FINE;
    this.range.value = time.at * FINE;
    const doing = time.isPlaying ? "pause" : "play";
    if (this.play.dataset.shown === doing) return;
    this.play.dataset.shown = doing;
    this.play.replaceChildren(icon(doing));
    this.play.setAttribute("aria-label", doing === "play" ? "Play the update" : "Pause the update");
  }
}
