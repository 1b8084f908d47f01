// inside_arithmetic.js: the arithmetic of the chosen unit in the present phase, in big type.

import { filled, pair, short } from "./inside_numbers.js";
import { write } from "./numbers.js";
import { node } from "./panel.js";

const WORDS = {
  forward: "what it gets, what it gives",
  loss: "how wrong the answer is",
  backward: "what its weights did to the loss",
  update: "what the optimizer does",
};

export class InsideArithmetic {
  // `choose({of, source})` is called for another parameter of the unit.
  constructor(host, choose) {
    this.choose = choose;
    this.root = node("div", "nnviz-inside-arithmetic", host);
    this.root.tabIndex = 0;
    this.root.setAttribute("aria-label", "Arithmetic of the chosen unit");
    this.title = node("h3", "nnviz-inside-title", this.root);
    this.lines = node("div", "", this.root);
  }

  show(answer, time) {
    const { phase } = time.now;
    if (answer !== this.answer || phase !== this.phase) this.write(answer, phase);
    const { column } = answer.focus;
    const reached = phase === "loss" || phase === "update" || time.share(phase, column) > 0.75;
    this.lines.classList.toggle("nnviz-inside-coming", !reached);
  }

  write(answer, phase) {
    const isOther = phase !== this.phase;
    Object.assign(this, { answer, phase });
    const { focus, columns } = answer;
    const { units, unit_names: names } = columns[focus.column];
    const who = `${focus.layer} ${names[units.indexOf(focus.unit)]}`;
    const subject = phase === "loss" ? "The loss" : who;
    this.title.replaceChildren(subject);
    node("span", "nnviz-small", this.title).textContent = ` ${WORDS[phase]}`;
    const lines = answer.lines[phase].map((line) => this.line(line));
    if (phase === "update") lines.push(this.table(answer));
    this.lines.replaceChildren(...lines);
    if (isOther) this.root.scrollTop = 0;
  }

  line({ symbol, formula, numbers, values, value, note, terms, n_more: more, rest }) {
    const root = node("div", "nnviz-inside-line");
    const head = node("div", "nnviz-inside-formula", root);
    node("b", "", head).textContent = symbol;
    if (formula) node("span", "nnviz-inside-words", head).textContent = ` = ${formula}`;
    if (numbers) node("span", "", head).textContent = ` = ${filled(numbers, values)}`;
    const end = () => node("b", "nnviz-inside-value", head);
    if (!terms.length) end().textContent = ` = ${short(value, 4)}`;
    if (note) node("span", "nnviz-inside-note", head).textContent = ` ${note}`;
    if (terms.length) root.append(this.sum(terms, more, rest, value));
    return root;
  }

  sum(terms, more, rest, value) {
    const table = node("table", "nnviz-inside-sum");
    const row = (label, factors, product, name) => {
      const line = node("tr", name, table);
      node("th", "", line).textContent = label;
      node("td", "", line).textContent = factors;
      node("td", "", line).textContent = product;
    };
    const sides = terms.filter((term) => term.unit < 0 && term.factors.length === 1 && more + terms.length > 1);
    const isAlone = (term) => sides.includes(term) && /bias|shortcut/.test(term.label);
    for (const term of terms) if (!isAlone(term)) row(term.label, product(term), short(term.product), "");
    if (more) row(`and ${more.toLocaleString("en")} more`, "together", short(rest), "nnviz-inside-rest");
    for (const term of terms) if (isAlone(term)) row(term.label, "", short(term.product), "");
    row("", "sum", short(value, 4), "nnviz-inside-total");
    return table;
  }

  // What the update makes of the unit's parameters; a row is chosen by a click.
  table({ changed, focus }) {
    const table = node("table", "nnviz-inside-changed");
    const head = node("tr", "", table);
    for (const text of ["", "∂L/∂", "before", "", "after"]) node("th", "", head).textContent = text;
    for (const { label, of, source, gradient, before, after } of changed) {
      const line = node("tr", "", table);
      const button = node("button", "nnviz-inside-choose", node("th", "", line));
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", () => this.choose({ of, source }));
      line.dataset.chosen = of === focus.of && source === focus.source;
      const [one, other] = pair(before, after);
      for (const text of [short(gradient), one, "→", other]) write(node("td", "", line), text);
    }
    return table;
  }
}

function product({ factors }) {
  if (factors.length < 2) return "";
  return factors.map((factor, place) => (place && factor < 0 ? `(${short(factor)})` : short(factor))).join(" · ");
}
