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

const MARGIN = "60px"; // around what is seen, in which panels are kept up to date
const PAUSE = 100; // milliseconds between two tellings of what is seen
const MOST = 80; // panels that are told

export class Board {
  // `pick(panel, point)` is called when a point of a chart, or a unit of a network, is clicked;
  // `see(panels)` with the ids of the panels that the reader sees, when these are others.
  constructor(host, plotlyUrl, pick, see) {
    this.host = host;
    this.pick = pick;
    this.see = see;
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
    const near = { rootMargin: MARGIN, scrollMargin: MARGIN };
    this.nears = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const view = viewOf(entry);
        if (view) view.near = entry.isIntersecting;
      }
      this.tell();
    }, near);
    this.onhide = () => this.tell();
    document.addEventListener("visibilitychange", this.onhide);
    if (document.hidden) this.tell();
  }

  // At once at first, then at most once a pause, however fast the reader scrolls.
  tell() {
    if (!this.see) return;
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      const seen = this.inSight();
      if (seen.join() === this.seen?.join()) return;
      this.seen = seen;
      this.see(seen);
    }, this.seen ? PAUSE : 0);
  }

  inSight() {
    if (document.hidden) return [];
    const views = [...this.views.values()];
    const full = views.find((view) => view.isFull);
    const seen = full ? [full] : views.filter((view) => view.near);
    return seen.slice(0, MOST).map(({ id }) => id);
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
  arrange(heads) {
    const kept = new Set(heads.map(({ id }) => id));
    for (const [id, view] of this.views) if (!kept.has(id)) this.drop(id, view);
    if (!heads.length) this.tell();
    heads.forEach((head, place) => {
      const view = this.views.get(head.id) ?? this.add(head.id);
      view.describe(head);
      if (this.grid.children[place] !== view.figure) {
        this.grid.insertBefore(view.figure, this.grid.children[place] ?? null);
      }
    });
  }

  // Other data, other pictures: no axis, zoom or painting of the earlier ones stays.
  clear() {
    this.views.forEach((view) => view.clear());
  }

  receive(heads, panels) {
    this.arrange(heads);
    for (const panel of panels) this.views.get(panel.id).receive(panel);
  }

  // Other drawings of some panels; their words stay.
  turn(panels) {
    for (const panel of panels) this.views.get(panel.id)?.receive(panel);
  }

  add(id) {
    const view = new PanelView(id, this);
    this.views.set(id, view);
    this.sizes.observe(view.frame);
    this.sights.observe(view.frame);
    this.nears.observe(view.frame);
    return view;
  }

  drop(id, view) {
    this.sizes.unobserve(view.frame);
    this.sights.unobserve(view.frame);
    this.nears.unobserve(view.frame);
    this.views.delete(id);
    view.remove();
  }

  remove() {
    this.sizes.disconnect();
    this.sights.disconnect();
    this.nears.disconnect();
    clearTimeout(this.telling);
    document.removeEventListener("visibilitychange", this.onhide);
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
