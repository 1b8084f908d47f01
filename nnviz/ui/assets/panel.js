// panel.js: one chart in the page: title, help, drawing, and what the reader did to it.

import { Grips } from "./grips.js";
import { icon } from "./icons.js";
import { Marks, resting, roomy } from "./marks.js";
import { NetworkPicture } from "./network.js";
import { Note } from "./note.js";
import { PipelinePicture } from "./pipeline.js";
import { forget, schedule } from "./scheduler.js";
import { enlarge, resolveColors } from "./theme.js";

const CONFIG = {
  displaylogo: false,
  showSendToCloud: false,
  plotlyServerURL: "",
  displayModeBar: matchMedia("(hover: none)").matches ? false : "hover",
  modeBarButtonsToRemove: ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
};
const MARGIN = { l: 52, r: 14, t: 12, b: 44 };
const CAPTION = 40;
const LOW = 800; // pixels of a window that is not high
const NARROW = 700; // pixels of a window in which large text has no place
const OURS = { network: NetworkPicture, note: Note, pipeline: PipelinePicture };
const heights = new Map(); // the reader's own, by panel

export function node(name, className, parent) {
  const made = document.createElement(name);
  made.className = className;
  parent?.append(made);
  return made;
}

export class PanelView {
  constructor(id, board) {
    this.id = id;
    this.board = board;
    this.drawnAt = 0;
    this.visible = false;
    this.build();
    this.figure.setAttribute("aria-busy", "true");
    this.figure.addEventListener("pointerenter", () => this.hover(true));
    this.figure.addEventListener("pointerleave", () => this.hover(false));
    this.figure.addEventListener("fullscreenchange", () => {
      this.fit();
      this.board.tell();
    });
  }

  build() {
    this.figure = node("figure", "nnviz-panel");
    this.figure.dataset.panel = this.id;
    this.figure.tabIndex = -1;
    const caption = node("figcaption", "nnviz-caption", this.figure);
    this.title = node("span", "nnviz-title", caption);
    this.helpButton = node("button", "nnviz-help", caption);
    this.helpButton.type = "button";
    this.helpButton.textContent = "i";
    this.tip = node("span", "nnviz-tip", caption);
    this.tip.role = "tooltip";
    this.choices = node("span", "nnviz-choices", caption);
    this.choices.role = "radiogroup";
    const full = node("button", "nnviz-full", caption);
    full.append(icon("full"));
    full.type = "button";
    full.title = "Full screen (F), back with Esc";
    full.setAttribute("aria-label", "Full screen");
    full.addEventListener("click", () => this.toggleFull());
    this.frame = node("div", "nnviz-frame", this.figure);
    this.plot = node("div", "nnviz-plot", this.frame);
    this.message = node("p", "nnviz-message", this.frame);
  }

  describe(head) {
    const { title, help, span, medium } = head;
    const text = JSON.stringify(head);
    if (text === this.text) return;
    Object.assign(this, { head, text });
    this.offer(head.choices);
    this.figure.setAttribute("aria-label", title);
    this.title.textContent = this.title.title = title;
    this.helpButton.hidden = !help;
    this.helpButton.setAttribute("aria-label", `${title}: ${help}`);
    this.tip.textContent = help;
    this.fit();
    this.figure.style.setProperty("--span", span);
    this.figure.style.setProperty("--span-medium", medium);
  }

  offer(choices) {
    this.choices.replaceChildren();
    if (!choices) return;
    for (const [value, words] of Object.entries(choices.values)) {
      const button = node("button", "nnviz-choice", this.choices);
      button.type = "button";
      button.role = "radio";
      button.textContent = words;
      button.setAttribute("aria-checked", String(value === choices.chosen));
      button.addEventListener("click", () => {
        this.board.pick(this.id, { choose: { [choices.name]: value } });
      });
    }
  }

  receive(panel) {
    if (panel === this.panel) return;
    this.panel = panel;
    schedule(this);
  }

  get isFull() {
    return document.fullscreenElement === this.figure;
  }

  fit() {
    const own = window.innerHeight < LOW ? this.head.short : this.head.height;
    const height = this.isFull ? window.innerHeight - CAPTION : (heights.get(this.id) ?? own);
    this.frame.style.height = `${height}px`;
  }

  async toggleFull() {
    if (this.turning) return;
    this.turning = true;
    try {
      if (this.isFull) await document.exitFullscreen();
      else await this.figure.requestFullscreen();
    } catch (error) {
      console.warn(error); // the browser may forbid it
    }
    this.turning = false;
  }

  // While the reader drags, plotly.js must not be disturbed; the drawing waits its turn.
  ready() {
    const { theme, Plotly } = this.board;
    return (
      this.visible && this.panel && theme && Plotly && this.width > 0 && !this.plot._dragging
    );
  }

  resize(width, height) {
    if (Math.abs(width - (this.width ?? 0)) < 1 && height === this.height) return;
    const byHand = this.height && height !== this.height && !this.isFull && width === this.width;
    if (byHand && height > 0) heights.set(this.id, height);
    this.width = width;
    this.height = height;
    schedule(this);
  }

  show(visible) {
    this.visible = visible;
    if (visible) schedule(this);
  }

  // A painted chart has no points to hover: plotly.js draws the one under the pointer.
  hover(hovered) {
    this.hovered = hovered;
    if (this.board.live) schedule(this);
  }

  draw() {
    const { theme, live } = this.board;
    const asked = [this.panel, theme.signature, this.width, this.height, live, this.hovered && live];
    if (asked.every((part, place) => part === this.drawn?.[place])) return;
    this.drawn = asked;
    try {
      const Ours = OURS[this.panel.traces[0]?.type];
      if (this.picture && !(Ours && this.picture instanceof Ours)) {
        this.picture.remove();
        this.picture = undefined;
      }
      if (Ours) this.drawOurs(Ours);
      else this.drawChart();
      this.settle("");
    } catch (error) {
      console.error(error);
      this.settle(`This chart could not be drawn: ${error.message}`);
    }
  }

  drawOurs(Ours) {
    this.picture ??= new Ours(this.plot, (point) => this.board.pick(this.id, point));
    this.picture.draw(this.panel.traces[0], this.board.colors, this.width, this.height);
  }

  drawChart() {
    const { Plotly, colors, template, live } = this.board;
    const traces = this.panel.traces.map((trace) => resolveColors(trace, colors));
    const layout = {
      uirevision: this.id,
      ...resolveColors(this.panel.layout, colors),
      template,
      width: this.width,
      height: this.height,
      autosize: false,
    };
    layout.margin = { ...MARGIN, ...layout.margin };
    if (this.head.large && window.innerWidth > NARROW) enlarge(traces, layout);
    this.marks ??= new Marks(this.plot, this.frame);
    if (live && !this.hovered && this.marks.paint(traces, layout)) return;
    this.marks.clear();
    const image = { format: "png", scale: 2, filename: this.id };
    const asked = live ? roomy(layout, traces, this.plot) : resting(layout, this.plot);
    Plotly.react(this.plot, traces, asked, { ...CONFIG, toImageButtonOptions: image });
    this.plot.removeAllListeners?.("plotly_click");
    this.plot.on?.("plotly_click", ({ points }) => this.board.pick(this.id, points[0]));
    this.hand(colors);
  }

  hand(colors) {
    const grips = this.head.grips ?? [];
    if (!grips.length && !this.grips) return;
    if (!this.grips) {
      this.grips = new Grips(this.frame, (set) => this.board.pick(this.id, { set }));
      this.plot.on?.("plotly_relayout", () => this.grips.follow());
    }
    this.grips.draw(grips, this.plot, colors);
  }

  clear() {
    this.marks?.clear();
    this.marks?.canvas.remove();
    this.marks = undefined;
    this.drawn = this.panel = undefined;
    if (!this.picture) this.board.Plotly?.purge(this.plot);
  }

  settle(problem) {
    this.message.textContent = problem;
    this.figure.removeAttribute("aria-busy");
  }

  remove() {
    forget(this);
    this.picture?.remove();
    this.grips?.remove();
    this.board.Plotly?.purge(this.plot);
    this.figure.remove();
  }
}
