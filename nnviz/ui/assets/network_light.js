// network_light.js: how the drawing lights up for one input: what units give, what lines carry.

const SCALE = 127;
const MISSING = -128;
const LEAST = 1e-12;
const MOST = 65504; // what the 16 bits of an activation can hold

const isMap = (value) => value?.length !== undefined;
const rowsOf = (map) => (isMap(map[0]) ? map : [map]);
const peak = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
const peakOf = (value) => (isMap(value) ? peak(rowsOf(value).map((row) => peak(row))) : value);

// What a column's drawn units give: a number each, or a map each (rows, or one row).
function given(column, answer) {
  if (column.is_box) return [];
  const { name, kind, n_drawn: many } = column;
  const block = answer.blocks.find((each) => each.name === name);
  return Array.from((kind === "input" ? answer.x : block?.output) ?? []).slice(0, many);
}

// A map as a tile whose first row is its lowest.
function fillTile(tiles, start, side, map, largest) {
  const rows = rowsOf(map);
  for (let y = 0; y < side; y++) {
    const row = rows[Math.floor(((side - y - 0.5) * rows.length) / side)];
    for (let x = 0; x < side; x++) {
      const value = row[Math.floor(((x + 0.5) * row.length) / side)] / largest;
      const shade = Math.round(value * SCALE);
      tiles[start + y * side + x] = Number.isFinite(value) ? shade : MISSING;
    }
  }
}

// Of every tile its number (NaN for maps and what is not known) and its share of the column's
// largest; of every line the share of what it carries, |weight × activation|, in its column.
export function lightOf({ frame, trace }, answer) {
  const { side } = trace;
  const tiles = Int8Array.from(trace.tiles);
  const nTiles = tiles.length / (side * side);
  const [numbers, shares] = [new Float32Array(nTiles).fill(NaN), new Float32Array(nTiles)];
  for (const column of frame.columns) {
    const values = given(column, answer);
    const peaks = values.map(peakOf);
    const largest = Math.max(peak(peaks), LEAST);
    values.forEach((value, unit) => {
      const place = column.first + unit;
      if (!isMap(value)) numbers[place] = value;
      shares[place] = Math.abs(peaks[unit]) / largest || 0;
      if (column.shows === "plane") return;
      fillTile(tiles, place * side * side, side, isMap(value) ? value : [value], largest);
    });
  }
  return { tiles, numbers, shares, lines: carried(frame, trace, numbers) };
}

function carried({ edges }, { weights }, numbers) {
  const sizes = edges.map(({ left, from }, index) =>
    Math.abs(weights[index] * numbers[left.first + from]),
  );
  const most = new Map();
  edges.forEach(({ right }, index) => {
    if (sizes[index] > (most.get(right) ?? LEAST)) most.set(right, sizes[index]);
  });
  return edges.map(({ right }, index) => sizes[index] / (most.get(right) ?? 1) || 0);
}

// A ring around each tile by what it gives, and the number where there is room.
export function paintLight(context, { frame, colors, light, font }) {
  context.font = font.replace("11px", "10px");
  for (const column of frame.columns) {
    if (column.is_box) continue;
    column.ys.forEach((y, unit) => {
      const place = column.first + unit;
      const [share, number] = [light.shares[place], light.numbers[place]];
      const half = column.half + 1.5;
      context.strokeStyle = colors[ringOf(share, number)];
      Object.assign(context, { lineWidth: 0.8 + 2.6 * share, globalAlpha: 0.25 + 0.75 * share });
      context.strokeRect(column.x - half, y - half, 2 * half, 2 * half);
      context.globalAlpha = 1;
      const where = placeOf(column, y, frame);
      if (where && Number.isFinite(number)) paintNumber(context, colors, where, number);
    });
  }
}

function ringOf(share, number) {
  if (!share) return "muted";
  if (Number.isNaN(number)) return "guide"; // a map
  return number < 0 ? "negative" : "positive";
}

// In a large tile at its foot, else beside it where columns stand apart.
function placeOf({ x, half, unit_names: names }, y, { tile, pitch }) {
  if (tile >= 34) return { x, y: y + half - 7, shift: 0.5 };
  if (tile < 11 || pitch - tile < 56) return null;
  return names.length ? { x: x - half - 4, y, shift: 1 } : { x: x + half + 4, y, shift: 0 };
}

function paintNumber(context, colors, { x, y, shift }, number) {
  const most = Math.abs(number) >= MOST ? "beyond " : "";
  const text = most + number.toFixed(Math.abs(number) < 10 ? 2 : 0).replace("-", "−");
  const wide = context.measureText(text).width + 4;
  const left = x - shift * wide;
  Object.assign(context, { fillStyle: colors.page, globalAlpha: 0.82 });
  context.fillRect(left, y - 6, wide, 12);
  Object.assign(context, { fillStyle: colors.ink, globalAlpha: 1, textAlign: "left" });
  context.fillText(text, left + 2, y + 3.5);
}
