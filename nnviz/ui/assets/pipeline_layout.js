// pipeline_layout.js: where lanes, parts and wires of pipelines stand; lengths are CSS pixels.

export const HEAD = 24; // names of the blocks
export const NAME = 19; // the line with a lane's name
export const WORDS = 29; // the numbers below a wire
const ANSWER = 84;
const NARROW = 560;
const LEAST_WIRE = 26;

// Shares of the width: a part's box and the wire that leaves it.
function shares(trace, isNarrow) {
  return trace.columns.map(({ block, last }, place) => {
    const isInput = block === "input";
    if (block !== trace.opened) {
      if (isNarrow) return { box: 0.22, wire: 0 };
      return { box: isInput ? 0 : 0.28, wire: isInput ? 0.7 : 0.82 };
    }
    const isNorm = trace.lanes.some(({ cells }) => cells[place]?.detail.length > 2);
    return { box: isNarrow ? 0.95 : isNorm ? 2 : 1.2, wire: last ? 1.7 : 1.15 };
  });
}

export function place(trace, width, height) {
  const isNarrow = width < NARROW;
  const answer = trace.answers && !isNarrow ? ANSWER : 0;
  const all = shares(trace, isNarrow);
  const total = all.reduce((sum, { box, wire }) => sum + box + wire, 0);
  const left = 10;
  const unit = (width - left - answer - 6) / total;
  let x = left;
  const columns = all.map(({ box, wire }) => {
    const column = { x, box: box * unit, wire: wire * unit, end: x + (box + wire) * unit };
    x = column.end;
    return column;
  });
  const row = (height - HEAD) / trace.lanes.length;
  const rows = trace.lanes.map((_, lane) => {
    const top = HEAD + lane * row;
    const base = top + row - WORDS;
    return { top, base, tall: base - top - NAME - 3 };
  });
  return { width, height, columns, rows, row, answer, end: x, isNarrow, least: LEAST_WIRE };
}

export function columnAt(frame, x, y) {
  const column = frame.columns.findIndex(({ x: from, end }) => x >= from && x < end);
  if (column < 0 || y < 0) return null;
  return { column, lane: Math.floor((y - HEAD) / frame.row) };
}
