// network_paint.js: the strokes of the picture of a network, still ones and those of each step.
// A picture has frame (where), trace (what), colors, drawn (indices of edges), found, atlas.

import { paintKernels, paintPicture } from "./network_channels.js";
import { bundles, traceCurve } from "./network_layout.js";
import { paintLight } from "./network_light.js";

const LEVELS = 8;
const LIT = "lit for one input: ring = its activation · line = |weight × activation|";

export function paintMoving(context, picture) {
  const { frame, trace, colors, drawn } = picture;
  context.clearRect(0, 0, frame.width, frame.height);
  const paths = new Map();
  for (const index of drawn) {
    const bin = level(picture, index) * 2 + (trace.weights[index] >= 0);
    if (!paths.has(bin)) paths.set(bin, new Path2D());
    traceCurve(paths.get(bin), frame.edges[index]);
  }
  for (const bin of [...paths.keys()].sort((a, b) => a - b)) {
    const strength = bin >> 1;
    stroke(
      context,
      picture,
      paths.get(bin),
      strength,
      bin & 1,
      (picture.light ? 0.08 : 0.3) + ((picture.light ? 0.82 : 0.6) * strength) / (LEVELS - 1),
    );
  }
  if (picture.found) highlightEdges(context, picture);
  paintPicture(context, picture);
  paintKernels(context, picture);
  paintTiles(context, picture);
  if (picture.light) paintLight(context, picture);
  const { column, unit } = picture.found ?? {};
  if (!column || column.is_box) return;
  const half = column.half + 1.5;
  Object.assign(context, { strokeStyle: colors.ink, lineWidth: 2 });
  context.strokeRect(column.x - half, column.ys[unit] - half, 2 * half, 2 * half);
}

export function paintStill(context, { frame, trace, colors, font, answer }) {
  context.clearRect(0, 0, frame.width, frame.height);
  Object.assign(context, { strokeStyle: colors.muted, lineWidth: 1, globalAlpha: 0.55 });
  context.beginPath();
  for (const bundle of bundles(trace, frame)) traceCurve(context, bundle);
  for (const { is_box: isBox, picture, x, ys, half, tall } of frame.columns) {
    if (isBox && !picture) continue;
    for (const y of ys) context.rect(x - half - 0.5, y - tall - 0.5, 2 * half + 1, 2 * tall + 1);
  }
  context.stroke();
  context.globalAlpha = 1;
  context.font = font;
  for (const column of frame.columns) {
    if (column.is_box && !column.picture) paintBox(context, frame, colors, column);
  }
  Object.assign(context, { fillStyle: colors.muted, textAlign: "left" });
  const lines = answer ? [LIT] : frame.lines;
  lines.forEach((line, index) => write(context, line, 4, 14 + 16 * index, frame.width - 8));
  context.fillStyle = colors.ink;
  paintNames(context, frame, font);
}

// By the weight alone, or by what it carries for the input that is lit.
function level({ trace, largest, light }, index) {
  const share = light ? light.lines[index] : Math.abs(trace.weights[index]) / largest;
  return Math.min(LEVELS - 1, Math.floor(share * LEVELS));
}

function stroke(context, { frame, colors }, path, strength, positive, alpha) {
  context.globalAlpha = alpha;
  context.strokeStyle = positive ? colors.positive : colors.negative;
  const thickness = 0.6 + (3.9 * strength) / (LEVELS - 1);
  context.lineWidth = thickness * Math.min(1, Math.max(0.4, frame.pitch / 130));
  context.stroke(path);
  context.globalAlpha = 1;
}

// The edge under the pointer, or all edges of the unit under it.
function highlightEdges(context, picture) {
  const { edge, column, unit } = picture.found;
  for (const index of picture.drawn) {
    const { left, right, from, to } = picture.frame.edges[index];
    const touches = (left === column && from === unit) || (right === column && to === unit);
    if (index !== edge && !touches) continue;
    const [path, strength] = [new Path2D(), Math.max(level(picture, index), 1)];
    traceCurve(path, picture.frame.edges[index]);
    if (index === edge) {
      Object.assign(context, { strokeStyle: picture.colors.ink, lineWidth: 3.5 + strength / 2 });
      context.stroke(path);
    }
    stroke(context, picture, path, strength, picture.trace.weights[index] >= 0, 1);
  }
}

function paintTiles(context, { frame, trace, colors, atlas, light }) {
  const { side, dead } = trace;
  const { tile } = frame;
  for (const column of frame.columns) {
    if (column.is_box) continue;
    column.ys.forEach((y, unit) => {
      const place = column.first + unit;
      const [left, top] = [column.x - tile / 2, y - tile / 2];
      context.imageSmoothingEnabled = column.shows === "plane"; // else neighbours would run in
      if (light && column.shows === "plane") context.globalAlpha = 0.3 + 0.7 * light.shares[place];
      context.drawImage(atlas, 0, place * side, side, side, left, top, tile, tile);
      context.globalAlpha = 1;
      if (dead[place]) paintCross(context, colors, column.x, y, Math.max(tile * 0.18, 3));
    });
  }
}

function paintCross(context, colors, x, y, reach) {
  const cross = new Path2D();
  for (const slope of [-1, 1]) {
    cross.moveTo(x - reach, y - slope * reach);
    cross.lineTo(x + reach, y + slope * reach);
  }
  context.lineCap = "round";
  for (const [color, width] of [
    [colors.page, 5],
    [colors.danger, 3],
  ]) {
    Object.assign(context, { strokeStyle: color, lineWidth: (width * Math.max(reach, 5)) / 8 });
    context.stroke(cross);
  }
  context.lineCap = "butt";
}

function paintBox(context, { boxHalf, boxWide, middle }, colors, { x, n_units: count, kind }) {
  const place = [x - boxWide, middle - boxHalf, 2 * boxWide, 2 * boxHalf];
  context.fillStyle = colors.panel;
  context.fillRect(...place);
  context.strokeRect(...place);
  const noun = kind === "input" ? "inputs" : "values";
  context.save();
  Object.assign(context, { fillStyle: colors.muted, textAlign: "center" });
  context.textBaseline = "middle";
  context.translate(x, middle);
  context.rotate(-Math.PI / 2);
  context.fillText(count ? `${count} ${noun}` : noun, 0, 0);
  context.restore();
}

// Names beneath the columns, counts of units left out, class names beside the output.
function paintNames(context, { columns, bottom, tile, pitch, right }, font) {
  context.textAlign = "center";
  context.font = `600 ${font}`;
  const narrow = columns.some(({ name }) => context.measureText(name).width > pitch - 4);
  columns.forEach((column, index) => {
    const y = bottom + 12 + 15 * (narrow && index % 2);
    context.font = `600 ${font}`;
    write(context, column.name, column.x, y, narrow ? 2 * pitch - 6 : pitch);
    context.font = font;
    const fits = context.measureText(column.caption).width <= pitch - 6;
    if (fits && !narrow) context.fillText(column.caption, column.x, y + 15);
    const more = pitch < 62 ? `+${column.n_hidden}` : `+ ${column.n_hidden} more`;
    if (column.n_hidden) context.fillText(more, column.x, column.ys.at(-1) + tile / 2 + 13);
  });
  context.textAlign = "left";
  const output = columns.at(-1);
  output.unit_names.slice(0, output.ys.length).forEach((name, unit) => {
    write(context, name, output.x + tile / 2 + 4, output.ys[unit] + 4, right + pitch / 4);
  });
}

// Cut with … where there is no room.
function write(context, text, x, y, room) {
  let shown = text;
  while (shown.length > 1 && context.measureText(shown).width > room) {
    shown = `${shown.slice(0, -2).trimEnd()}…`;
  }
  context.fillText(shown, x, y);
}
