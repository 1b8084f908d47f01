// theme.js: the colours of the page as plotly.js needs them, light or dark.

function isDark(color) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = color || "#ffffff";
  const [r, g, b] = context.fillStyle
    .match(/^#(..)(..)(..)/)
    .slice(1)
    .map((pair) => parseInt(pair, 16));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
}

const mixed = (color, share) => `color-mix(in srgb, ${color} ${share}%, transparent)`;

// plotly.js does not know color-mix(): let the browser compute it.
function computed(element, color) {
  element.style.color = color;
  const [r, g, b, alpha = 1] = getComputedStyle(element)
    .color.match(/-?[\d.]+(e-?\d+)?/g)
    .map(Number);
  const scale = getComputedStyle(element).color.startsWith("color(") ? 255 : 1;
  element.style.color = "";
  return `rgba(${Math.round(r * scale)},${Math.round(g * scale)},${Math.round(b * scale)},${alpha})`;
}

function template({ text, background, font, size, colorway, faint, line }) {
  const axis = {
    gridcolor: faint,
    linecolor: line,
    tickcolor: line,
    zerolinecolor: line,
    zerolinewidth: 1,
    title: { standoff: 6 },
  };
  const colorbar = { thickness: 10, outlinewidth: 0, ticklen: 3 };
  const scene = { ...axis, showbackground: false };
  return {
    layout: {
      font: { color: text, family: font, size },
      colorway,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      hoverlabel: { bgcolor: background, bordercolor: line, font: { color: text, family: font } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: line, activecolor: text },
      legend: { bgcolor: "rgba(0,0,0,0)" },
      xaxis: axis,
      yaxis: axis,
      scene: { xaxis: scene, yaxis: scene, zaxis: scene },
      coloraxis: { colorbar },
    },
    data: { heatmap: [{ colorbar }], contour: [{ colorbar }], surface: [{ colorbar }] },
  };
}

// Streamlit sets its theme as CSS variables around each component.
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const names = ["text-color", "background-color", "font", "chart-categorical-colors"];
  const values = names.map(read);
  const [text, background, font, colors] = values;
  return {
    signature: values.join("|"),
    dark: isDark(background),
    build(probe) {
      return template({
        text,
        background,
        font,
        size: 13,
        colorway: colors.split(/,(?![^(]*\))/),
        faint: computed(probe, mixed(text, 14)),
        line: computed(probe, mixed(text, 55)),
      });
    },
  };
}

// A copy of a figure value with colour tokens replaced; numeric arrays are shared, not copied.
export function resolveColors(value, colors) {
  if (typeof value === "string") {
    if (!value.includes("var(--nnviz-")) return value;
    return value.replace(/var\(--nnviz-([\w-]+)\)/g, (token, name) => colors[name] ?? "#888888");
  }
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) {
    if (ArrayBuffer.isView(value[0])) return value;
    return value.map((item) => resolveColors(item, colors));
  }
  const copy = {};
  for (const name of Object.keys(value)) copy[name] = resolveColors(value[name], colors);
  return copy;
}

// Text that is read from the back row: every font of a resolved figure that is smaller grows.
export function enlarge(traces, layout, size = 16) {
  const grow = (value, name) => {
    if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return;
    if (name === "template") return; // which all charts share
    if (name.endsWith("font") && !(value.size >= size)) value.size = size;
    for (const [inner, part] of Object.entries(value)) grow(part, Array.isArray(value) ? "" : inner);
  };
  layout.font = { ...layout.font };
  grow(layout, "");
  for (const trace of traces) {
    grow(trace, "");
    if (trace.type === "bar") trace.constraintext ??= "inside"; // else thin bars shrink their words
    if (trace.text !== undefined || trace.texttemplate) trace.textfont = { size, ...trace.textfont };
  }
}
