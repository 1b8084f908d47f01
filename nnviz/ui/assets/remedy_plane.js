// remedy_plane.js: P(class 1) over a plane as shades, the training points on it, wrong labels ringed.

const STRENGTH = 0.62;
const FEW = 80; // points on a small plane
const shades = new Map();

export function paintPlane(canvas, cell, { points, reach }, root) {
  const { clientWidth: wide, clientHeight: high } = canvas;
  if (!wide || !high) return;
  const scale = window.devicePixelRatio || 1;
  canvas.width = wide * scale;
  canvas.height = high * scale;
  if (!cell) return;
  const brush = canvas.getContext("2d");
  brush.scale(scale, scale);
  const style = getComputedStyle(root);
  const colour = (name) => style.getPropertyValue(`--nnviz-${name}`).trim();
  brush.imageSmoothingEnabled = true;
  brush.drawImage(shaded(cell.map, ["class_0", "zero", "class_1"].map(colour)), 0, 0, wide, high);
  const isLarge = high > 200;
  const radius = isLarge ? 4.5 : 2.6;
  for (const [x, y, label, isWrong] of (points[cell.points] ?? []).slice(0, isLarge ? undefined : FEW)) {
    const [left, top] = [(0.5 + x / (2 * reach)) * wide, (0.5 - y / (2 * reach)) * high];
    circle(brush, left, top, radius);
    brush.fillStyle = colour(`class_${label}`);
    brush.fill();
    brush.lineWidth = 1;
    brush.strokeStyle = colour("page");
    brush.stroke();
    if (!isWrong) continue;
    circle(brush, left, top, radius + 2.2);
    brush.lineWidth = 1.8;
    brush.strokeStyle = colour("ink");
    brush.stroke();
  }
}

function circle(brush, x, y, radius) {
  brush.beginPath();
  brush.arc(x, y, radius, 0, 2 * Math.PI);
}

// A small canvas of one pixel a grid point, the last row of the map on top; kept by its content.
function shaded(map, colours) {
  const key = `${colours} ${map}`;
  const kept = shades.get(key);
  if (kept) return kept;
  if (shades.size > 400) shades.clear();
  const bytes = Uint8Array.from(atob(map), (sign) => sign.charCodeAt(0));
  const n = Math.round(Math.sqrt(bytes.length));
  const [low, zero, high] = colours.map((hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16)));
  const made = Object.assign(document.createElement("canvas"), { width: n, height: n });
  const image = new ImageData(n, n);
  bytes.forEach((byte, place) => {
    const sure = STRENGTH * Math.abs(byte / 127.5 - 1);
    const end = byte < 127.5 ? low : high;
    const target = 4 * ((n - 1 - Math.floor(place / n)) * n + (place % n));
    for (let k = 0; k < 3; k += 1) image.data[target + k] = zero[k] + sure * (end[k] - zero[k]);
    image.data[target + 3] = 255;
  });
  made.getContext("2d").putImageData(image, 0, 0);
  shades.set(key, made);
  return made;
}
