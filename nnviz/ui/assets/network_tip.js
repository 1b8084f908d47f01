// network_tip.js: the words about the unit or weight under the pointer, beside it and in sight.

const GAP = 14;
const MAP = 96; // pixels of a channel's map beside the pointer
const WEIGHT = 20; // and at most of one weight of its kernel

function short(value) {
  return Number(value.toPrecision(3)).toString().replace("-", "−");
}

const unitName = (column, unit) =>
  column.unit_names[unit] ?? (column.kind === "input" ? `${unit}` : `unit ${unit}`);

function edgeWords({ left, right, from, to }, weight, light) {
  const start = `${left.name} ${unitName(left, from)}`;
  const given = light?.numbers[left.first + from];
  const carries = `× ${short(given ?? 0)} for this input = ${short(weight * given)}`;
  return [
    `${start} → ${right.name} ${unitName(right, to)}`,
    `weight ${short(weight)}`,
    Number.isFinite(given) ? carries : "",
  ];
}

function litWords({ column, unit }, { answer, light }) {
  const given = light?.numbers[column.first + unit];
  if (!Number.isFinite(given)) return "";
  const z = answer.blocks.find(({ name }) => name === column.name)?.pre_activation?.[unit];
  const inner = Number.isFinite(z) && column.kind !== "output" ? `z = ${short(z)}, ` : "";
  return `for this input: ${inner}${column.kind === "input" ? "" : "a = "}${short(given)}`;
}

function unitWords({ column, unit }, picture) {
  const { means, stds, dead } = picture.trace;
  if (column.is_box) {
    const noun = column.kind === "input" ? "inputs" : "values";
    return [column.name, `${column.n_units || ""} ${noun}`.trim(), column.caption];
  }
  const place = column.first + unit;
  return [
    `${column.name} ${unitName(column, unit)}${dead[place] ? ": dead" : ""}`,
    litWords({ column, unit }, picture),
    Number.isFinite(means[place]) ? `mean activation ${short(means[place])}` : "",
    Number.isFinite(stds[place]) ? `std ${short(stds[place])}` : "",
    column.caption,
  ];
}

export class NetworkTip {
  constructor(host) {
    this.host = host;
    this.node = document.createElement("div");
    this.node.className = "nnviz-network-tip";
    this.node.hidden = true;
    Object.assign(this.node.style, {
      position: "absolute",
      left: 0,
      top: 0,
      zIndex: 5,
      padding: "4px 8px",
      borderRadius: "4px",
      fontSize: "12px",
      lineHeight: 1.4,
      whiteSpace: "pre",
      pointerEvents: "none",
    });
    this.words = document.createElement("div");
    this.drawing = document.createElement("canvas");
    this.node.append(this.words, this.drawing);
    host.append(this.node);
  }

  // A channel's map and its kernel, large enough to be read.
  enlarge({ column, unit }, picture) {
    const shows = column?.shows === "positions";
    this.drawing.style.display = shows || column?.kernel ? "block" : "none";
    if (!shows && !column?.kernel) return;
    const size = column.kernel ? picture.kernels.sizeOf(column) : { width: 0, height: 0 };
    const scale = Math.min(WEIGHT, MAP / Math.max(size.width, size.height, 1));
    const left = shows ? MAP + 8 : 0;
    this.drawing.width = left + size.width * scale;
    this.drawing.height = Math.max(shows ? MAP : 0, size.height * scale);
    const context = this.drawing.getContext("2d");
    context.imageSmoothingEnabled = false;
    const { side } = picture.trace;
    const from = (column.first + unit) * side;
    if (shows) context.drawImage(picture.atlas, 0, from, side, side, 0, 0, MAP, MAP);
    if (column.kernel) picture.kernels.draw(context, column, unit, left, 0, scale);
  }

  show(found, picture) {
    if (!found) return this.hide();
    const { frame, trace, colors, pointer, light } = picture;
    const lines =
      found.edge === undefined
        ? unitWords(found, picture)
        : edgeWords(frame.edges[found.edge], trace.weights[found.edge], light);
    const text = lines.filter(Boolean).join("\n");
    if (this.words.textContent !== text) this.words.textContent = text;
    this.enlarge(found, picture);
    Object.assign(this.node.style, {
      background: colors.panel,
      color: colors.ink,
      border: `1px solid ${colors.muted}`,
    });
    this.node.hidden = false;
    this.settle(pointer, frame);
  }

  // Beside the pointer, on the side where there is room, inside what is in sight of the picture.
  settle({ clientX, clientY }, frame) {
    const { left, top } = this.host.getBoundingClientRect();
    const { width, height } = this.node.getBoundingClientRect();
    const along = (at, size, low, high) => {
      const after = at + GAP + size <= high ? at + GAP : at - GAP - size;
      return Math.max(low, Math.min(after, high - size));
    };
    const { clientWidth, clientHeight } = document.documentElement;
    const [right, bottom] = [left + frame.width, top + frame.height];
    const x = along(clientX, width, Math.max(left, 0), Math.min(right, clientWidth)) - left;
    const y = along(clientY, height, Math.max(top, 0), Math.min(bottom, clientHeight)) - top;
    this.node.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  hide() {
    this.node.hidden = true;
  }

  remove() {
    this.node.remove();
  }
}
