// scrubber.js: a slider over the steps of a run that leaves the thumb to the reader.

import { node } from "./panel.js";
import { write } from "./numbers.js";

const THROTTLE = 80;
const NEAR = 0.75; // pixels at which a dragged thumb stops at a step that was kept
const TRUST = 1500; // milliseconds the reader's own choice outlives an older answer of the server
const REPLAY = { "20 s": 20, max: 4 }; // seconds for the whole history; other paces are steps a second
const REPLAY_FRAMES = 200;
const words = (step) => step.toLocaleString("en");

export class Scrubber {
  constructor(host, send) {
    this.send = send;
    this.steps = [];
    this.root = node("div", "nnviz-scrubber", host);
    const track = node("div", "nnviz-track", this.root);
    this.range = node("input", "nnviz-range", track);
    Object.assign(this.range, { type: "range", min: 0, step: 1, disabled: true });
    this.range.setAttribute("aria-label", "Step of the run");
    this.mark = node("span", "nnviz-broken", track);
    const told = node("div", "nnviz-told", this.root);
    this.label = node("output", "nnviz-step", told);
    this.label.setAttribute("aria-live", "off");
    this.note = node("span", "nnviz-note", told);
    this.replayed = this.button("Replay", "Play the history again at the chosen speed", () => this.replay());
    this.live = this.button("Live", "Follow the newest step", () => this.choose(null));
    this.range.addEventListener("pointerdown", () => (this.held = true));
    this.range.addEventListener("pointerup", () => (this.held = false));
    this.range.addEventListener("pointercancel", () => (this.held = false));
    this.range.addEventListener("input", () => this.choose(this.wished()));
    this.range.addEventListener("keydown", (event) => this.page(event));
  }

  button(text, help, press) {
    const made = node("button", "nnviz-button", this.root);
    made.type = "button";
    made.textContent = text;
    made.title = help;
    made.addEventListener("click", press);
    return made;
  }

  show({ steps, until, position, note, broken, status, pace }) {
    this.pace = pace;
    this.steps = steps ?? [];
    this.until = steps ? until : null;
    this.broken = broken;
    const answered = position === this.chosen || performance.now() - this.chosenAt > TRUST;
    if (this.chosen === undefined || (answered && !this.held)) {
      this.chosen = undefined;
      this.position = position;
    }
    if (status === "running" && this.playing) this.rest();
    this.replayed.disabled = status === "running" || this.steps.length < 3;
    write(this.note, note);
    this.draw();
    this.next?.();
  }

  // Dragged, the thumb prefers a step that is there to one that has to be computed.
  wished() {
    const step = this.range.valueAsNumber;
    if (!this.held) return step;
    const pixels = this.range.clientWidth / Math.max(this.until, 1);
    const before = this.steps[this.place(step)];
    const after = this.steps[Math.min(this.place(step) + 1, this.steps.length - 1)];
    const nearest = step - before <= after - step || after < step ? before : after;
    return Math.abs(nearest - step) * pixels <= NEAR ? nearest : step;
  }

  page(event) {
    const turn = { PageUp: 1, PageDown: -1 }[event.key];
    if (!turn || !this.steps.length) return;
    event.preventDefault();
    const now = this.position ?? this.until;
    const place = this.place(now);
    const behind = turn < 0 && this.steps[place] < now ? 0 : turn;
    this.choose(this.steps[Math.min(Math.max(place + behind, 0), this.steps.length - 1)]);
  }

  // One step forth or back of what is shown; false where there is none.
  turn(by) {
    const step = (this.position ?? this.until) + by;
    if (this.until === null || step < 0 || step > this.until) return false;
    this.choose(step);
    return true;
  }

  choose(step) {
    this.rest();
    this.go(step);
  }

  go(step) {
    this.position = this.chosen = step;
    this.chosenAt = performance.now();
    this.draw();
    this.timer ??= setTimeout(() => this.ask(), THROTTLE);
  }

  ask() {
    this.timer = undefined;
    this.chosenAt = performance.now();
    this.send({ do: "point", step: this.position });
  }

  // The history again, each frame when the last one stands.
  replay() {
    if (this.playing) return this.choose(null);
    const many = Math.min(this.steps.length, REPLAY_FRAMES);
    const chosen = Array.from({ length: many }, (_, place) =>
      this.steps[Math.round((place * (this.steps.length - 1)) / (many - 1))],
    );
    const last = chosen.at(-1) || 1;
    const speed = REPLAY[this.pace] ? last / REPLAY[this.pace] : parseFloat(this.pace);
    this.playing = true;
    this.replayed.textContent = "Stop";
    let [shown, since] = [0, performance.now()];
    const follow = () => {
      if (!this.playing) return;
      if (!chosen.length) return this.choose(null);
      this.next = undefined;
      const step = chosen.shift();
      const due = Math.max(since + (1000 * (step - shown)) / speed, performance.now());
      [shown, since] = [step, due];
      this.beat = setTimeout(() => {
        this.next = follow;
        this.go(step);
        clearTimeout(this.timer);
        this.ask();
      }, due - performance.now());
    };
    follow();
  }

  rest() {
    this.playing = false;
    this.next = undefined;
    clearTimeout(this.beat);
    this.replayed.textContent = "Replay";
  }

  // The newest kept step that is not after the wanted one.
  place(step) {
    const after = this.steps.findIndex((kept) => kept > step);
    return after < 0 ? this.steps.length - 1 : Math.max(after - 1, 0);
  }

  draw() {
    const { range } = this;
    const newest = this.until ?? 0;
    const live = this.position === null;
    const step = live ? newest : this.position;
    range.disabled = this.until === null;
    range.max = newest;
    range.value = step;
    const told = `step ${words(step ?? 0)} of ${words(newest)}`;
    write(this.label, told);
    range.setAttribute("aria-valuetext", told);
    this.live.setAttribute("aria-pressed", String(live));
    this.mark.hidden = this.broken === null || this.broken === undefined;
    if (this.mark.hidden) return;
    this.mark.style.setProperty("--at", newest ? Math.min(this.broken / newest, 1) : 1);
    this.mark.title = `first number that is not finite: step ${words(this.broken)}`;
  }
}
