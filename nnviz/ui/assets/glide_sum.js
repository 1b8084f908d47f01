// glide_sum.js: the arithmetic of one number of the output, in words that fit on two lines.

import { element, written } from "./scene.js";
import { brief } from "./glide_kernel.js";

const MOST_TERMS = 9;

const bracketed = (text) => (text.startsWith("−") ? `(${text})` : text);

function products(window, kernel) {
  return kernel.flatMap((row, i) =>
    row.map((weight, j) => ({ value: window[i][j], weight, product: window[i][j] * weight })),
  );
}

const total = (terms) => terms.reduce((sum, { product }) => sum + product, 0);

// `parts` are { name, window, kernel }, the shown one first.
export function sum(parts, bias, answer, decimals) {
  const line = element("p", { class: "glide-sum", "aria-live": "off" });
  const terms = products(parts[0].window, parts[0].kernel);
  const shown = largest(terms);
  shown.forEach(({ value, weight, product }, place) => {
    const words = `${bracketed(written(value, decimals))}·${bracketed(brief(weight))}`;
    const side = product > 0 ? "more" : product < 0 ? "less" : "none";
    line.append(place ? " + " : "", element("span", { class: side }, words));
  });
  const rest = terms.length - shown.length;
  if (rest) line.append(` + ${bracketed(brief(total(terms) - total(shown)))} (${rest} more products)`);
  for (const { name, window, kernel } of parts.slice(1)) {
    line.append(` + ${bracketed(brief(total(products(window, kernel))))} (${name})`);
  }
  if (bias) line.append(` + ${bracketed(brief(bias))} (bias)`);
  line.append(" = ", element("strong", {}, brief(answer)));
  return line;
}

// All terms of a small window; of a large one those that count most, in their order.
function largest(terms) {
  if (terms.length <= MOST_TERMS) return terms;
  const ordered = terms.map((_, place) => place);
  ordered.sort((a, b) => Math.abs(terms[b].product) - Math.abs(terms[a].product) || a - b);
  return ordered.slice(0, MOST_TERMS).sort((a, b) => a - b).map((place) => terms[place]);
}
