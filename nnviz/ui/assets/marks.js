// marks.js: the moving marks of a chart on a canvas beneath Plotly's SVG, at Plotly's own axes.
// Plotly keeps axes, legend, hover and tools; at rest it draws the marks for good.

import { askedBehind, axisHolds, keyOf, projection } from "./marks_axes.js";
import { paintBars } from "./marks_bars.js";
import {
  isBelow,
  notesPaintable,
  paintGrid,
  paintNotes,
  paintShapes,
  shapesPaintable,
} from "./marks_frame.js";
import { paintHeatmap } from "./marks_heatmap.js";
import { isStatic, same, traceHolds, typeOf } from "./marks_same.js";
import { paintScatter } from "./marks_scatter.js";

export { resting, roomy } from "./marks_axes.js";

const LAYERS = { heatmap: "heatmaplayer", bar: "barlayer", scatter: "scatterlayer" };
const ORDER = Object.keys(LAYERS);
const HIDDEN = [...Object.values(LAYERS), "gridlayer", "shapelayer", "annotation"];
const READERS_DOING = ["plotly_relayouting", "plotly_relayout", "plotly_restyle"];

const style = document.createElement("style");
style.textContent =
  HIDDEN.map((name) => `.nnviz-painted-${name} .${name}`).join() + "{ visibility: hidden; }";
document.head.append(style);

export class Marks {
  constructor(plot, frame) {
    this.plot = plot;
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    Object.assign(this.canvas.style, {
      position: "absolute",
      pointerEvents: "none",
      display: "none",
    });
    frame.insertBefore(this.canvas, plot.parentNode === frame ? plot : frame.firstChild);
  }

  // Paint the newest traces over the axes as they are drawn, or false: only a Plotly.react will do.
  // `layout` is as Python asks for it; what is drawn must have come through `roomy`.
  paint(traces, layout) {
    const plan = this.plan(traces, layout);
    if (!plan) return false;
    this.last = { traces, layout, plan };
    this.hear();
    this.repaint();
    return true;
  }

  // After a Plotly.react: its own marks are the newest.
  clear() {
    this.last = null;
    this.canvas.style.display = "none";
    for (const name of HIDDEN) this.plot.classList.remove(`nnviz-painted-${name}`);
  }

  plan(traces, layout) {
    const { plot } = this;
    const before = askedBehind(plot)?.layout;
    if (!before || plot.data?.length !== traces.length || !plot._fullLayout?._plots) return null;
    const labels = [];
    for (const name of new Set([...Object.keys(layout), ...Object.keys(before)])) {
      if (/^[xy]axis\d*$/.test(name)) {
        const [axis, was] = [layout[name], before[name]];
        if (!axis || !was || !axisHolds(plot, name, axis, was, traces, labels)) return null;
      } else if (!["shapes", "annotations"].includes(name) && !same(layout[name], before[name])) {
        return null;
      }
    }
    const holds = traces.every((trace, place) => {
      const full = plot._fullData[place];
      const axes = {
        x: plot._fullLayout[keyOf(trace, "x")],
        y: plot._fullLayout[keyOf(trace, "y")],
      };
      return full && axes.x && axes.y && traceHolds(trace, plot.data[place], full, axes);
    });
    return holds && this.withFrame({ labels, layers: this.movedLayers(traces) }, layout, before);
  }

  // Every layer up to the highest with a moved trace: what lies above stays Plotly's.
  movedLayers(traces) {
    const moved = traces.filter((trace, place) => !isStatic(trace, this.plot.data[place]));
    const highest = Math.max(-1, ...moved.map((trace) => ORDER.indexOf(typeOf(trace))));
    return ORDER.slice(0, highest + 1);
  }

  withFrame(plan, layout, before) {
    const [shapes, notes] = [layout.shapes ?? [], layout.annotations ?? []];
    const shapesMoved = !same(shapes, before.shapes ?? []);
    plan.shapes = shapesMoved || (plan.layers.length > 0 && shapes.some(isBelow));
    plan.notes = !same(notes, before.annotations ?? []);
    if (plan.shapes && !shapesPaintable(shapes)) {
      if (shapesMoved) return null;
      plan.shapes = false;
    }
    return plan.notes && !notesPaintable(notes) ? null : plan;
  }

  // While the reader drags or hides a trace, the canvas follows Plotly's axes.
  hear() {
    if (this.emitter === this.plot._ev) return;
    this.emitter = this.plot._ev;
    for (const name of READERS_DOING) this.plot.on(name, () => this.last && this.repaint());
  }

  repaint() {
    const { traces, layout, plan } = this.last;
    const full = this.plot._fullLayout;
    const context = this.sheet(full);
    const projections = new Map();
    const at = (id) => {
      const key = id.replace(/^[xy]/, "$&axis");
      if (!projections.has(key)) projections.set(key, projection(full[key]));
      return projections.get(key);
    };
    const shapes = plan.shapes ? layout.shapes : [];
    paintShapes(context, shapes.filter(isBelow), full, at);
    if (plan.layers.length) paintGrid(context, full);
    this.paintTraces(context, traces, plan.layers, at);
    paintShapes(
      context,
      shapes.filter((shape) => !isBelow(shape)),
      full,
      at,
    );
    if (plan.notes) paintNotes(context, layout.annotations, full);
    this.hide(plan);
    for (const key of plan.labels) this.relabel(key, layout[key]);
  }

  sheet({ width, height }) {
    const ratio = window.devicePixelRatio || 1;
    const { canvas, plot } = this;
    const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide || canvas.height !== tall)
      [canvas.width, canvas.height] = [wide, tall];
    const place = `${plot.offsetLeft}px ${plot.offsetTop}px`;
    if (this.place !== place || canvas.style.display) {
      this.place = place;
      const [left, top] = place.split(" ");
      Object.assign(canvas.style, {
        left,
        top,
        width: `${width}px`,
        height: `${height}px`,
        display: "",
      });
    }
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  }

  paintTraces(context, traces, layers, at) {
    const { _fullLayout: layout, _fullData: data, calcdata } = this.plot;
    const stacks = /stack|relative/.test(layout.barmode) ? new Map() : null;
    const ratio = window.devicePixelRatio || 1;
    for (const layer of layers) {
      let previous = null;
      traces.forEach((trace, place) => {
        const full = data[place];
        if (typeOf(trace) !== layer || full.visible !== true) return;
        const [ax, ay] = [layout[keyOf(trace, "x")], layout[keyOf(trace, "y")]];
        const box = {
          left: ax._offset,
          right: ax._offset + ax._length,
          top: ay._offset,
          bottom: ay._offset + ay._length,
        };
        const mark = {
          trace,
          full,
          box,
          drawn: calcdata[place],
          x: at(ax._id),
          y: at(ay._id),
          floor: box.bottom,
        };
        context.save();
        if (full.cliponaxis !== false) clip(context, box);
        if (layer === "heatmap")
          paintHeatmap(context, { ...mark, labelSize: this.labelSize() }, ratio);
        else if (layer === "bar") paintBars(context, mark, stacks);
        else previous = paintScatter(context, mark, previous);
        context.restore();
      });
    }
  }

  labelSize() {
    return parseFloat(this.plot.querySelector(".heatmap-label text")?.style.fontSize) || 12;
  }

  hide({ layers, shapes, notes }) {
    const painted = new Set(layers.map((layer) => LAYERS[layer]));
    if (layers.length) painted.add("gridlayer");
    if (shapes) painted.add("shapelayer");
    if (notes) painted.add("annotation");
    for (const name of HIDDEN)
      this.plot.classList.toggle(`nnviz-painted-${name}`, painted.has(name));
  }

  relabel(key, { tickvals, ticktext }) {
    for (const tick of this.plot.querySelectorAll(`.${key.replace("axis", "")}tick`)) {
      const word = ticktext[Array.from(tickvals).indexOf(tick.__data__?.x)];
      const text = tick.querySelector("text");
      if (word !== undefined && text && text.textContent !== word) text.textContent = word;
    }
  }
}

function clip(context, { left, right, top, bottom }) {
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
}
