// marks_scatter.js: lines, areas, symbols and words of a trace on a canvas, as Plotly's SVG
// has them. Numbers come from the newest trace, everything else from what Plotly made of the drawn.

import { isArray } from "./marks_same.js";
import { shades } from "./marks_shades.js";

const DASHES = { solid: [], dot: [1, 1], dash: [3, 3], longdash: [5, 5], dashdot: [3, 1, 1, 1] };
const NEAR = 0.4;
const ANCHORS = { left: "right", center: "center", right: "left" };
const SIDES = { top: -1, middle: 0, bottom: 1 };
const LINE_SPACING = 1.3;

export function dashes(style, width) {
  if (DASHES[style]) return DASHES[style].map((part) => part * Math.max(width, 3));
  return String(style).split(",").map(parseFloat);
}

function projected({ trace, x, y }) {
  const length = Math.min(trace.x?.length ?? 0, trace.y?.length ?? 0);
  const [xs, ys] = [new Float64Array(length), new Float64Array(length)];
  for (let place = 0; place < length; place++) {
    xs[place] = x(trace.x[place]);
    ys[place] = y(trace.y[place]);
  }
  return [xs, ys];
}

// Stretches without a gap; `hv` is a step line. Points within a fraction of a pixel are left out.
function stretches(path, xs, ys, shape, close) {
  let [open, lastX, lastY] = [false, 0, 0];
  for (let place = 0; place < xs.length; place++) {
    const [x, y] = [xs[place], ys[place]];
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      if (open && close) path.closePath();
      open = false;
    } else if (!open) {
      path.moveTo(x, y);
      [open, lastX, lastY] = [true, x, y];
    } else if (
      Math.abs(x - lastX) > NEAR ||
      Math.abs(y - lastY) > NEAR ||
      place === xs.length - 1
    ) {
      if (shape === "hv") path.lineTo(x, lastY);
      path.lineTo(x, y);
      [lastX, lastY] = [x, y];
    }
  }
  if (open && close) path.closePath();
  return path;
}

const known = (xs, ys) =>
  Array.from(xs, (x, i) => [x, ys[i]]).filter((pair) => pair.every(Number.isFinite));

// To the zero line (the foot of a logarithmic axis), to the trace before, or around itself.
function area(mark, xs, ys, previous) {
  const { full, y, floor } = mark;
  if (full.fill === "toself") return stretches(new Path2D(), xs, ys, full.line.shape, true);
  const points = known(xs, ys);
  if (!points.length) return new Path2D();
  const zero = Number.isFinite(y(0)) ? y(0) : floor;
  const back =
    full.fill === "tonexty" && previous
      ? known(...previous).reverse()
      : [
          [points.at(-1)[0], zero],
          [points[0][0], zero],
        ];
  const around = [...points, ...back];
  return stretches(
    new Path2D(),
    around.map(([x]) => x),
    around.map((pair) => pair[1]),
    "linear",
    true,
  );
}

export function paintScatter(context, mark, previous) {
  const { full } = mark;
  const [xs, ys] = projected(mark);
  context.globalAlpha = full.opacity ?? 1;
  if (full.fill && full.fill !== "none") {
    context.fillStyle = full.fillcolor;
    context.fill(area(mark, xs, ys, previous));
  }
  if (/lines/.test(full.mode) && full.line.width > 0) {
    const { color, width, dash, shape } = full.line;
    Object.assign(context, { strokeStyle: color, lineWidth: width, miterLimit: 2 });
    context.setLineDash(dashes(dash, width));
    context.stroke(stretches(new Path2D(), xs, ys, shape, false));
    context.setLineDash([]);
  }
  if (/markers/.test(full.mode)) paintMarkers(context, mark, xs, ys);
  if (/text/.test(full.mode)) paintText(context, mark, xs, ys);
  context.globalAlpha = 1;
  return [xs, ys];
}

function polygon(context, points, x, y) {
  points.forEach(([dx, dy], place) => context[place ? "lineTo" : "moveTo"](x + dx, y + dy));
  context.closePath();
}

// Outlines of symbols in units of their radius, as in Plotly.
const both = (points) => [...points, ...points.map(([x, y]) => [-x, y]).reverse()];
const turned = (corner) =>
  [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ].flatMap(([c, s]) => corner.map(([x, y]) => [x * c - y * s, x * s + y * c]));
const OUTLINES = {
  square: [
    [1, 1],
    [-1, 1],
    [-1, -1],
    [1, -1],
  ],
  diamond: [
    [1.3, 0],
    [0, 1.3],
    [-1.3, 0],
    [0, -1.3],
  ],
  "triangle-up": [
    [-2 / Math.sqrt(3), 0.5],
    [2 / Math.sqrt(3), 0.5],
    [0, -1],
  ],
  x: turned([
    [0, 0.4],
    [0.4, 0.8],
    [0.8, 0.4],
  ]),
  cross: turned(
    [
      [0.4, 0.4],
      [1.2, 0.4],
      [1.2, -0.4],
    ].reverse(),
  ),
  star: both([
    [0, -1.4],
    [0.315, -0.4326],
    [1.3314, -0.4326],
    [0.5082, 0.1652],
    [0.8232, 1.1326],
    [0, 0.5348],
  ]),
};

function paintMarkers(context, { trace, full }, xs, ys) {
  const { marker } = full;
  const pick = (name, place) => {
    const value = trace.marker?.[name];
    return isArray(value) ? value[place] : marker[name];
  };
  const shade = shades(trace.marker?.color, marker);
  const alpha = context.globalAlpha;
  for (let place = 0; place < xs.length; place++) {
    const [x, y, radius] = [xs[place], ys[place], pick("size", place) / 2];
    if (!Number.isFinite(x) || !Number.isFinite(y) || !(radius > 0)) continue;
    const [name, open] = pick("symbol", place).split("-open");
    context.globalAlpha = alpha * (pick("opacity", place) ?? 1);
    context.beginPath();
    if (name === "circle") context.arc(x, y, radius, 0, 2 * Math.PI);
    else
      polygon(
        context,
        OUTLINES[name].map(([dx, dy]) => [dx * radius, dy * radius]),
        x,
        y,
      );
    const color = shade(place);
    if (open === undefined) {
      context.fillStyle = color;
      context.fill();
    }
    const width = open === undefined ? marker.line.width : marker.line.width || 1;
    if (!width) continue;
    Object.assign(context, {
      lineWidth: width,
      strokeStyle: open === undefined ? marker.line.color : color,
    });
    context.stroke();
  }
  context.globalAlpha = alpha;
}

function paintText(context, { trace, full }, xs, ys) {
  const { size, family, color } = full.textfont;
  const radius = /markers/.test(full.mode) ? full.marker.size / 1.6 + 1 : 0;
  Object.assign(context, {
    font: `${size}px ${family}`,
    fillStyle: color,
    textBaseline: "alphabetic",
  });
  for (let place = 0; place < xs.length; place++) {
    if (!Number.isFinite(xs[place]) || !Number.isFinite(ys[place])) continue;
    const positions = trace.textposition;
    const [rise, side] = (isArray(positions) ? positions[place] : full.textposition).split(" ");
    const words = isArray(trace.text) ? trace.text[place] : full.text;
    const lines = String(words ?? "")
      .replace(/<\/?b>/g, "")
      .split(/<br ?\/?>/);
    context.textAlign = ANCHORS[side];
    const shift = { left: -1, center: 0, right: 1 }[side] * radius;
    const tall = (lines.length - 1) * LINE_SPACING + 1;
    const foot = size * 0.75 + SIDES[rise] * radius + ((SIDES[rise] - 1) * tall * size) / 2;
    lines.forEach((line, row) => {
      context.fillText(line, xs[place] + shift, ys[place] + foot + row * LINE_SPACING * size);
    });
  }
}
