// attend_arithmetic.js: where each number of an attention comes from, written out.

import { written } from "./scene.js";

const bracketed = (value) => (value < 0 ? `(${written(value)})` : written(value));
const products = (left, right) =>
  left.map((value, place) => `${bracketed(value)}·${bracketed(right[place])}`).join(" + ");
const column = (rows, place) => rows.map((row) => row[place]);
const cells = (block, row, many) => many.map((_, place) => ({ block, row, col: place }));
const upright = (block, col, many) => many.map((_, place) => ({ block, row: place, col }));

const projected = (block, letter) => ({ words, input, weights }, { row, col }) => {
  const weight = column(weights[block], col);
  return {
    head: `${letter} of “${words[row]}”, number ${col + 1}`,
    sum: `x · column ${col + 1} of W = ${products(input[row], weight)}`,
    from: cells("input", row, input[row]),
  };
};

// Each gives { head, sum, from }: what the number is, its arithmetic, the cells that it is made of.
const RULES = {
  input: ({ words }, { row, col }) => ({
    head: `x of “${words[row]}”, number ${col + 1}`,
    sum: "drawn by chance from the word itself: the same word has the same numbers anywhere",
    from: [],
  }),
  query: projected("query", "q"),
  key: projected("key", "k"),
  value: projected("value", "v"),
  product: ({ words, query, key }, { row, col }) => ({
    head: `q of “${words[row]}” · k of “${words[col]}”`,
    sum: products(query[row], key[col]),
    from: [...cells("query", row, query[row]), ...cells("key", col, key[col])],
  }),
  score: (facts, { row, col }) => ({
    head: `how well “${facts.words[col]}” fits what “${facts.words[row]}” asks`,
    sum: closed(facts, row, col) ?? divided(facts, row, col),
    from: [{ block: "product", row, col }],
  }),
  share: (facts, { row, col }) => ({
    head: `“${facts.words[row]}” looks at “${facts.words[col]}”`,
    sum: facts.score[row][col] === null ? "e^−∞ over the others: nothing" : softmax(facts, row, col),
    from: cells("score", row, facts.score[row]),
  }),
  mix: ({ words, share, value }, { row, col }) => ({
    head: `what “${words[row]}” takes along, number ${col + 1}`,
    sum: products(share[row], column(value, col)),
    from: [...cells("share", row, share[row]), ...upright("value", col, value)],
  }),
};

function divided({ product, divisor, width }, row, col) {
  if (divisor === 1) return `${written(product[row][col])}, left as it is`;
  return `${written(product[row][col])} / √${width}`;
}

function closed({ words, score, padding }, row, col) {
  if (score[row][col] !== null) return null;
  const why = col >= words.length - padding ? "is padding" : "comes later";
  return `masked, since “${words[col]}” ${why}`;
}

function softmax({ score }, row, col) {
  const power = (value) => `e^${written(value)}`;
  const all = score[row].filter((value) => value !== null);
  return `${power(score[row][col])} / (${all.map(power).join(" + ")})`;
}

export function arithmetic(facts, place) {
  const value = facts[place.block][place.row][place.col];
  const { head, sum, from } = RULES[place.block](facts, place);
  return { head, sum, from, value: value === null ? "−∞" : written(value) };
}
