// answer.js: asking the network about one input that the reader chooses, at the step that is shown.

import { AnswerPanel } from "./answer_panel.js";
import { node } from "./panel.js";

const PACE = 500; // milliseconds between two answers while the run goes on
const AGAIN = 80; // and until a question is put again that another one has overtaken
const TYPED = "input, textarea, select, [contenteditable=true], [role=radiogroup]";
const BUBBLE = "M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V5c0-1 1-2 2-2z";
const MARK = "m7 10v2h2v-2zm1-8a3.5 3.5 0 0 0-3.5 3.5h2a1.5 1.5 0 1 1 2.4 1.2c-1 .7-2 1.3-2 2.8";
const ICON = `${BUBBLE}${MARK}h2c0-1 .5-1.3 1.3-1.9A3.5 3.5 0 0 0 12 5z`;

export class Answer {
  constructor(stage) {
    this.stage = stage;
    this.mode = "evaluation";
    this.forget();
    this.makeButton();
    this.onkey = (event) => this.key(event);
    addEventListener("keydown", this.onkey);
  }

  makeButton() {
    const { extra } = this.stage.transport;
    this.button = node("button", "nnviz-button");
    this.button.type = "button";
    this.button.dataset.do = "ask";
    this.button.title = "Ask the network about one input (A)";
    this.button.setAttribute("aria-label", "Ask the network");
    this.button.setAttribute("aria-pressed", "false");
    this.button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICON}"/></svg>`;
    node("span", "nnviz-label", this.button).textContent = "Ask";
    this.button.addEventListener("click", () => this.toggle());
    extra.prepend(this.button);
  }

  // Other data: other inputs.
  forget() {
    this.inputs = this.listed = this.lit = null;
    this.chosen = { point: 0 };
    this.wanted = { near: 0, only_wrong: false };
    this.panel?.clear();
  }

  show(state, facts) {
    if (!facts) return;
    if (facts.data !== this.data) {
      this.data = facts.data;
      this.forget();
      this.askedStep = null;
    }
    if (!this.panel) return;
    this.light();
    const isNew = facts.step !== this.askedStep || state.path !== this.askedPath;
    const isStale = state.status !== "running" && this.listedStep !== facts.step;
    if (!isNew && !isStale) return;
    if (isStale) this.wanted ??= this.lastWanted;
    this.later(Math.max(0, this.askedAt + PACE - performance.now()));
  }

  later(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), milliseconds);
  }

  // A question is put at most once a while; another tool's may overtake it: then it is put again.
  async ask() {
    const { facts, state, asked } = this.stage;
    if (!this.panel || !facts) return;
    clearTimeout(this.timer);
    const [chosen, wanted] = [this.chosen, this.wanted];
    const question = { ask: "answer", step: facts.step, mode: this.mode, ...chosen, ...wanted };
    if (!this.inputs) question.about = true;
    [this.askedAt, this.askedStep, this.askedPath] = [performance.now(), facts.step, state.path];
    const [mine, data] = [(this.latest = {}), this.data];
    try {
      const found = await asked.put(question);
      if (found && data === this.data) this.take(found, question.step, chosen, wanted);
      else if (mine === this.latest) this.later(AGAIN);
    } catch (error) {
      this.panel?.refuse(error.message);
    }
  }

  take(found, step, chosen, wanted) {
    const { panel } = this;
    if (!panel) return;
    if (found.inputs) this.inputs = found.inputs;
    if (found.listed) {
      if (this.wanted === wanted) this.wanted = null;
      this.lastWanted = wanted;
      this.listedStep = step;
    }
    if (!this.inputs) return;
    panel.arrange(this.inputs);
    if (found.listed) panel.list(found.listed, wanted);
    if (chosen === this.chosen) panel.choose(found.x, chosen.point);
    panel.answer(found);
    const { low_F: low, high_F: high } = this.inputs;
    const { x, blocks } = found;
    this.lit = found.refusal ? null : { x, blocks, range: [low[0], high[0]] };
    this.show(this.stage.state, this.stage.facts); // the run may have gone on
  }

  light() {
    this.stage.board.views.get("network")?.picture?.lightUp(this.panel ? this.lit : null);
  }

  choose(chosen) {
    this.chosen = chosen;
    this.ask();
  }

  look(wanted) {
    this.wanted = wanted;
    this.ask();
  }

  turn(mode) {
    this.mode = mode;
    this.ask();
  }

  open(point) {
    if (point !== undefined) this.chosen = { point };
    if (!this.panel) {
      this.wanted = this.lastWanted ?? { near: 0, only_wrong: false };
      this.panel = new AnswerPanel(this);
      this.stage.root.insertBefore(this.panel.root, this.stage.board.root);
      this.button.setAttribute("aria-pressed", "true");
    }
    if (point !== undefined) this.wanted = { ...(this.wanted ?? this.lastWanted), near: point };
    this.ask();
  }

  close() {
    if (!this.panel) return;
    clearTimeout(this.timer);
    this.panel.remove();
    this.panel = null;
    this.light();
    this.button.setAttribute("aria-pressed", "false");
  }

  // Where another tool has taken the place of the charts, it gives way.
  toggle() {
    const other = this.stage.tools.find((tool) => tool !== this && tool.isOpen);
    other?.close();
    if (this.panel && !other) this.close();
    else this.open();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape") return this.close();
    if (event.composedPath()[0].closest?.(TYPED)) return;
    if (event.key.toLowerCase() === "a") this.toggle();
  }

  // A test point in the plane, or one that is answered wrongly.
  pick(panel, point) {
    const index = panel === "wrong" ? this.mistake(point) : this.testPoint(panel, point);
    if (index !== undefined) this.open(index);
  }

  testPoint(panel, { data, pointIndex }) {
    return panel === "answer" && data?.name === "test" ? pointIndex : undefined;
  }

  // The label over the click, in its column: labels carry the numbers of their test points.
  mistake({ x, y }) {
    const traces = this.stage.board.views.get("wrong")?.panel?.traces ?? [];
    const labels = traces.find(({ mode, customdata }) => mode === "text" && customdata);
    if (!labels) return undefined;
    let [best, least] = [undefined, [Infinity, Infinity]];
    for (let place = 0; place < labels.x.length; place++) {
      const [aside, above] = [Math.abs(labels.x[place] - x), labels.y[place] - y];
      if (above < -0.01 || aside > least[0] || (aside === least[0] && above > least[1])) continue;
      [best, least] = [labels.customdata[place], [aside, above]];
    }
    return best;
  }

  remove() {
    this.close();
    removeEventListener("keydown", this.onkey);
    this.button.remove();
  }
}
