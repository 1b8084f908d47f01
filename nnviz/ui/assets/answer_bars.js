// answer_bars.js: the answer: a bar for each class, a value, or what is said at each place.

import { node } from "./panel.js";

const MOST = 10;

export function short(value) {
  if (!Number.isFinite(value)) return "no finite number";
  const text = Math.abs(value) < 1e6 ? `${Number(value.toPrecision(3))}` : value.toExponential(2);
  return text.replace("-", "−");
}

export class AnswerBars {
  constructor(host, inputs, board) {
    Object.assign(this, { inputs, board });
    this.root = node("div", "nnviz-ask-answer", host);
    this.root.setAttribute("aria-label", "The network's answer");
    this.verdict = node("p", "nnviz-ask-verdict", this.root);
    this.verdict.role = "status";
    this.list = node("div", "nnviz-ask-bars", this.root);
  }

  show(found) {
    const { output, probability, target } = found;
    this.root.classList.toggle("nnviz-ask-none", !output);
    if (!output) {
      this.verdict.textContent = "No answer in this mode.";
      this.list.replaceChildren();
    } else if (!probability) this.value(output[0], target?.[0]);
    else if (probability[0].length !== undefined) this.places(probability, target);
    else this.classes(probability, target?.[0]);
  }

  value(value, target) {
    const known = target === undefined ? "" : `, true ${short(target)}`;
    this.verdict.textContent = `network: ${short(value)}${known}`;
    this.list.replaceChildren();
  }

  name(index) {
    return this.inputs.class_names[index] ?? `${index}`;
  }

  color(index) {
    return this.board.colors[`class_${index % 10}`];
  }

  classes(probability, target) {
    const order = Array.from(probability.keys());
    if (order.length > MOST) order.sort((a, b) => probability[b] - probability[a]);
    const best = probability.indexOf(probability.reduce((a, b) => Math.max(a, b)));
    const is = target === undefined ? "" : best === target ? "right" : "wrong";
    const known = { right: ", right", wrong: `, true: ${this.name(target)}` }[is] ?? "";
    const isKnown = Number.isFinite(probability[0]);
    this.verdict.textContent = isKnown ? `${this.name(best)}${known}` : "no finite number";
    this.verdict.dataset.is = is;
    const shown = order.slice(0, MOST);
    while (this.list.children.length > shown.length) this.list.lastChild.remove();
    shown.forEach((index, place) => this.bar(place, index, probability[index], index === target));
  }

  bar(place, index, share, isTrue) {
    const row = this.list.children[place] ?? this.row();
    const [name, track, number] = row.children;
    name.textContent = this.name(index);
    row.classList.toggle("nnviz-ask-true", isTrue);
    row.title = isTrue ? "the true class" : "";
    track.firstChild.style.width = `${100 * (share || 0)}%`;
    track.firstChild.style.background = this.color(index);
    number.textContent = Number.isFinite(share) ? share.toFixed(2) : "–";
  }

  row() {
    const row = node("div", "nnviz-ask-bar", this.list);
    node("span", "nnviz-ask-name", row);
    node("i", "", node("span", "nnviz-ask-track", row));
    node("span", "nnviz-ask-number", row);
    return row;
  }

  // One cell a place; above it what is right, where that is known.
  places(probability, target) {
    const nPlaces = probability[0].length;
    const cells = Array.from({ length: nPlaces }, (_, place) => {
      const shares = probability.map((row) => row[place]);
      const best = shares.indexOf(Math.max(...shares));
      const cell = node("span", "nnviz-ask-place");
      const right = target?.[place];
      node("small", "", cell).textContent = right === undefined ? "" : this.name(right);
      const said = node("b", "", cell);
      said.textContent = this.name(best);
      said.dataset.is = right === undefined ? "" : right === best ? "right" : "wrong";
      node("small", "", cell).textContent = shares[best].toFixed(2).replace("0.", ".");
      const likely = shares[best].toFixed(3);
      cell.title = `place ${place + 1}: ${this.name(best)} with probability ${likely}`;
      return cell;
    });
    this.list.className = "nnviz-ask-places";
    this.list.replaceChildren(...cells);
    const nRight = this.list.querySelectorAll("[data-is=right]").length;
    const known = target ? `: ${nRight} of ${nPlaces} right` : "";
    this.verdict.textContent = `right / answered / probability${known}`;
  }
}
