// network_layout.js: where everything in the picture of a network stands, and what is at a point.
// Columns of tiles stand on common rows; lengths are CSS pixels.

const LABEL_ROOM = 58;
const SIDE_ROOM = 24;
const LARGEST_TILE = 64;
const LARGEST_PICTURE = 88;
const LINE = 16;
const NEAR_EDGE = 6;

// Parts of a sentence on as few lines as the width allows.
function wrapped(parts, width, measure) {
  const lines = [];
  for (const part of parts) {
    const longer = lines.length ? `${lines.at(-1)} · ${part}` : part;
    if (lines.length && measure(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

export function arrange(trace, width, height, measure) {
  const lines = wrapped(trace.reading, width - 8, measure);
  const top = lines.length * LINE + 8;
  const room = Math.max(height - LABEL_ROOM - top, 40);
  const nRows = Math.max(...trace.columns.map((column) => column.n_drawn));
  const rowPitch = Math.min(room / nRows, LARGEST_TILE * 1.2);
  const names = trace.columns.at(-1).unit_names.map(measure);
  const right = names.length ? Math.min(Math.max(...names) + 6, width * 0.2) : 0;
  const pitch = (width - 2 * SIDE_ROOM - right) / trace.columns.length;
  const tile = Math.max(3, Math.min(rowPitch * 0.86, pitch * 0.5, LARGEST_TILE));
  const first = top + (room - nRows * rowPitch) / 2;
  const rowAt = (slot) => first + (slot + 0.5) * rowPitch;
  const frame = { width, height, lines, tile, pitch, right, middle: rowAt((nRows - 1) / 2) };
  frame.boxHalf = Math.min(Math.max((nRows * rowPitch) / 2 - 4, 60), room / 2 - 4);
  frame.boxWide = Math.max(tile / 2, 9);
  frame.columns = placed(trace.columns, frame, nRows, rowAt);
  const boxes = frame.columns.filter((column) => column.is_box).map(({ tall }) => tall);
  const lowest = Math.max(rowAt(nRows - 1) + tile / 2, frame.middle + Math.max(...boxes, 0));
  frame.bottom = lowest + (frame.columns.some((column) => column.n_hidden) ? 17 : 4);
  frame.edges = edges(trace, frame);
  return frame;
}

function placed(columns, frame, nRows, rowAt) {
  let [tiles, weights] = [0, 0];
  return columns.map((column, index) => {
    const kernel = weights;
    if (column.kernel) weights += column.n_drawn * column.kernel.reduce((all, n) => all * n, 1);
    const slot = Math.floor((nRows - column.n_drawn) / 2);
    const rows = Array.from({ length: column.n_drawn }, (_, unit) => rowAt(slot + unit));
    const first = tiles;
    if (!column.is_box) tiles += column.n_drawn;
    return {
      ...column,
      x: SIDE_ROOM + (index + 0.5) * frame.pitch,
      ys: column.is_box ? [frame.middle] : rows,
      ...extent(column, frame),
      first,
      firstWeight: kernel,
    };
  });
}

// Half the width and height of a tile, a box, or the picture that is fed in.
function extent({ is_box: isBox, picture }, { tile, boxWide, boxHalf, pitch }) {
  if (!isBox) return { half: tile / 2, tall: tile / 2 };
  if (!picture) return { half: boxWide, tall: boxHalf };
  const [rows, columns] = picture;
  const scale = Math.min(Math.min(pitch * 0.8, LARGEST_PICTURE) / columns, (2 * boxHalf) / rows);
  return { half: (scale * columns) / 2, tall: (scale * rows) / 2 };
}

function edges(trace, { columns }) {
  return Array.from(trace.edge_column, (place, index) => {
    const [left, right] = [columns[place - 1], columns[place]];
    const [from, to] = [trace.edge_from[index], trace.edge_to[index]];
    const [x0, x1] = [left.x + left.half, right.x - right.half];
    return { left, right, from, to, x0, x1, y0: left.ys[from], y1: right.ys[to] };
  });
}

// Grey curves between columns whose weights are not drawn, through one point in the middle.
export function bundles(trace, { columns }) {
  const joined = new Set(trace.edge_column);
  const mean = (ys) => ys.reduce((sum, y) => sum + y, 0) / ys.length;
  return columns.slice(1).flatMap((right, index) => {
    if (joined.has(index + 1)) return [];
    const left = columns[index];
    const [x, y] = [(left.x + right.x) / 2, (mean(left.ys) + mean(right.ys)) / 2];
    return [
      ...left.ys.map((y0) => ({ x0: left.x + left.half, y0, x1: x, y1: y })),
      ...right.ys.map((y1) => ({ x0: x, y0: y, x1: right.x - right.half, y1 })),
    ];
  });
}

// A soft curve: x runs evenly, y as 3t² - 2t³, which `distance` relies on.
export function traceCurve(path, { x0, y0, x1, y1 }) {
  const third = (x1 - x0) / 3;
  path.moveTo(x0, y0);
  path.bezierCurveTo(x0 + third, y0, x1 - third, y1, x1, y1);
}

function distance({ x0, y0, x1, y1 }, x, y) {
  const t = (x - x0) / (x1 - x0);
  if (t < 0 || t > 1) return Infinity;
  const slope = ((y1 - y0) * 6 * t * (1 - t)) / (x1 - x0);
  return Math.abs(y - y0 - (y1 - y0) * t * t * (3 - 2 * t)) / Math.hypot(1, slope);
}

// The unit or box under a point, else the nearest drawn edge within a few pixels.
export function hit(frame, drawn, x, y) {
  for (const column of frame.columns) {
    if (Math.abs(x - column.x) > column.half + 1) continue;
    const unit = column.ys.findIndex((middle) => Math.abs(y - middle) <= column.tall + 1);
    if (unit >= 0) return { column, unit };
  }
  let [nearest, least] = [null, NEAR_EDGE];
  for (const index of drawn) {
    const far = distance(frame.edges[index], x, y);
    if (far < least) [nearest, least] = [index, far];
  }
  return nearest === null ? null : { edge: nearest };
}
