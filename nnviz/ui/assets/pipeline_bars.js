// pipeline_bars.js: the histogram that stands on a wire, exact zeros apart, shares below it.

const LEAST_BAR = 2;

export function paintBars(context, { frame, trace, colors }, { cell, column, place, x, width, base, tall, color }) {
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
