// pipeline_paint.js: the strokes of pipelines: boxes of parts, wires, histograms that stand on them.

import { channels } from "./marks_shades.js";
import { HEAD, NAME, WORDS } from "./pipeline_layout.js";

const LEAST_BAR = 2;
const NARROW_BOX = 44;
const SHORT = { Linear: "Lin", BatchNorm: "BN", LayerNorm: "LN", GroupNorm: "GN", InstanceNorm: "IN", Dropout: "Drop" };

export function paint(context, picture) {
  const { frame, trace, colors } = picture;
  context.clearRect(0, 0, frame.width, frame.height);
  paintOpened(context, picture);
  paintHeads(context, picture);
  trace.lanes.forEach((lane, place) => {
    const color = colors[tokenOf(lane.color)] ?? lane.color;
    paintName(context, picture, lane, place, color);
    lane.cells.forEach((cell, column) => paintCell(context, picture, { cell, column, place, color }));
    if (frame.answer) paintAnswer(context, picture, place);
  });
}

const tokenOf = (color) => color.match(/--nnviz-([a-z0-9_]+)/)?.[1];

function type(context, picture, size, weight = "") {
  context.font = `${weight} ${size}px ${picture.font}`.trim();
}

// The opened block stands on a ground of its own.
function paintOpened(context, { frame, trace, colors }) {
  const own = frame.columns.filter((_, place) => trace.columns[place].block === trace.opened);
  if (!own.length) return;
  context.fillStyle = colors.panel;
  context.fillRect(own[0].x - 3, 0, own.at(-1).end - own[0].x + 3, frame.height);
}

function paintHeads(context, picture) {
  const { frame, trace, colors } = picture;
  context.textBaseline = "middle";
  context.textAlign = "center";
  trace.blocks.concat("input").forEach((block) => {
    const own = frame.columns.filter((_, place) => trace.columns[place].block === block);
    if (!own.length) return;
    const [from, to] = [own[0].x, own.at(-1).end];
    const isOpen = block === trace.opened;
    if (to - from < 24) return;
    type(context, picture, isOpen ? 15 : 12, isOpen ? "600" : "");
    context.fillStyle = isOpen ? colors.ink : colors.muted;
    fitted(context, block, (from + to) / 2, HEAD / 2, to - from - 4);
  });
  if (!frame.answer) return;
  type(context, picture, 12);
  context.fillStyle = colors.muted;
  context.fillText("answer", frame.width - frame.answer / 2, HEAD / 2);
}

function paintName(context, picture, { name, own, told }, place, color) {
  const { frame, colors } = picture;
  const { top } = frame.rows[place];
  const y = top + NAME / 2;
  if (place) {
    context.fillStyle = colors.grid;
    context.fillRect(0, top - 1, frame.width, 1);
  }
  context.fillStyle = color;
  context.fillRect(0, top + 3, 4, frame.row - 6);
  context.textAlign = "left";
  type(context, picture, 14, "600");
  context.fillStyle = color;
  context.fillText(name, 10, y);
  const used = 18 + context.measureText(name).width;
  type(context, picture, 14, "600");
  context.textAlign = "right";
  context.fillStyle = colors.ink;
  context.fillText(told, frame.width - 4, y);
  const room = frame.width - used - context.measureText(told).width - 16;
  context.textAlign = "left";
  type(context, picture, 12);
  context.fillStyle = colors.muted;
  if (room > 60) fitted(context, own, used, y, room);
}

function paintCell(context, picture, { cell, column, place, color }) {
  const { frame, trace, colors } = picture;
  const { x, box, wire } = frame.columns[column];
  const { base, tall } = frame.rows[place];
  const isOpen = trace.columns[column].block === trace.opened;
  context.fillStyle = colors.guide;
  context.fillRect(x, base, box + wire, 1.5);
  if (!cell) return;
  if (box > 5) (isOpen ? paintPart : paintStrips)(context, picture, { cell, x, box, base, tall, color });
  if (wire < frame.least) return;
  const width = wire - 6;
  paintBars(context, picture, { cell, column, place, x: x + box + 3, width, base, tall, color });
  if (trace.columns[column].last || !isOpen) arrow(context, trace, x + box + wire, base, colors.guide);
  paintWords(context, picture, { cell, x: x + box + wire / 2, base, room: wire + (trace.columns[column].last ? 14 : -2), isOpen });
}

// A part of the opened block: what it is, and what it holds.
function paintPart(context, picture, { cell, x, box, base, tall, color }) {
  const { colors } = picture;
  const fits = Math.floor((tall + WORDS - 12) / 13);
  const words = box < NARROW_BOX ? [SHORT[cell.title] ?? cell.title] : [cell.title, ...cell.detail];
  const lines = words.filter(Boolean).slice(0, Math.max(fits, 1));
  const high = 8 + 13 * lines.length;
  const top = Math.min(base - high / 2, base + WORDS - 5 - high);
  context.fillStyle = colors.page;
  context.strokeStyle = cell.differs ? color : colors.guide;
  context.lineWidth = cell.differs ? 2.5 : 1;
  context.beginPath();
  context.roundRect(x + 2, top, box - 5, high, 5);
  context.fill();
  context.stroke();
  context.textAlign = "center";
  lines.forEach((line, place) => {
    type(context, picture, place ? 11.5 : 13, place ? "" : "600");
    context.fillStyle = place ? colors.muted : colors.ink;
    fitted(context, line, x + box / 2 - 0.5, top + 11 + 13 * place, box - 9);
  });
}

// A closed block: a strip for each of its parts, in order.
function paintStrips(context, picture, { cell, x, box, base, tall, color }) {
  const { colors } = picture;
  const parts = cell.inside ?? [cell.title];
  const wide = Math.max(2, Math.min(6, (box - 2) / parts.length));
  parts.forEach((part, place) => {
    const isNorm = part.endsWith("Norm");
    context.fillStyle = isNorm ? color : /^(Linear|Conv)/.test(part) ? colors.guide : colors.muted;
    context.globalAlpha = isNorm ? 1 : /^(Linear|Conv)/.test(part) ? 0.9 : 0.45;
    context.fillRect(x + 1 + place * wide, base - tall * 0.72, wide - 1, tall * 0.72);
  });
  context.globalAlpha = 1;
}

function paintBars(context, { frame, trace, colors }, { cell, column, place, x, width, base, tall, color }) {
  const { bins, lanes, bars } = trace;
  if (!cell.numbers) return;
  const heights = bars[place * lanes[0].cells.length + column];
  const n = bins[column];
  const merged = width / n < LEAST_BAR ? 2 : 1;
  const [edge, step] = [(64 - n) / 2, (merged * width) / n];
  context.fillStyle = colors.grid;
  context.fillRect(x + width / 2 - 0.5, base - tall, 1, tall);
  context.fillStyle = color;
  for (let bin = 0; bin < n / merged; bin++) {
    const first = edge + bin * merged;
    const high = (Math.max(heights[first], heights[first + merged - 1]) / 255) * tall;
    if (high > 0.3) context.fillRect(x + bin * step, base - high, Math.max(step - 0.4, 0.8), high);
  }
  if (cell.zero > 0.004) paintZeros(context, colors, x + width / 2, base, tall, cell.zero);
  if (cell.negative !== undefined) paintShares(context, { colors, cell, x, width, base, color });
}

// Exact zeros: a stem as high as their share, with a knob.
function paintZeros(context, colors, x, base, tall, share) {
  const high = Math.max(share * tall, 3);
  context.fillStyle = colors.ink;
  context.fillRect(x - 1, base - high, 2, high);
  context.beginPath();
  context.arc(x, base - high, 3, 0, 2 * Math.PI);
  context.fill();
}

// Below the wire: how much is negative (lane's colour), zero (ink) and positive (grey).
function paintShares(context, { colors, cell, x, width, base, color }) {
  const parts = [
    [cell.negative, color],
    [cell.zero, colors.ink],
    [1 - cell.negative - cell.zero, colors.grid],
  ];
  let from = x;
  for (const [share, fill] of parts) {
    context.fillStyle = fill;
    context.fillRect(from, base + 2.5, share * width, 3);
    from += share * width;
  }
}

function paintWords(context, picture, { cell, x, base, room, isOpen }) {
  const { colors } = picture;
  if (!cell.numbers) return;
  context.textAlign = "center";
  type(context, picture, 13, "600");
  const isLarge = isOpen && context.measureText(cell.numbers[0]).width <= room;
  const lines = isLarge ? [cell.numbers[0]] : (cell.short ?? cell.numbers[0].split(" ").slice(-1));
  if (isLarge && cell.negative !== undefined) {
    type(context, picture, 11);
    const [zero, negative] = [cell.zero, cell.negative].map((share) => `${Math.round(share * 100)}%`);
    const words = [`${zero} zero · ${negative} negative`, `${negative} negative`, `${negative} neg.`, ""];
    lines.push(words.find((text) => context.measureText(text).width <= room));
  }
  lines.forEach((line, place) => {
    type(context, picture, isLarge && !place ? 13 : 11, isOpen && !place ? "600" : "");
    context.fillStyle = place ? colors.muted : colors.ink;
    fitted(context, line, x, base + 13 + 12 * place, room);
  });
}

function arrow(context, { flow }, x, y, color) {
  const by = flow === "gradient" ? 5 : -5;
  const tip = flow === "gradient" ? x - 6 : x - 1;
  context.fillStyle = color;
  context.beginPath();
  context.moveTo(tip, y + 0.75);
  context.lineTo(tip + by, y - 3.5);
  context.lineTo(tip + by, y + 5);
  context.fill();
}

function paintAnswer(context, { frame, trace, colors }, place) {
  const { top } = frame.rows[place];
  const grid = trace.answers[place];
  const [rows, wide] = [grid.length, grid[0].length];
  const size = Math.min(frame.answer - 10, frame.row - NAME - 8);
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [wide, rows];
  const image = new ImageData(wide, rows);
  const shade = trace.classes ? classShade(trace, colors) : valueShade(colors);
  grid.forEach((row, y) => {
    for (let col = 0; col < wide; col++) {
      image.data.set([...shade(row[col]), 255], 4 * ((rows - 1 - y) * wide + col));
    }
  });
  sheet.getContext("2d").putImageData(image, 0, 0);
  context.drawImage(sheet, frame.width - frame.answer / 2 - size / 2, top + NAME, size, size);
}

function valueShade(colors) {
  const [low, zero, high] = ["negative", "zero", "positive"].map((name) =>
    channels(colors[name]).slice(0, 3),
  );
  return (value) => {
    const [end, share] = [value < 0 ? low : high, Math.abs(value) / 127];
    return zero.map((from, c) => from + (end[c] - from) * share);
  };
}

function classShade({ classes }, colors) {
  const known = classes.map((color) => channels(colors[tokenOf(color)] ?? color).slice(0, 3));
  return (label) => known[label];
}

// Cut with … where there is no room.
function fitted(context, text, x, y, room) {
  let shown = text;
  while (shown.length > 1 && context.measureText(shown).width > room) {
    shown = `${shown.slice(0, -2).trimEnd()}…`;
  }
  context.fillText(shown, x, y);
}
