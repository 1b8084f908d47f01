// pipeline_paint.js: the strokes of pipelines: boxes of parts, wires, histograms that stand on them.

import { colorOf, paintAnswer } from "./pipeline_answer.js";
import { paintBars } from "./pipeline_bars.js";
import { HEAD, NAME, WORDS } from "./pipeline_layout.js";

const NARROW_BOX = 44;
const SHORT = { Linear: "Lin", BatchNorm: "BN", LayerNorm: "LN", GroupNorm: "GN", InstanceNorm: "IN", Dropout: "Drop" };

export function paint(context, picture) {
  const { frame, trace, colors } = picture;
  context.clearRect(0, 0, frame.width, frame.height);
  paintOpened(context, picture);
  paintHeads(context, picture);
  trace.lanes.forEach((lane, place) => {
    const color = colorOf(lane.color, colors);
    paintName(context, picture, lane, place, color);
    lane.cells.forEach((cell, column) => paintCell(context, picture, { cell, column, place, color }));
    if (frame.answer) paintAnswer(context, picture, place);
  });
}

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

// Cut with … where there is no room.
function fitted(context, text, x, y, room) {
  let shown = text;
  while (shown.length > 1 && context.measureText(shown).width > room) {
    shown = `${shown.slice(0, -2).trimEnd()}…`;
  }
  context.fillText(shown, x, y);
}
