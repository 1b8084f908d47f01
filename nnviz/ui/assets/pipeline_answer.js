// pipeline_answer.js: at the end of a pipeline, the answer over the plane.

import { channels } from "./marks_shades.js";
import { NAME } from "./pipeline_layout.js";

// The colour of a meaning, "var(--nnviz-lane_0)", in this theme.
export function colorOf(color, colors) {
  return colors[color.match(/--nnviz-([a-z0-9_]+)/)?.[1]] ?? color;
}

export function paintAnswer(context, { frame, trace, colors }, place) {
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
  const known = classes.map((color) => channels(colorOf(color, colors)).slice(0, 3));
  return (label) => known[label];
}
