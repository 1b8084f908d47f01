// inside_layout.js: where the units and weights of an update stand on the canvas. CSS pixels.

const TOP = 12;
const BOTTOM = 46;
const WIDEST = 58;
const TALLEST = 34;
const LARGEST_MAP = 56;
const NEAR = 6;
const LEFT = 6;
const RIGHT = 30; // for the names of the answers

export function arranged(answer, width, height) {
  const most = Math.max(...answer.columns.map(({ units }) => units.length));
  const pitch = (height - TOP - BOTTOM) / most;
  const room = (width - LEFT - RIGHT) / answer.columns.length;
  const columns = answer.columns.map((column, index) => placed(column, index, { pitch, room, height }));
  const edges = answer.edges.flatMap((edge) => joined(edge, columns));
  const bundles = columns.slice(1).flatMap((right, index) =>
    answer.edges.some((edge) => edge.column === index + 1) ? [] : bundled(columns[index], right),
  );
  const pairs = new Map(edges.map((edge) => [`${edge.right.index}/${edge.to}/${edge.from}`, edge]));
  return { width, height, columns, edges, bundles, pairs, room };
}

function placed(column, index, { pitch, room, height }) {
  const n = column.units.length;
  const isMap = column.shape.length > 0;
  const mapped = n === 1 ? Math.min(room * 0.7, 110, height - TOP - BOTTOM) : LARGEST_MAP;
  const wide = isMap ? Math.min(room * 0.7, mapped, n > 1 ? pitch * 0.9 : mapped) : Math.min(room * 0.66, WIDEST);
  const tall = isMap ? wide : Math.min(pitch * 0.78, TALLEST);
  const middle = (height - BOTTOM + TOP) / 2;
  const ys = column.units.map((_, place) => middle + (place - (n - 1) / 2) * pitch);
  return { ...column, index, isMap, wide, tall, x: LEFT + (index + 0.5) * room, ys };
}

function joined({ column, is_kernels: isKernels, before_TF, after_TF, gradient_TF }, columns) {
  const [left, right] = [columns[column - 1], columns[column]];
  return before_TF.flatMap((row, to) =>
    Array.from(row, (weight, from) => ({
      left, right, from, to, isKernels, weight,
      after: after_TF[to][from],
      gradient: gradient_TF[to][from],
      ...ends(left, right, from, to),
    })),
  );
}

function bundled(left, right) {
  const n = Math.max(left.ys.length, right.ys.length);
  if (left.ys.length === right.ys.length) {
    return left.ys.map((_, place) => ({ left, right, ...ends(left, right, place, place) }));
  }
  const from = (place) => Math.min(place, left.ys.length - 1);
  const to = (place) => Math.min(place, right.ys.length - 1);
  return Array.from({ length: n }, (_, place) => ({ left, right, ...ends(left, right, from(place), to(place)) }));
}

function ends(left, right, from, to) {
  return {
    x0: left.x + left.wide / 2, y0: left.ys[from], x1: right.x - right.wide / 2, y1: right.ys[to],
  };
}

// A place on the soft curve between two units; t from 0 to 1.
export function along({ x0, y0, x1, y1 }, t) {
  return [x0 + (x1 - x0) * t, y0 + (y1 - y0) * t * t * (3 - 2 * t)];
}

// The unit under a point, else the nearest weight within a few pixels.
export function found(frame, x, y) {
  for (const column of frame.columns) {
    if (Math.abs(x - column.x) > column.wide / 2 + 2) continue;
    const place = column.ys.findIndex((middle) => Math.abs(y - middle) <= column.tall / 2 + 2);
    if (place >= 0) return { column, place };
  }
  let [nearest, least] = [null, NEAR];
  for (const edge of frame.edges) {
    if (edge.isKernels || x < edge.x0 || x > edge.x1) continue;
    const t = (x - edge.x0) / (edge.x1 - edge.x0);
    const far = Math.abs(y - along(edge, t)[1]);
    if (far < least) [nearest, least] = [edge, far];
  }
  return nearest && { edge: nearest };
}
