// marks_axes.js: what of an axis the newest data need, whether the drawn one holds them, and room
// for the frames to come. Ranges are as Plotly's: powers of ten on a logarithmic axis.

import { same } from "./marks_same.js";

const QUARTER = 0.25;
const ROOM = 0.25;
const GROWTH = 1.5;
const PAD = 0.05;
const SOFT = ["range", "tickvals", "ticktext", "dtick"];
const asked = new WeakMap();

export const axisKeys = (layout) => Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key));
const idOf = (key) => key.replace("axis", "");
export const keyOf = (trace, letter) =>
  (trace[`${letter}axis`] ?? letter).replace(letter, `${letter}axis`);

// The layout that Python asked for behind the one that is drawn, if `roomy` made it.
export const askedBehind = (plot) => asked.get(plot.layout);

function changedByReader(plot, key) {
  const ax = plot?._fullLayout?.[key];
  const before = plot?._fullLayout?._preGUI ?? {};
  if (!ax || ax.autorange !== false || !(`${key}.range[0]` in before)) return null;
  const range = [before[`${key}.range[0]`], before[`${key}.range[1]`]];
  if (range.every((end, place) => end === ax.range[place])) return null;
  return { range: range.includes(null) ? undefined : range };
}

function spread(values, log, low, high) {
  for (const value of values ?? []) {
    const at = log ? Math.log10(value) : value;
    if (!Number.isFinite(at)) continue;
    if (at < low) low = at;
    if (at > high) high = at;
  }
  return [low, high];
}

function ends(trace, letter, log) {
  const values = trace[letter];
  const [low, high] = spread(values, log, Infinity, -Infinity);
  if (trace.type === "heatmap" && !log && values.length > 1) {
    const [first, last] = [values[1] - values[0], values.at(-1) - values.at(-2)];
    return [low - first / 2, high + last / 2];
  }
  if (trace.type !== "bar") return [low, high];
  const along = (trace.orientation === "h") === (letter === "x");
  const half = (typeof trace.width === "number" ? trace.width : 0.8) / 2;
  return along ? [Math.min(low, 0), Math.max(high, 0)] : [low - half, high + half];
}

// The range that Plotly would choose by itself, nearly; null without a finite value.
function needed(axis, key, traces, log) {
  const letter = key[0];
  const mine = traces.filter(
    (trace) => keyOf(trace, letter) === key && trace.visible !== "legendonly",
  );
  let [low, high] = [Infinity, -Infinity];
  for (const trace of mine) {
    const [least, most] = ends(trace, letter, log);
    [low, high] = [Math.min(low, least), Math.max(high, most)];
  }
  if (!(low <= high)) return null;
  const padded = letter === "y" || mine.some((trace) => /markers/.test(trace.mode));
  const pad = low === high ? Math.max(Math.abs(high), 1) * 0.5 : (high - low) * PAD * padded;
  const floor = !log && /nonnegative|tozero/.test(axis.rangemode) && low >= 0;
  const zero = floor && (axis.rangemode === "tozero" || low - pad < 0);
  return [zero ? 0 : low - pad, high + pad];
}

const isChosen = (axis) => axis.type === "category" || typeof axis.autorange === "string";

function widened(key, axis, traces) {
  const log = axis.type === "log";
  const range = needed(axis, key, traces, log);
  if (!range) return axis;
  const [low, high] = range;
  const room = (high - low) * 0.1;
  const growing = axis.rangemode === "nonnegative" && key[0] === "x";
  const stays = axis.rangemode && low === 0;
  if (growing) return { ...axis, range: [low, low + (high - low) * GROWTH], autorange: false };
  const more = log ? Math.max(room, 0.2) : room;
  return { ...axis, range: [stays ? 0 : low - more, high + more], autorange: false };
}

// Ends that Python has moved before will move again.
function followed(axis, before, moved) {
  const [low, high] = axis.range;
  const was = before?.range ?? axis.range;
  axis.range.forEach((end, place) => (moved[place] ||= end !== was[place]));
  const room = (high - low) * ROOM;
  if (!moved[0] && !moved[1]) return axis;
  return { ...axis, range: [moved[0] ? low - room : low, moved[1] ? high + room : high] };
}

// Plotly writes into what it gets.
const own = (part) => structuredClone(part);

const unzoomed = (axis, { range }) => ({ ...axis, range, autorange: range && false });

// The layout for a Plotly.react at rest: as it is, but where the reader has zoomed, uirevision must
// find the range that it knows from before, or the zoom is lost.
export function resting(layout, plot) {
  const result = { ...layout };
  for (const key of axisKeys(layout)) {
    const zoom = changedByReader(plot, key);
    if (zoom) result[key] = unzoomed(layout[key], zoom);
  }
  return result;
}

// The layout for a Plotly.react during a run: the same with room on every axis that follows the
// data. `plot` is what is drawn so far: the reader's own zoom stays, moving ends are known from it.
export function roomy(layout, traces, plot) {
  const behind = asked.get(plot?.layout);
  const moved = { ...behind?.moved };
  const result = { ...layout };
  for (const name of ["shapes", "annotations"]) if (layout[name]) result[name] = own(layout[name]);
  for (const key of axisKeys(layout)) {
    const [axis, zoom] = [own(layout[key]), changedByReader(plot, key)];
    moved[key] = [...(moved[key] ?? [false, false])];
    if (zoom) result[key] = unzoomed(axis, zoom);
    else if (axis.range) result[key] = followed(axis, behind?.layout[key], moved[key]);
    else if (!isChosen(axis)) result[key] = widened(key, axis, traces);
    else result[key] = axis;
  }
  asked.set(result, { layout, moved });
  return result;
}

function holds([low, high], range) {
  const [least, most] = [Math.min(...range), Math.max(...range)];
  const slack = (most - least) * 1e-6;
  const inside = Math.min(low, high) >= least - slack && Math.max(low, high) <= most + slack;
  return inside && Math.abs(high - low) >= (most - least) * QUARTER;
}

// Whether the axis as it is drawn will do; `labels` collects axes whose ticks only read otherwise.
export function axisHolds(plot, key, axis, before, traces, labels) {
  const names = new Set([...Object.keys(axis), ...Object.keys(before ?? {})]);
  for (const name of names) {
    if (!SOFT.includes(name) && !same(axis[name], before?.[name])) return false;
  }
  const [ax, zoom] = [plot._fullLayout[key], changedByReader(plot, key)];
  if (axis.range && !same(axis.range, before.range)) return zoom || holds(axis.range, ax.range);
  if (!same(axis.tickvals, before.tickvals) || axis.dtick !== before.dtick) return false;
  if (!same(axis.ticktext, before.ticktext)) labels.push(key);
  if (axis.range || zoom || isChosen(axis) || ax.type === "category") return true;
  const range = needed(axis, key, traces, ax.type === "log");
  return !range || holds(range, ax.range);
}

// From values of an axis to pixels of the plot.
export function projection(ax) {
  const [start, end] = ax.range.map(Number);
  const upward = ax._id[0] === "y";
  const scale = ((upward ? -1 : 1) * ax._length) / (end - start);
  const zero = ax._offset + (upward ? ax._length : 0) - scale * start;
  const places = ax.type === "category" ? ax._categoriesMap : null;
  const log = ax.type === "log";
  return (value) => {
    if (value === null || value === undefined) return NaN;
    if (places) return zero + scale * (places[value] ?? +value);
    return zero + scale * (log ? Math.log10(value) : value);
  };
}
