// network_tip.js: the words about the unit or weight under the pointer, beside it and in sight.

const GAP = 14;

function short(value) {
  return Number(value.toPrecision(3)).toString().replace("-", "−");
}

const unitName = (column, unit) =>
  column.unit_names[unit] ?? (column.kind === "input" ? `${unit}` : `unit ${unit}`);

function edgeWords({ left, right, from, to }, weight) {
  const start = `${left.name} ${unitName(left, from)}`;
  return [`${start} → ${right.name} ${unitName(right, to)}`, `weight ${short(weight)}`];
}

function unitWords({ column, unit }, { means, stds, dead }) {
  if (column.is_box) {
    const noun = column.kind === "input" ? "inputs" : "values";
    return [column.name, `${column.n_units || ""} ${noun}`.trim(), column.caption];
  }
  const place = column.first + unit;
  return [
    `${column.name} ${unitName(column, unit)}${dead[place] ? ": dead" : ""}`,
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
    host.append(this.node);
  }

  show(found, { frame, trace, colors, pointer }) {
    if (!found) return this.hide();
    const lines =
      found.edge === undefined
        ? unitWords(found, trace)
        : edgeWords(frame.edges[found.edge], trace.weights[found.edge]);
    const text = lines.filter(Boolean).join("\n");
    if (this.node.textContent !== text) this.node.textContent = text;
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
