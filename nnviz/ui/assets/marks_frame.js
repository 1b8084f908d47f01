// marks_frame.js: what Plotly draws around marks, painted where marks are: grid, shapes, notes.

import { dashes } from "./marks_scatter.js";

const LINE_SPACING = 1.3;

export function paintGrid(context, full) {
  for (const [id, { mainplot, xaxis, yaxis }] of Object.entries(full._plots)) {
    if (mainplot && mainplot !== id) continue;
    for (const [ax, other] of [
      [xaxis, yaxis],
      [yaxis, xaxis],
    ]) {
      if (!ax.showgrid || !ax.visible) continue;
      Object.assign(context, { strokeStyle: ax.gridcolor, lineWidth: ax.gridwidth ?? 1 });
      context.beginPath();
      for (const { x } of ax._gridVals ?? ax._vals ?? []) {
        const at = Math.round(ax._offset + ax.l2p(x)) + 0.5 * (context.lineWidth % 2);
        const [start, end] = [other._offset, other._offset + other._length];
        if (ax._id[0] === "x") (context.moveTo(at, start), context.lineTo(at, end));
        else (context.moveTo(start, at), context.lineTo(end, at));
      }
      context.stroke();
    }
  }
}

const isSimpleShape = ({ type, xref = "x", yref = "y", label }) =>
  ["line", "rect"].includes(type) && ![xref, yref].some((ref) => / /.test(ref)) && !label;
const isSimpleNote = ({ showarrow, xref, yref, textangle, visible }) =>
  showarrow === false && xref === "paper" && yref === "paper" && !textangle && visible !== false;

export const shapesPaintable = (shapes) => (shapes ?? []).every(isSimpleShape);
export const notesPaintable = (notes) => (notes ?? []).every(isSimpleNote);
export const isBelow = ({ layer }) => layer === "below";

function paperPlaces({ _size: { l, t, w, h } }) {
  return { x: (value) => l + value * w, y: (value) => t + (1 - value) * h };
}

export function paintShapes(context, shapes, full, at) {
  const { l, t, w, h } = full._size;
  context.save();
  context.beginPath();
  context.rect(l, t, w, h);
  context.clip();
  const paper = paperPlaces(full);
  for (const shape of shapes) {
    const x = shape.xref === "paper" ? paper.x : at(shape.xref ?? "x");
    const y = shape.yref === "paper" ? paper.y : at(shape.yref ?? "y");
    paintShape(context, shape, [x(shape.x0), y(shape.y0), x(shape.x1), y(shape.y1)]);
  }
  context.restore();
}

function paintShape(context, { type, opacity = 1, line = {}, fillcolor }, ends) {
  const [x0, y0, x1, y1] = ends.map((end) => Math.max(-1e4, Math.min(1e4, end)));
  const width = line.width ?? 2;
  Object.assign(context, {
    globalAlpha: opacity,
    lineWidth: width,
    strokeStyle: line.color ?? "#444",
  });
  context.setLineDash(dashes(line.dash ?? "solid", width));
  context.beginPath();
  if (type === "rect") context.rect(x0, y0, x1 - x0, y1 - y0);
  else (context.moveTo(x0, y0), context.lineTo(x1, y1));
  if (type === "rect" && fillcolor) {
    context.fillStyle = fillcolor;
    context.fill();
  }
  if (width > 0) context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

const anchored = (anchor, value, [low, middle, high]) => {
  if (anchor && anchor !== "auto") return anchor;
  return value < 1 / 3 ? low : value > 2 / 3 ? high : middle;
};

export function paintNotes(context, notes, full) {
  const paper = paperPlaces(full);
  for (const note of notes) {
    const font = { ...full.font, ...note.font };
    const lines = note.text.split(/<br ?\/?>/).map((line) => line.replace(/<\/?\w+>/g, ""));
    context.font = `${/<b>/.test(note.text) ? "bold " : ""}${font.size}px ${font.family}`;
    const wide = Math.max(...lines.map((line) => context.measureText(line).width)) + 4;
    const tall = lines.length * LINE_SPACING * font.size + 4;
    const across = anchored(note.xanchor, note.x, ["left", "center", "right"]);
    const down = anchored(note.yanchor, note.y, ["bottom", "middle", "top"]);
    const left =
      paper.x(note.x) + (note.xshift ?? 0) - { left: 0, center: wide / 2, right: wide }[across];
    const top =
      paper.y(note.y) - (note.yshift ?? 0) - { top: 0, middle: tall / 2, bottom: tall }[down];
    if (note.bgcolor) {
      context.fillStyle = note.bgcolor;
      context.fillRect(left, top, wide, tall);
    }
    Object.assign(context, {
      fillStyle: font.color,
      textAlign: "left",
      textBaseline: "alphabetic",
    });
    lines.forEach((line, row) =>
      context.fillText(line, left + 2, top + 2 + font.size * (1 + LINE_SPACING * row)),
    );
  }
}
