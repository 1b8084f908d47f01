// inside_paint.js: the strokes of an update: weights, units with their numbers, what travels.

import { along } from "./inside_layout.js";
import { pair, short } from "./inside_numbers.js";
import { traceCurve } from "./network_layout.js";

const TERMS = 6;
const SQUEEZE = 1.15; // how much wider a number may be than its box
const GAP = 44; // between two columns, for numbers on the way
const REST = 0.3; // where on its way a number waits to be read

export function paint(context, picture) {
  const { frame, colors, family } = picture;
  context.clearRect(0, 0, frame.width, frame.height);
  context.lineCap = "round";
  Object.assign(picture, { largest: largest(picture), font: (size, weight = "") => `${weight} ${size}px ${family}`.trim() });
  paintBundles(context, picture);
  paintEdges(context, picture);
  paintTravellers(context, picture);
  for (const column of frame.columns) paintColumn(context, picture, column);
  paintNumbers(context, picture);
  context.fillStyle = colors.ink;
}

// The largest weight, or in the update the largest change, of each column of weights.
function largest({ frame, time }) {
  const isUpdate = time.now.phase === "update";
  const most = new Map();
  for (const edge of frame.edges) {
    const size = Math.abs(isUpdate ? edge.after - edge.weight : edge.weight);
    most.set(edge.right.index, Math.max(most.get(edge.right.index) ?? 1e-30, size));
  }
  return most;
}

function paintBundles(context, { frame, colors }) {
  Object.assign(context, { strokeStyle: colors.muted, lineWidth: 1, globalAlpha: 0.4 });
  context.beginPath();
  for (const bundle of frame.bundles) traceCurve(context, bundle);
  context.stroke();
  context.globalAlpha = 1;
}

// The chosen unit's own weights stand out; in the update colour and width tell the change.
function paintEdges(context, picture) {
  const { frame, colors, answer, time, hovered } = picture;
  const { phase, share } = time.now;
  const { focus, columns } = answer;
  const place = columns[focus.column].units.indexOf(focus.unit);
  for (const edge of frame.edges) {
    const isOwn = edge.right.index === focus.column && edge.to === place;
    const isFed = edge.left.index === focus.column && edge.from === place && phase === "backward";
    const shown = phase === "update" ? (edge.after - edge.weight) * share : edge.weight;
    const size = Math.abs(shown) / picture.largest.get(edge.right.index);
    const isChosen = isOwn && focus.of === "weight" && edge.left.units[edge.from] === focus.source && !edge.isKernels;
    context.beginPath();
    traceCurve(context, edge);
    if ((isChosen && phase !== "loss") || edge === hovered?.edge) {
      Object.assign(context, { strokeStyle: colors.ink, globalAlpha: 1, lineWidth: 3.5 + 3 * size });
      context.stroke();
    }
    context.strokeStyle = edge.isKernels ? colors.guide : shown >= 0 ? colors.positive : colors.negative;
    context.globalAlpha = isOwn || isFed || phase === "update" ? 0.45 + 0.5 * size : 0.12 + 0.3 * size;
    context.lineWidth = 0.6 + 3 * size;
    context.stroke();
  }
  context.globalAlpha = 1;
}

// Dots run where the pass is: to the right on the way forward, to the left on the way back.
function paintTravellers(context, { frame, colors, time }) {
  const { phase, column, share } = time.now;
  if (share >= 1 || share <= 0 || (phase !== "forward" && phase !== "backward")) return;
  const wanted = phase === "forward" ? column : column + 1;
  const t = phase === "forward" ? share : 1 - share;
  const ways = [...frame.edges, ...frame.bundles].filter(({ right }) => right.index === wanted);
  context.fillStyle = phase === "forward" ? colors.density : colors.bias;
  for (const way of ways) {
    const [x, y] = along(way, t);
    context.beginPath();
    context.arc(x, y, 2.4, 0, 2 * Math.PI);
    context.fill();
  }
}

function paintColumn(context, picture, column) {
  const { colors, time, answer } = picture;
  const { phase } = time.now;
  const back = phase === "backward" || phase === "update";
  const isForward = column.index === 0 || time.share("forward", column.index) > 0.85;
  const isBack = back && column.index > 0 && (phase === "update" || time.share("backward", column.index) > 0.85);
  const values = isBack ? column.gradients_UP : column.values_UP;
  const most = Math.max(1e-30, ...values.flatMap((row) => Math.max(...Array.from(row, Math.abs))));
  column.ys.forEach((y, place) => {
    const box = [column.x - column.wide / 2, y - column.tall / 2, column.wide, column.tall];
    context.fillStyle = colors.page;
    context.globalAlpha = 1;
    context.fillRect(...box);
    context.globalAlpha = back && !isBack ? 0.45 : 1;
    if (isForward) fill(context, picture, column, values[place], most, box);
    if (isForward && !column.isMap) number(context, picture, values[place][0], most, column, y);
    Object.assign(context, { strokeStyle: colors.muted, lineWidth: 1, globalAlpha: 1 });
    context.strokeRect(...box);
    outline(context, picture, column, place, box, answer.focus);
  });
  caption(context, picture, column, isBack);
  names(context, picture, column);
}

function fill(context, { colors }, column, row, most, [left, top, wide, tall]) {
  const [height, width] = column.shape.length > 1 ? column.shape.slice(-2) : [1, row.length];
  const [w, h] = [wide / width, tall / height];
  for (let place = 0; place < row.length; place++) {
    const x = left + (place % width) * w;
    const y = top + Math.floor(place / width) * h;
    context.fillStyle = colors.zero;
    context.fillRect(x, y, w + 0.5, h + 0.5);
    const kept = context.globalAlpha;
    context.globalAlpha = kept * Math.min(1, Math.abs(row[place]) / most) * (row.length > 1 ? 1 : 0.75);
    context.fillStyle = row[place] >= 0 ? colors.positive : colors.negative;
    context.fillRect(x, y, w + 0.5, h + 0.5);
    context.globalAlpha = kept;
  }
}

const isLight = (colors) => colors.page === "#ffffff";

function number(context, { colors, font }, value, most, column, y) {
  if (column.tall < 13 || column.wide < 30) return;
  const text = short(value, column.wide < 48 ? 2 : 3);
  context.font = font(Math.min(14, column.tall * 0.62), "600");
  if (context.measureText(text).width > (column.wide - 4) * SQUEEZE) return;
  const strong = Math.abs(value) / most > 0.75;
  context.fillStyle = strong && context.globalAlpha === 1 && isLight(colors) ? colors.page : colors.ink;
  Object.assign(context, { textAlign: "center", textBaseline: "middle" });
  context.fillText(text, column.x, y + 0.5, column.wide - 4);
  context.textBaseline = "alphabetic";
}

function outline(context, { colors, hovered, frame }, column, place, [left, top, wide, tall], focus) {
  const isFocus = column.index === focus.column && column.units[place] === focus.unit;
  const isHovered = hovered?.column === column && hovered.place === place && column.learns;
  if (!isFocus && !isHovered) return;
  Object.assign(context, { strokeStyle: colors.ink, lineWidth: isFocus ? 3 : 1.5 });
  context.strokeRect(left - 2, top - 2, wide + 4, tall + 4);
  if (!isFocus || !column.isMap) return;
  spot(context, colors, column, [left, top, wide, tall], focus.spot);
}

// Where in the map of a convolution the arithmetic is done.
function spot(context, colors, { shape, values_UP }, [left, top, wide, tall], place) {
  const [height, width] = shape.length > 1 ? shape.slice(-2) : [1, values_UP[0].length];
  const [w, h] = [wide / width, tall / height];
  Object.assign(context, { strokeStyle: colors.danger, lineWidth: 2 });
  context.strokeRect(left + (place % width) * w, top + Math.floor(place / width) * h, w, h);
}

function caption(context, { colors, frame, font }, column, isBack) {
  const y = frame.height - 26;
  const room = frame.room - 6;
  Object.assign(context, { textAlign: "center", fillStyle: colors.ink });
  context.font = font(13, "600");
  context.fillText(column.name, column.x, y, room);
  context.font = font(12);
  context.fillStyle = colors.muted;
  const more = column.n_units - column.units.length;
  const shown = isBack ? (column.learns ? "∂L/∂z" : "∂L/∂a") : column.caption;
  const tails = more > 0 ? [`+ ${more} more`, `+${more}`] : [];
  const ways = [...tails.map((tail) => [shown, tail].filter(Boolean).join(" · ")), shown, tails[1] ?? ""];
  const words = ways.find((way) => context.measureText(way).width <= room);
  if (words) context.fillText(words, column.x, y + 16);
}

// Features beside the input, classes beside the output; the loss marks the right one.
function names(context, { answer, colors, font, frame, time }, column) {
  const isLast = column.index === answer.columns.length - 1;
  if ((column.index && !isLast) || column.isMap) return;
  const room = (frame.room - column.wide) / 2 + (isLast ? 24 : 0);
  context.font = font(12);
  context.textAlign = isLast ? "left" : "right";
  const x = column.x + (isLast ? 1 : -1) * (column.wide / 2 + 5);
  column.ys.forEach((y, place) => {
    const isRight = isLast && time.now.phase === "loss" && column.units[place] === answer.right;
    context.fillStyle = isRight ? colors.good : colors.muted;
    context.fillText(column.unit_names[place], x, y + (isRight ? -3 : 4), room);
    if (!isRight) return;
    context.font = font(12, "600");
    context.fillText("✓ right", x, y + 12, room);
    context.font = font(12);
    Object.assign(context, { strokeStyle: colors.good, lineWidth: 3 });
    context.strokeRect(column.x - column.wide / 2 - 2, y - column.tall / 2 - 2, column.wide + 4, column.tall + 4);
  });
}

// The numbers of the chosen unit's largest terms travel, and wait where they can be read.
function paintNumbers(context, picture) {
  const { answer, time, frame } = picture;
  const { phase } = time.now;
  const { focus } = answer;
  const place = answer.columns[focus.column].units.indexOf(focus.unit);
  if (phase === "update") return paintChange(context, picture, place);
  if (phase !== "forward" && phase !== "backward") return;
  const share = time.share(phase, focus.column);
  if (share <= 0) return;
  const isForward = phase === "forward";
  const other = isForward ? focus.column - 1 : focus.column + 1;
  const units = frame.columns[other]?.units ?? [];
  for (const { unit, product } of answer.lines[phase][0].terms.slice(0, TERMS)) {
    const end = units.indexOf(unit);
    const key = isForward ? `${focus.column}/${place}/${end}` : `${other}/${end}/${place}`;
    const edge = unit < 0 ? undefined : frame.pairs.get(key);
    if (!edge || edge.isKernels || !product || edge.x1 - edge.x0 < GAP) continue;
    const gone = share < 1 ? share : REST;
    const [x, y] = along(edge, isForward ? gone : 1 - gone);
    pill(context, picture, short(product, 2), x, y, product);
  }
}

function paintChange(context, picture, place) {
  const { answer, frame } = picture;
  const { focus } = answer;
  const edge = frame.edges.find(
    (each) => each.right.index === focus.column && each.to === place && each.left.units[each.from] === focus.source,
  );
  if (!edge || edge.isKernels || focus.of !== "weight") return;
  const [x, y] = along(edge, 0.5);
  pill(context, picture, pair(edge.weight, edge.after).join(" → "), x, y, edge.after - edge.weight, 14);
}

function pill(context, { colors, font, frame }, text, x, y, sign, size = 12) {
  context.font = font(size, "600");
  const half = context.measureText(text).width / 2 + 5;
  const middle = Math.min(Math.max(x, half + 2), frame.width - half - 2);
  const tall = size + 6;
  context.fillStyle = colors.page;
  context.strokeStyle = sign >= 0 ? colors.positive : colors.negative;
  context.lineWidth = 1.5;
  context.beginPath();
  context.roundRect(middle - half, y - tall / 2, 2 * half, tall, tall / 2);
  context.fill();
  context.stroke();
  Object.assign(context, { fillStyle: colors.ink, textAlign: "center", textBaseline: "middle" });
  context.fillText(text, middle, y + 0.5);
  context.textBaseline = "alphabetic";
}
