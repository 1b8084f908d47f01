// live_charts.js: a board of panels that follows the messages of one live_charts() call.

import { PanelView } from "./panel.js";
import { schedule } from "./scheduler.js";
import { readTheme } from "./theme.js";
import { unpack } from "./wire.js";

const RETRY = 1000;
const KEPT_KEYFRAMES = 8;
const boards = new WeakMap();
const keyframes = new Map();

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./live_charts.css", import.meta.url);
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

function remember(header) {
  header.panels.forEach((panel) => (panel.keyframe = header.keyframe));
  keyframes.delete(header.keyframe);
  keyframes.set(header.keyframe, header);
  if (keyframes.size > KEPT_KEYFRAMES) keyframes.delete(keyframes.keys().next().value);
}

class Board {
  constructor(host, plotlyUrl) {
    this.host = host;
    this.root = document.createElement("div");
    this.root.className = "nnviz-board";
    this.grid = document.createElement("div");
    this.grid.className = "nnviz-grid";
    this.probe = document.createElement("span");
    this.probe.hidden = true;
    this.root.append(this.grid, this.probe);
    host.append(this.root);
    this.views = new Map();
    this.observe();
    this.load(plotlyUrl);
  }

  observe() {
    const viewOf = (entry) => this.views.get(entry.target.closest("figure").dataset.panel);
    this.sizes = new ResizeObserver((entries) => {
      for (const entry of entries) viewOf(entry)?.resize(Math.floor(entry.contentRect.width));
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

  follow(component) {
    this.component = component;
    this.followTheme();
    if (component.data === this.data) return;
    this.data = component.data;
    const header = unpack(component.data);
    if (header.panels) remember(header);
    const keyframe = keyframes.get(header.keyframe);
    if (!keyframe) return this.resync(header.keyframe);
    if (this.keyframe !== keyframe) this.adopt(keyframe);
    keyframe.panels.forEach((panel, place) => {
      const view = this.views.get(panel.id);
      view.receive(panel, header.patches?.[place], header.revisions?.[place] ?? 0);
    });
  }

  followTheme() {
    const theme = readTheme(this.host);
    if (theme.signature === this.theme?.signature) return;
    this.theme = theme;
    this.template = theme.build(this.probe);
    this.readColors();
    this.views.forEach(schedule);
  }

  readColors() {
    const pairs = Object.entries(this.keyframe?.tokens ?? {});
    this.colors = Object.fromEntries(pairs.map(([name, pair]) => [name, pair[+this.theme.dark]]));
  }

  adopt(keyframe) {
    this.keyframe = keyframe;
    this.readColors();
    const kept = new Set(keyframe.panels.map((panel) => panel.id));
    for (const [id, view] of this.views) if (!kept.has(id)) this.drop(id, view);
    keyframe.panels.forEach(({ id }, place) => {
      const view = this.views.get(id) ?? this.add(id);
      view.revision = -1;
      if (this.grid.children[place] !== view.figure) {
        this.grid.insertBefore(view.figure, this.grid.children[place] ?? null);
      }
    });
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

  resync(missing) {
    const now = performance.now();
    if (this.missing === missing && now - this.asked < RETRY) return;
    this.missing = missing;
    this.asked = now;
    this.component.setTriggerValue("resync", missing);
  }

  click(panel, { curveNumber: curve, pointNumber: point, x, y, customdata = null }) {
    if (!this.keyframe.click) return;
    this.component.setTriggerValue("click", { panel, curve, point, x, y, customdata });
  }

  remove() {
    this.sizes.disconnect();
    this.sights.disconnect();
    for (const [id, view] of this.views) this.drop(id, view);
    this.root.remove();
  }
}

export default function mount(component, plotlyUrl) {
  const host = component.parentElement;
  if (!host.isConnected) return () => {}; // the reader went on while the modules were loading
  if (!boards.has(host)) boards.set(host, new Board(host, plotlyUrl));
  boards.get(host).follow(component);
  // Streamlit also calls this when a newer message overtakes an older one: then the host stays.
  return () =>
    setTimeout(() => {
      if (host.isConnected || !boards.has(host)) return;
      boards.get(host).remove();
      boards.delete(host);
    });
}
