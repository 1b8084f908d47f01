// marks_bars.js: bars on a canvas: Plotly says where they stand, the newest numbers how long they are.

import { shades } from "./marks_shades.js";

// `stacks` holds what lies under each place of a stacked chart, upwards and downwards.
export function paintBars(context, { trace, full, drawn, x, y }, stacks) {
  const across = full.orientation === "h";
  const values = trace[across ? "x" : "y"];
  const [along, beside] = across ? [x, y] : [y, x];
  const shade = shades(trace.marker?.color, full.marker);
  context.globalAlpha = (full.opacity ?? 1) * (full.marker.opacity ?? 1);
  for (let place = 0; place < values.length; place++) {
    if (!Number.isFinite(values[place])) continue;
    const { p0, p1, p } = drawn[place];
    const foot = stacked(stacks, p, values[place]);
    const [from, to] = [along(foot), along(foot + values[place])];
    const [start, end] = [beside(p0), beside(p1)];
    context.fillStyle = shade(place);
    const box = across
      ? [from, start, to - from, end - start]
      : [start, from, end - start, to - from];
    context.fillRect(...box);
    if (!full.marker.line?.width) continue;
    Object.assign(context, {
      lineWidth: full.marker.line.width,
      strokeStyle: full.marker.line.color,
    });
    context.strokeRect(...box);
  }
  context.globalAlpha = 1;
}

function stacked(stacks, place, value) {
  if (!stacks) return 0;
  const key = `${place}${value < 0}`;
  const foot = stacks.get(key) ?? 0;
  stacks.set(key, foot + value);
  return foot;
}
