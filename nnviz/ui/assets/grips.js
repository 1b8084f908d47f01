// grips.js: handles on a chart that the reader drags; what he sets is sent as fast as it is answered.

import { drawn, written } from "./scene.js";

const PATIENCE = 1200; // milliseconds after which an answer is no longer waited for
const RADIUS = 9;
const CLASS = { x: "ew-resize", y: "ns-resize", xy: "move" };

export class Grips {
  // `send(settings)` takes what was set by name.
  constructor(frame, send) {
    this.send = send;
    this.svg = drawn("svg", { class: "nnviz-grips" });
    frame.append(this.svg);
    this.held = new Map(); // name → value that the reader gave and the page has not drawn yet
    this.made = new Map();
  }

  draw(grips, plot, colors) {
    this.plot = plot;
    if (this.answered) clearTimeout(this.answered);
    this.answered = undefined;
    if (!this.dragged && !this.pending) this.held.clear();
    const names = new Set(grips.map(({ name }) => name));
    for (const [name, made] of this.made) {
      if (names.has(name)) continue;
      made.remove();
      this.made.delete(name);
    }
    for (const grip of grips) this.place(grip, colors);
    if (this.pending) this.tell();
  }

  place(grip, colors) {
    const made = this.made.get(grip.name) ?? this.make(grip.name);
    made.grip = grip;
    const place = this.placeOf(grip);
    made.style.setProperty("--grip", colors[grip.color] ?? "#888888");
    made.setAttribute("style", `${made.getAttribute("style")};cursor:${CLASS[grip.moves]}`);
    this.move(made, place);
  }

  // The reader zoomed the chart.
  follow() {
    for (const made of this.made.values()) this.move(made, this.placeOf(made.grip));
  }

  // Along an axis that it does not move on, a grip follows the data.
  placeOf(grip) {
    const [x, y] = this.held.get(grip.name) ?? [grip.x, grip.y];
    return [grip.moves.includes("x") ? x : grip.x, grip.moves.includes("y") ? y : grip.y];
  }

  make(name) {
    const made = drawn("g", { class: "nnviz-grip", tabindex: 0, role: "slider" });
    made.line = drawn("line", {});
    made.ring = drawn("circle", { r: RADIUS });
    made.words = drawn("text", {});
    made.append(made.line, made.ring, made.words);
    made.addEventListener("pointerdown", (event) => this.start(event, made));
    made.addEventListener("pointermove", (event) => this.drag(event, made));
    for (const end of ["pointerup", "pointercancel"]) made.addEventListener(end, () => this.end(made));
    made.addEventListener("keydown", (event) => this.key(event, made));
    this.svg.append(made);
    this.made.set(name, made);
    return made;
  }

  axes({ axes: [x, y] }) {
    const layout = this.plot._fullLayout;
    return [layout[x.replace("x", "xaxis")], layout[y.replace("y", "yaxis")]];
  }

  move(made, [x, y]) {
    const { grip } = made;
    const [across, along] = this.axes(grip);
    made.toggleAttribute("hidden", !across || !along);
    if (!across || !along) return;
    const middle = (axis) => axis._offset + axis._length / 2;
    const cx = x === null ? middle(across) : across._offset + across.d2p(x);
    const cy = y === null ? middle(along) : along._offset + along.d2p(y);
    const ends = { x1: cx, x2: cx, y1: cy, y2: cy };
    if (y === null) Object.assign(ends, { y1: along._offset, y2: along._offset + along._length });
    if (x === null) Object.assign(ends, { x1: across._offset, x2: across._offset + across._length });
    for (const [name, value] of Object.entries(ends)) made.line.setAttribute(name, value);
    made.ring.setAttribute("cx", cx);
    made.ring.setAttribute("cy", cy);
    const value = grip.moves === "y" ? y : x;
    const told = typeof value === "number" ? written(value, this.digits(grip)) : String(value);
    const right = cx > across._offset + across._length * 0.7;
    made.words.setAttribute("x", cx + (right ? -RADIUS - 5 : RADIUS + 5));
    made.words.setAttribute("y", y === null ? cy - RADIUS - 4 : cy - 6);
    made.words.setAttribute("text-anchor", right ? "end" : "start");
    made.words.textContent = grip.label.replace("{}", told);
    made.setAttribute("aria-label", grip.label.replace("{}", "").trim() || grip.name);
    made.setAttribute("aria-valuetext", told);
    made.setAttribute("aria-valuenow", typeof value === "number" ? value : 0);
  }

  digits({ step, low, high }) {
    const fine = step || (high - low) / 200;
    return Math.max(0, Math.min(4, Math.ceil(-Math.log10(fine) - 1e-9)));
  }

  start(event, made) {
    event.preventDefault();
    event.stopPropagation();
    made.setPointerCapture(event.pointerId);
    made.focus({ preventScroll: true });
    this.dragged = made;
  }

  drag(event, made) {
    if (this.dragged !== made) return;
    const box = this.svg.getBoundingClientRect();
    const { grip } = made;
    const [across, along] = this.axes(grip);
    const x = across.p2d(event.clientX - box.left - across._offset);
    const y = along.p2d(event.clientY - box.top - along._offset);
    this.hold(made, grip.moves.includes("x") ? x : grip.x, grip.moves.includes("y") ? y : grip.y);
  }

  hold(made, x, y) {
    const { grip } = made;
    const kept = (value) => {
      const bounded = Math.min(Math.max(value, grip.low), grip.high);
      if (!grip.step) return Number(bounded.toPrecision(6));
      return Number((Math.round(bounded / grip.step) * grip.step).toFixed(6));
    };
    const place = [grip.moves.includes("x") ? kept(x) : x, grip.moves.includes("y") ? kept(y) : y];
    const before = this.placeOf(grip);
    if (place[0] === before[0] && place[1] === before[1]) return;
    this.held.set(grip.name, place);
    this.move(made, place);
    const value = grip.moves === "xy" ? place : place[grip.moves === "x" ? 0 : 1];
    this.pending = { ...this.pending, [grip.name]: value };
    this.tell();
  }

  // One question at a time; the newest value goes when the last one was drawn.
  tell() {
    if (this.answered || !this.pending) return;
    this.answered = setTimeout(() => {
      this.answered = undefined;
      if (!this.dragged && !this.pending) this.held.clear();
      this.tell();
    }, PATIENCE);
    const { pending } = this;
    this.pending = undefined;
    this.send(pending);
  }

  end(made) {
    if (this.dragged === made) this.dragged = undefined;
  }

  key(event, made) {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const { grip } = made;
    const step = by * (grip.step || (grip.high - grip.low) / 50);
    const [x, y] = this.placeOf(grip);
    const upright = grip.moves === "y" || (grip.moves === "xy" && event.key.match(/Up|Down/));
    this.hold(made, upright ? x : x + step, upright ? y + step : y);
  }

  remove() {
    clearTimeout(this.answered);
    this.svg.remove();
  }
}
