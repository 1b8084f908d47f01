// memories.js: the gradient through time of several cells, moment by moment of their training.

import { drawn, element, mounted, Picture } from "./scene.js";
import { axes, INK, path, Player, room, short, text } from "./sequence_plot.js";

const TOP = 58;
const LEFT = 62;
const BOTTOM = 52;

class Memories extends Picture {
  draw() {
    const { lanes, updates } = this.facts;
    const kept = this.player && this.drawnFacts === this.facts ? this.player.moment : null;
    this.player?.rest();
    this.drawnFacts = this.facts;
    const height = room(345);
    const isNarrow = this.width < 560;
    const whole = isNarrow ? 2 * height : height;
    const size = { width: this.width, height: whole, style: "display:block;touch-action:pan-y" };
    this.svg = drawn("svg", { ...size, role: "img", "aria-label": "Gradient through time" });
    this.player = new Player(updates.length, (moment) => this.show(moment), (moment) => {
      return `after ${updates[moment]} of ${updates.at(-1)} updates`;
    });
    this.told = element("div", { style: "font-size:16px;min-height:1.6em", "aria-live": "polite" });
    this.root.replaceChildren(this.svg, this.player.root, this.told);
    const split = isNarrow ? this.width : Math.round(this.width * 0.62);
    const tall = height - TOP - BOTTOM;
    this.drawGradients(split - LEFT - 20, tall);
    if (isNarrow) this.drawLosses(LEFT, this.width - LEFT - 20, tall, height + TOP);
    else this.drawLosses(split + LEFT, this.width - split - LEFT - 16, tall, TOP);
    this.lines = lanes.flatMap((lane) => [
      this.line(lane, lane.state),
      ...(lane.carried ? [this.line(lane, lane.carried, "7 6")] : []),
    ]);
    this.legend();
    this.player.go(kept ?? 0);
    this.point(null);
  }

  drawGradients(width, height) {
    const { steps, low, high, label } = this.facts;
    this.gradients = axes({
      left: LEFT, top: TOP, width, height,
      x: { low: 1, high: steps, label: this.width < 560 ? "step" : "step of the row (the answer comes after the last)" },
      y: { low, high, label },
    });
    this.guide = drawn("line", { y1: TOP, y2: TOP + height, stroke: INK, opacity: 0 });
    const catcher = drawn("rect", { x: LEFT, y: TOP, width, height, fill: "transparent" });
    const stepAt = (event) => {
      const from = (event.clientX - this.svg.getBoundingClientRect().left - LEFT) / width;
      return Math.max(1, Math.min(steps, Math.round(1 + from * (steps - 1))));
    };
    catcher.onpointermove = (event) => this.point(stepAt(event));
    catcher.onpointerdown = catcher.onpointermove;
    catcher.onpointerleave = () => this.point(null);
    this.svg.append(this.gradients.group, this.guide, catcher);
  }

  drawLosses(left, width, height, top) {
    const { updates, lanes, baseline, lossLow, lossHigh } = this.facts;
    const losses = axes({
      left, top, width, height,
      x: { low: 0, high: updates.at(-1), label: "updates" },
      y: { low: lossLow, high: lossHigh, label: "loss on new rows" },
    });
    this.losses = losses;
    const level = losses.py(baseline);
    const row = { x1: left, x2: left + width, y1: level, y2: level, stroke: "var(--nnviz-guide)" };
    this.svg.append(losses.group, drawn("line", { ...row, "stroke-dasharray": "4 4" }));
    const halo = "paint-order:stroke;stroke:var(--st-background-color);stroke-width:5px";
    const note = { "text-anchor": "end", fill: "var(--nnviz-guide)", style: halo };
    for (const lane of lanes) {
      const points = updates.map((update, k) => [losses.px(update), losses.py(lane.loss[k])]);
      const style = { stroke: lane.color, "stroke-width": 2.5, fill: "none" };
      this.svg.append(drawn("path", { d: path(points), ...style }));
    }
    this.svg.append(text(left + width, level - 12, "always answering 1", note));
    this.now = drawn("line", { y1: top, y2: top + height, stroke: INK, "stroke-width": 2 });
    const grip = { x: left, y: top, width, height, fill: "transparent", cursor: "ew-resize" };
    const catcher = drawn("rect", { ...grip, style: "touch-action:none" });
    const follow = (event) => {
      const from = (event.clientX - this.svg.getBoundingClientRect().left - left) / width;
      this.player.go(Math.round(from * (updates.length - 1)));
    };
    catcher.onpointerdown = (event) => {
      catcher.setPointerCapture(event.pointerId);
      follow(event);
    };
    catcher.onpointermove = (event) => event.buttons && follow(event);
    this.svg.append(this.now, catcher);
  }

  line(lane, values, dash = "none") {
    const style = { stroke: lane.color, "stroke-width": 3, "stroke-dasharray": dash, fill: "none" };
    const mark = drawn("path", { ...style, "pointer-events": "none" });
    this.svg.append(mark);
    return { mark, values };
  }

  legend() {
    const entries = this.facts.lanes.flatMap((lane) => [
      [lane.name, lane.color, "none"],
      ...(lane.carried ? [[this.width < 560 ? "c" : "its cell state c", lane.color, "7 6"]] : []),
    ]);
    let x = this.width < 560 ? 6 : LEFT - 8;
    for (const [name, color, dash] of entries) {
      const stroke = { stroke: color, "stroke-width": 4, "stroke-dasharray": dash };
      this.svg.append(drawn("line", { x1: x, x2: x + 26, y1: 14, y2: 14, ...stroke }));
      const label = text(x + 33, 19, name);
      this.svg.append(label);
      x += 55 + label.getComputedTextLength();
    }
  }

  show(moment) {
    const { px, py } = this.gradients;
    for (const { mark, values } of this.lines) {
      const points = values[moment].map((value, t) => [px(t + 1), value === null ? null : py(value)]);
      mark.setAttribute("d", path(points));
    }
    const x = this.losses.px(this.facts.updates[moment]);
    this.now.setAttribute("x1", x);
    this.now.setAttribute("x2", x);
    this.tell();
  }

  point(step) {
    this.pointed = step;
    this.guide.setAttribute("opacity", step ? 0.5 : 0);
    if (step) {
      this.guide.setAttribute("x1", this.gradients.px(step));
      this.guide.setAttribute("x2", this.gradients.px(step));
    }
    this.tell();
  }

  tell() {
    if (!this.told) return;
    const { lanes, steps } = this.facts;
    const { pointed: step, player: { moment } } = this;
    const before = steps - (step ?? 1);
    const read = lanes.map((lane) => `${lane.name} ${short(lane.state[moment][(step ?? 1) - 1])}`);
    this.told.textContent = `At step ${step ?? 1}, ${before} before the last: ${read.join(" · ")}`;
  }
}

export default function memories(component) {
  return mounted(component, Memories);
}
