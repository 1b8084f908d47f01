// answer_paint.js: an image and a signal on a small canvas, as the network gets them.

import { channels } from "./marks_shades.js";

export function fit(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

// Rows of an image, from the page's shade at `low` to ink at `high`.
export function paintImage(canvas, rows, low, high, colors, side) {
  const [high_, wide] = [rows.length, rows[0].length];
  const scale = side / Math.max(high_, wide);
  const context = fit(canvas, wide * scale, high_ * scale);
  const [least, most] = [channels(colors.zero), channels(colors.ink)];
  rows.forEach((row, y) => {
    row.forEach((value, x) => {
      const share = Math.max(0, Math.min(1, (value - low) / (high - low || 1)));
      const [r, g, b] = [0, 1, 2].map((c) => Math.round(least[c] + (most[c] - least[c]) * share));
      context.fillStyle = `rgb(${r},${g},${b})`;
      context.fillRect(x * scale, y * scale, scale + 0.4, scale + 0.4);
    });
  });
}

// Channels of a signal, one beneath the other.
export function paintSignal(canvas, channelRows, low, high, colors, width, height) {
  const context = fit(canvas, width, height);
  const each = height / channelRows.length;
  channelRows.forEach((row, channel) => {
    context.beginPath();
    row.forEach((value, place) => {
      const x = 2 + (place / Math.max(row.length - 1, 1)) * (width - 4);
      const y = (channel + 1) * each - 2 - ((value - low) / (high - low || 1)) * (each - 4);
      context.lineTo(x, y);
    });
    Object.assign(context, { strokeStyle: colors.ink, lineWidth: 1.3 });
    context.stroke();
  });
}

// A flat array as rows of one length.
export function rowsOf(values, wide) {
  return Array.from({ length: values.length / wide }, (_, y) =>
    Array.from(values.slice(y * wide, (y + 1) * wide)),
  );
}
