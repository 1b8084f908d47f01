// numbers.js: the numbers and the words above the charts.

import { icon } from "./icons.js";
import { node } from "./panel.js";

const MARKS = new Set(["good", "info", "warning", "danger"]);

// Writes only what is another text: nothing that did not change is laid out again.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export class Numbers {
  // The table of several lanes stands in `below`, after the charts.
  constructor(host, below) {
    this.root = node("div", "nnviz-numbers", host);
    const row = node("div", "nnviz-row", this.root);
    this.metrics = node("dl", "nnviz-metrics", row);
    this.finding = node("p", "nnviz-finding", row);
    this.finding.setAttribute("aria-live", "polite");
    this.table = node("table", "nnviz-table", below);
    this.note = node("p", "nnviz-small", this.root);
    this.trouble = node("p", "nnviz-trouble", this.root);
    this.trouble.role = "status";
  }

  show({ facts, rate, line, trouble }) {
    this.tell(trouble, line);
    if (!facts) return;
    const metrics = facts.metrics && [...facts.metrics, ["Updates/s", rate]];
    this.metrics.parentElement.hidden = !metrics;
    this.table.hidden = !facts.table;
    if (metrics) this.row(metrics);
    if (facts.table) this.rows(facts.table);
    write(this.note, facts.note);
    this.note.hidden = !facts.note;
    this.find(trouble ? undefined : facts.diagnosis);
  }

  row(metrics) {
    while (this.metrics.children.length > metrics.length) this.metrics.lastChild.remove();
    metrics.forEach(([label, value], place) => {
      const cell = this.metrics.children[place] ?? node("div", "nnviz-metric", this.metrics);
      if (!cell.children.length) cell.append(node("dt", ""), node("dd", ""));
      write(cell.children[0], label);
      write(cell.children[1], value);
    });
  }

  rows({ head, rows }) {
    const shape = `${rows.length}×${head.length}`;
    if (this.shape !== shape) {
      this.shape = shape;
      this.table.replaceChildren();
      for (const row of [head, ...rows]) {
        const line = node("tr", "", this.table);
        for (const _ of row) node(row === head ? "th" : "td", "", line);
      }
    }
    [head, ...rows].forEach((row, place) => {
      const line = this.table.children[place];
      if (place) line.style.setProperty("--lane", `var(--nnviz-lane-${place - 1})`);
      row.forEach((text, column) => write(line.children[column], text));
    });
  }

  find(diagnosis) {
    this.finding.hidden = !diagnosis;
    if (!diagnosis) return;
    const { severity, text } = diagnosis;
    if (this.finding.dataset.severity !== severity && MARKS.has(severity)) {
      this.finding.dataset.severity = severity;
      this.finding.replaceChildren(icon(severity), node("span", ""));
    }
    write(this.finding.lastChild, text);
  }

  tell(trouble, line) {
    const ahead = line ? `${line} ${line === 1 ? "training goes" : "trainings go"} before this one.` : "";
    const text = [trouble, ahead].filter(Boolean).join(" ");
    this.trouble.hidden = !text;
    write(this.trouble, text);
  }
}
