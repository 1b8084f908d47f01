// panel.js: one chart in the page: title, help, drawing, and what the reader did to it.

import { forget, schedule } from "./scheduler.js";
import { resolveColors } from "./theme.js";
import { applyPatch } from "./wire.js";

const CONFIG = {
  displaylogo: false,
  showSendToCloud: false,
  plotlyServerURL: "",
  displayModeBar: "hover",
  modeBarButtonsToRemove: ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
};
const MARGIN = { l: 52, r: 14, t: 12, b: 44 };

function node(name, className, parent) {
  const made = document.createElement(name);
  made.className = className;
  parent?.append(made);
  return made;
}

export class PanelView {
  constructor(id, board) {
    this.id = id;
    this.board = board;
    this.revision = -1;
    this.drawnAt = 0;
    this.visible = false;
    this.figure = node("figure", "nnviz-panel");
    this.figure.dataset.panel = id;
    this.caption = node("figcaption", "nnviz-caption", this.figure);
    this.title = node("span", "nnviz-title", this.caption);
    this.helpButton = node("button", "nnviz-help", this.caption);
    this.helpButton.type = "button";
    this.helpButton.textContent = "i";
    this.tip = node("span", "nnviz-tip", this.caption);
    this.tip.role = "tooltip";
    this.frame = node("div", "nnviz-frame", this.figure);
    this.plot = node("div", "nnviz-plot", this.frame);
    this.message = node("p", "nnviz-message", this.frame);
    this.figure.setAttribute("aria-busy", "true");
  }

  receive(keyframe, patch, revision) {
    this.keyframe = keyframe;
    this.patch = patch;
    if (this.revision === revision) return;
    this.revision = revision;
    this.describe({ ...keyframe.meta, ...patch?.meta });
    schedule(this);
  }

  describe({ title, help, height, span }) {
    this.figure.setAttribute("aria-label", title);
    this.title.textContent = title;
    this.helpButton.hidden = !help;
    this.helpButton.setAttribute("aria-label", `${title}: ${help}`);
    this.tip.textContent = help;
    this.height = height;
    this.frame.style.height = `${height}px`;
    this.figure.style.setProperty("--span", span);
    this.figure.style.setProperty("--span-medium", span <= 6 ? 6 : 12);
  }

  // While the reader drags, plotly.js must not be disturbed; the drawing waits its turn.
  ready() {
    return this.visible && this.board.Plotly && this.width > 0 && !this.plot._dragging;
  }

  resize(width) {
    if (Math.abs(width - (this.width ?? 0)) < 1) return;
    this.width = width;
    schedule(this);
  }

  show(visible) {
    this.visible = visible;
    if (visible) schedule(this);
  }

  draw() {
    const { Plotly, theme, colors } = this.board;
    const drawn = `${this.keyframe.keyframe}/${this.revision}/${theme.signature}/${this.width}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const panel = applyPatch(this.keyframe, this.patch);
    const traces = panel.traces.map((trace) => resolveColors(trace, colors));
    const layout = {
      uirevision: this.id,
      ...resolveColors(panel.layout, colors),
      template: this.board.template,
      width: this.width,
      height: this.height,
      autosize: false,
    };
    layout.margin = { ...MARGIN, ...layout.margin };
    const image = { format: "png", scale: 2, filename: this.id };
    try {
      Plotly.react(this.plot, traces, layout, { ...CONFIG, toImageButtonOptions: image });
      this.settle("");
    } catch (error) {
      console.error(error);
      this.settle(`This chart could not be drawn: ${error.message}`);
    }
  }

  settle(problem) {
    this.message.textContent = problem;
    this.figure.dataset.revision = this.revision;
    if (this.figure.hasAttribute("aria-busy")) {
      this.figure.removeAttribute("aria-busy");
      this.plot.on?.("plotly_click", (event) => this.board.click(this.id, event.points[0]));
    }
  }

  remove() {
    forget(this);
    this.board.Plotly?.purge(this.plot);
    this.figure.remove();
  }
}
