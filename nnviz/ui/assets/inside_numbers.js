// inside_numbers.js: numbers as they are written under the glass.

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

// So many digits that count, a real minus, powers of ten for what is very small or large.
export function short(value, digits = 3) {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e-4 && size < 1e5) {
    return String(Number(value.toPrecision(digits))).replace("-", "−");
  }
  const [digit, power] = value.toExponential(digits - 1).split("e");
  const raised = [...String(Number(power))].map((sign) => RAISED[sign]).join("");
  return `${String(Number(digit)).replace("-", "−")}·10${raised}`;
}

// Two numbers with so many digits that they differ, if they do.
export function pair(before, after) {
  for (let digits = 3; digits < 8; digits++) {
    const [one, other] = [short(before, digits), short(after, digits)];
    const moved = Math.abs(Number(before.toPrecision(digits)) - Number(after.toPrecision(digits)));
    const wanted = Math.abs(before - after);
    if (Math.abs(moved - wanted) <= wanted * 0.15) return [one, other];
  }
  return [short(before, 8), short(after, 8)];
}

// "{} · {}" with its values: a negative one stands in brackets where a sign would run into another.
export function filled(numbers, values) {
  const parts = numbers.split("{}");
  return parts.reduce((text, part, place) => {
    const value = values[place - 1];
    const shown = short(value, 4);
    const opens = text === "" || text.endsWith("(") || text.endsWith("^");
    const bare = value >= 0 || (opens && !part.startsWith("²"));
    return `${text}${bare ? shown : `(${shown})`}${part}`;
  });
}
