// inside.js: one update under the glass: forward, loss, backward, update.

import { InsideArithmetic } from "./inside_arithmetic.js";
import { InsideBar } from "./inside_bar.js";
import { InsidePicture } from "./inside_picture.js";
import { InsideTime } from "./inside_time.js";
import { write } from "./numbers.js";
import { node } from "./panel.js";

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./inside.css", import.meta.url);
document.head.append(style);

const LENS =
  "M10 3a7 7 0 1 0 4.2 12.6l5 5 1.4-1.4-5-5A7 7 0 0 0 10 3zm0 2a5 5 0 1 1 0 10 5 5 0 0 1 0-10zm-.8 2v2.2H7v1.6h2.2V13h1.6v-2.2H13V9.2h-2.2V7z";
const HEADER = 56; // pixels of Streamlit's own bar
const GAPS = 40;
const LOWEST = 320;
const AGAIN = 60; // milliseconds after which a question that gave way is put again
const TYPED = "input:not([type=range]), textarea, select, [contenteditable=true], [role=slider]";
const ELSEWHERE = "[role=radiogroup], [role=listbox], [role=combobox], .nnviz-scrubber";

function lens() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", LENS);
  svg.append(path);
  return svg;
}

export class Inside {
  constructor(stage) {
    this.stage = stage;
    this.chosen = {};
    this.button = node("button", "nnviz-button nnviz-inside-button");
    stage.transport.extra.prepend(this.button);
    this.button.type = "button";
    this.button.dataset.do = "inside";
    this.button.title = "Take one update apart, number by number (I).";
    this.button.setAttribute("aria-label", "Look inside");
    this.button.append(lens());
    node("span", "nnviz-label", this.button).textContent = "Look inside";
    this.button.addEventListener("click", () => this.toggle());
    this.onkey = (event) => this.key(event);
    addEventListener("keydown", this.onkey, true);
  }

  get isOpen() {
    return Boolean(this.root);
  }

  get isLooping() {
    return this.stage.component.data.opens === "inside";
  }

  // How the run stands, and the facts of what is shown.
  show(state, facts) {
    this.button.disabled = !facts;
    if (!facts) return;
    const rests = state.status !== "running";
    if (this.isLooping && !this.begun) this.wanted = this.begun = true;
    if (this.wanted && rests) this.open();
    if (!this.isOpen) return;
    this.root.classList.toggle("nnviz-inside-going", !rests);
    if (!rests) return this.wait();
    const place = `${state.path}/${facts.step}/${facts.data}`;
    if (place !== this.place) this.follow(place);
    else if (this.answer) this.say(this.answer.told[this.time.now.phase]);
  }

  // A single step is over before it could be told.
  wait() {
    if (this.stepping) return;
    this.time.rest();
    this.say("The run is going: pause it to look inside its next update.");
  }

  // Another update: the same unit of it, and the sample that the numbers choose.
  follow(place) {
    const isFirst = !this.place || place.split("/")[0] !== this.place.split("/")[0];
    this.place = place;
    if (isFirst) this.chosen = this.aim ?? {};
    this.aim = undefined;
    const sample = this.chosen.sample === "batch" ? "batch" : undefined;
    this.ask({ sample }, isFirst || this.stepping);
    this.stepping = false;
  }

  // Open at this unit, or at this weight of it.
  lookAt({ layer, unit, from }) {
    const weight = from === undefined ? {} : { of: "weight", source: from };
    this.aim = { layer, unit, ...weight };
    this.toggle();
  }

  toggle() {
    if (this.isOpen) return this.close();
    this.wanted = true;
    if (this.stage.state?.status === "running") this.stage.feed.send({ do: "pause" });
    else this.show(this.stage.state, this.stage.facts);
  }

  open() {
    this.wanted = false;
    if (this.isOpen) return;
    const { board, words, root } = this.stage;
    this.root = node("section", "nnviz-inside");
    this.root.setAttribute("aria-label", "One update under the glass");
    this.root.classList.toggle("nnviz-inside-loop", this.isLooping);
    root.insertBefore(this.root, board.root);
    board.root.hidden = words.hidden = true;
    this.time = new InsideTime((time) => this.draw(time), this.isLooping);
    this.bar = new InsideBar(this.root, this);
    this.told = this.bar.told;
    this.body = node("div", "nnviz-inside-body", this.root);
    this.picture = new InsidePicture(this.body, this);
    this.arithmetic = new InsideArithmetic(this.body, (row) => this.ask(row));
    this.button.setAttribute("aria-pressed", "true");
    this.say("Taking the next update apart …");
    if (this.isLooping) return;
    this.sizes = new ResizeObserver(() => this.fit());
    for (const part of [document.documentElement, this.stage.bar, this.bar.root]) this.sizes.observe(part);
    this.fit();
    root.scrollIntoView({ block: "start" });
    this.bar.play.focus({ preventScroll: true });
  }

  // As tall as what the window has below the bars.
  fit() {
    const above = HEADER + this.stage.bar.offsetHeight + this.bar.root.offsetHeight + GAPS;
    this.body.style.height = `${Math.max(innerHeight - above, LOWEST)}px`;
  }

  close() {
    this.wanted = false;
    if (!this.isOpen) return;
    const { board, words } = this.stage;
    this.time.rest();
    this.sizes?.disconnect();
    this.picture.remove();
    this.root.remove();
    board.root.hidden = words.hidden = false;
    this.root = this.answer = this.place = undefined;
    this.button.setAttribute("aria-pressed", "false");
    if (!this.isLooping) this.button.focus({ preventScroll: true });
  }

  // Ask for another sample, unit or parameter of the update that is shown.
  async ask(change, isNew = false) {
    this.chosen = { ...this.chosen, ...change };
    const question = { ask: "inside", step: this.stage.facts.step, ...this.chosen };
    const place = this.place;
    const mine = (this.asked = {});
    let answer;
    try {
      answer = await this.stage.asked.put(question);
    } catch (error) {
      if (this.isOpen && place === this.place) this.refuse(error.message);
      return;
    }
    if (!this.isOpen || place !== this.place || mine !== this.asked) return;
    if (!answer) return setTimeout(() => mine === this.asked && this.ask({}, isNew), AGAIN);
    if (answer.refused) this.refuse(answer.refused);
    else this.take(answer, isNew);
  }

  take(answer, isNew) {
    const { layer, unit, of, source } = answer.focus;
    this.chosen = { sample: answer.sample ?? "batch", layer, unit, of, source };
    this.answer = answer;
    this.root.classList.remove("nnviz-inside-refused");
    this.root.dataset.step = answer.step;
    this.time.begin(answer.columns.length, isNew);
    this.bar.show(answer);
    this.picture.show(answer);
    this.draw(this.time);
  }

  refuse(words) {
    this.answer = undefined;
    this.time.rest();
    this.root.classList.add("nnviz-inside-refused");
    this.say(words);
  }

  say(words) {
    write(this.told, words);
  }

  // Everything at the present moment of the update.
  draw(time) {
    if (!this.answer) return;
    const { phase } = time.now;
    this.root.dataset.phase = phase;
    this.say(this.answer.told[phase]);
    this.bar.move(time);
    this.picture.paint(time);
    this.arithmetic.show(this.answer, time);
  }

  // The next update: a step of the run, or the next one of those that it has passed.
  step() {
    const { state, facts, feed } = this.stage;
    this.stepping = true;
    if (state.position === null || facts.step >= state.until) feed.send({ do: "step" });
    else feed.send({ do: "point", step: facts.step + 1 });
  }

  // The unit above or below in its column.
  move(by) {
    const { columns, focus } = this.answer;
    const { units } = columns[focus.column];
    const unit = units[units.indexOf(focus.unit) + by];
    if (unit !== undefined) this.ask({ unit, of: undefined, source: undefined });
  }

  // Another sample, the first after the last.
  turn(by) {
    const { sample, losses_B: losses } = this.answer;
    const next = ((sample ?? (by > 0 ? -1 : 0)) + by + losses.length) % losses.length;
    this.ask({ sample: next });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    if (target.closest?.(TYPED) || target.closest?.(ELSEWHERE)) return;
    const key = event.key.toLowerCase();
    if (key === "i" && !event.repeat && !this.button.disabled) return this.use(event, () => this.toggle());
    if (!this.isOpen || this.isLooping) return;
    if (key === "escape") return this.use(event, () => this.close());
    if (!this.answer) return;
    const turns = { arrowleft: -1, arrowright: 1 };
    const moves = { arrowup: -1, arrowdown: 1 };
    if (turns[key]) this.use(event, () => this.time.turn(turns[key]));
    if (moves[key]) this.use(event, () => this.move(moves[key]));
  }

  use(event, act) {
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }

  // A point of a chart, or a unit or weight of the network: the glass has its own picture of it.
  pick() {}

  remove() {
    removeEventListener("keydown", this.onkey, true);
    this.close();
    this.button.remove();
  }
}
