// board.js: a grid of panels, their colours, and plotly.js for all of them.

import { PanelView } from "./panel.js";
import { schedule } from "./scheduler.js";
import { readTheme } from "./theme.js";

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./charts.css", import.meta.url);
await new Promise((done) => {
  style.onload = style.onerror = done;
  document.head.append(style);
});

let plotly;
function loadPlotly(url) {
  plotly ??= new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => done(window.Plotly);
    script.onerror = () => fail(new Error(`${url} did not arrive`));
    document.head.append(script);
  });
  plotly.catch(() => (plotly = undefined));
  return plotly;
}

export class Board {
  // `pick(panel, point)` is called when a point of a chart, or a unit of a network, is clicked.
  constructor(host, plotlyUrl, pick) {
    this.host = host;
    this.pick = pick;
    this.root = document.createElement("div");
    this.root.className = "nnviz-board";
    this.grid = document.createElement("div");
    this.grid.className = "nnviz-grid";
    this.probe = document.createElement("span");
    this.probe.hidden = true;
    this.root.append(this.grid, this.probe);
    host.append(this.root);
    this.views = new Map();
    this.tokens = {};
    this.live = false;
    this.observe();
    this.load(plotlyUrl);
  }

  observe() {
    const viewOf = (entry) => this.views.get(entry.target.closest("figure")?.dataset.panel);
    this.sizes = new ResizeObserver((entries) => {
      for (const { target, contentRect: { width, height } } of entries) {
        viewOf({ target })?.resize(Math.floor(width), Math.floor(height));
      }
    });
    this.sights = new IntersectionObserver((entries) => {
      for (const entry of entries) viewOf(entry)?.show(entry.isIntersecting);
    });
  }

  async load(url) {
    try {
      this.Plotly = await loadPlotly(url);
      this.views.forEach(schedule);
    } catch {
      const note = document.createElement("p");
      note.className = "nnviz-failure";
      note.role = "alert";
      note.textContent = "The charts could not be loaded from the server. Reload the page.";
      this.root.prepend(note);
    }
  }

  paint(tokens) {
    const theme = readTheme(this.host);
    if (theme.signature === this.theme?.signature && tokens === this.tokens) return;
    this.theme = theme;
    this.tokens = tokens;
    this.template = theme.build(this.probe);
    const pairs = Object.entries(tokens);
    this.colors = Object.fromEntries(pairs.map(([name, pair]) => [name, pair[+theme.dark]]));
    this.views.forEach(schedule);
  }

  // While a run is going, marks are painted; at rest plotly.js draws them for good.
  setLive(live) {
    if (this.live === live) return;
    this.live = live;
    if (!live) this.views.forEach(schedule);
  }

  // The panels that stand on the page, in order: boxes of the right size before they are drawn.
  arrange(frames) {
    const kept = new Set(frames.map(({ id }) => id));
    for (const [id, view] of this.views) if (!kept.has(id)) this.drop(id, view);
    frames.forEach(({ id, meta }, place) => {
      const view = this.views.get(id) ?? this.add(id);
      view.describe(meta);
      if (this.grid.children[place] !== view.figure) {
        this.grid.insertBefore(view.figure, this.grid.children[place] ?? null);
      }
    });
  }

  // Other data, other pictures: no axis, zoom or painting of the earlier ones stays.
  clear() {
    this.views.forEach((view) => view.clear());
  }

  receive(panels) {
    this.arrange(panels);
    for (const panel of panels) this.views.get(panel.id).receive(panel);
  }

  add(id) {
    const view = new PanelView(id, this);
    this.views.set(id, view);
    this.sizes.observe(view.frame);
    this.sights.observe(view.frame);
    return view;
  }

  drop(id, view) {
    this.sizes.unobserve(view.frame);
    this.sights.unobserve(view.frame);
    this.views.delete(id);
    view.remove();
  }

  remove() {
    this.sizes.disconnect();
    this.sights.disconnect();
    for (const [id, view] of this.views) this.drop(id, view);
    this.root.remove();
  }
}

// One board a host, until the host leaves the page.
const boards = new WeakMap();
export function boardOf(host, make) {
  if (!boards.has(host)) boards.set(host, make());
  const leave = () =>
    setTimeout(() => {
      if (host.isConnected || !boards.has(host)) return;
      boards.get(host).remove();
      boards.delete(host);
    });
  return [boards.get(host), leave];
}
