// layers.js: one layer between what goes in and what comes out, its arguments to be turned by hand.

import { drawn, element, mounted, Picture } from "./scene.js";
import { longestOf, tensorGlyph } from "./tensor_glyph.js";

const STYLE = `
.nnviz-layers { font-size: 1rem; line-height: 1.4; color: var(--st-text-color); }
.nnviz-layers code, .nnviz-layers .line { font-family: var(--st-code-font, monospace); }
.nnviz-layers .line { font-size: 1.25rem; overflow-wrap: anywhere; flex: 1 1 16rem; background: none; color: inherit; }
.nnviz-layers .row { display: flex; flex-wrap: wrap; gap: 0.4rem 0.7rem; align-items: center; }
.nnviz-layers select, .nnviz-layers button { font: inherit; color: inherit; cursor: pointer;
  background: var(--nnviz-panel); border: 1px solid var(--nnviz-grid); border-radius: 0.4rem; }
.nnviz-layers select { padding: 0.3rem 0.5rem; }
.nnviz-layers option, .nnviz-layers optgroup { background: var(--nnviz-page); color: var(--nnviz-ink); }
.nnviz-layers button { min-width: 1.9rem; min-height: 1.9rem; padding: 0 0.4rem; }
.nnviz-layers button:disabled { opacity: 0.3; cursor: default; }
.nnviz-layers button:focus-visible, .nnviz-layers select:focus-visible { outline: 2px solid var(--nnviz-density); }
.nnviz-layers .chip { display: inline-flex; gap: 0.25rem; align-items: center; padding: 0.1rem 0.15rem 0.1rem 0.5rem;
  border: 1px solid var(--nnviz-grid); border-radius: 0.5rem; }
.nnviz-layers .chip.plain { padding-right: 0.5rem; }
.nnviz-layers .chip.set { border-color: var(--nnviz-density); }
.nnviz-layers .name { color: var(--nnviz-muted); }
.nnviz-layers .formula { color: var(--nnviz-density); font-size: 1.2rem; font-variant-numeric: tabular-nums; }
.nnviz-layers .why { color: var(--nnviz-danger); font-size: 1.15rem; }
`;

class Layers extends Picture {
  draw() {
    const { facts, root } = this;
    const held = root.contains(document.activeElement) && document.activeElement.dataset.key;
    root.classList.add("nnviz-layers");
    root.replaceChildren(
      element("style", {}, STYLE), this.choice(), this.drawing(), this.sizesRow(), this.argumentsRow(),
      this.learned(),
    );
    if (held) root.querySelector(`[data-key="${CSS.escape(held)}"]:not(:disabled)`)?.focus({ preventScroll: true });
    root.setAttribute("aria-label", `${facts.line}: ${facts.reason ?? `gives ${told(facts.output)}`}`);
  }

  choice() {
    const { facts } = this;
    const all = facts.families.flatMap(([, layers]) => layers);
    const select = element("select", { "aria-label": "Layer", "data-key": "layer" });
    for (const [family, layers] of facts.families) {
      const group = element("optgroup", { label: family });
      for (const [name] of layers) group.append(element("option", { value: name }, name));
      select.append(group);
    }
    select.value = facts.name;
    const begin = (place) => {
      const [, line, shape] = all[(place + all.length) % all.length];
      this.set({ line, shape });
    };
    const here = all.findIndex(([name]) => name === facts.name);
    select.addEventListener("change", () => begin(all.findIndex(([name]) => name === select.value)));
    return element("div", { class: "row" },
      this.button("‹", "previous layer", () => begin(here - 1)), select,
      this.button("›", "next layer", () => begin(here + 1)),
      element("span", { class: "line" }, facts.line));
  }

  button(sign, words, onClick) {
    const made = element("button", { type: "button", "aria-label": words, title: words, "data-key": words }, sign);
    if (onClick) made.addEventListener("click", onClick);
    else made.disabled = true;
    return made;
  }

  drawing() {
    const { facts, width } = this;
    this.isWide = width > 760;
    const high = Math.round(Math.min(210, window.innerHeight * 0.25));
    const svg = drawn("svg", {
      viewBox: `0 0 ${width} ${high + 44}`, width, height: high + 44, role: "img",
      style: "display:block; font-variant-numeric:tabular-nums", "aria-label": facts.rule,
    });
    const longest = longestOf(facts.arrives, facts.output);
    const room = Math.min(high - 12, width * 0.26);
    const text = (x, y, words, more = {}) => svg.append(drawn("text", {
      x, y, "text-anchor": "middle", fill: "currentColor", "font-size": 19, ...more,
    }, document.createTextNode(words)));
    const [left, right, middle] = [width * 0.17, width * 0.83, width / 2];
    if (this.isWide) text(middle, high + 26, facts.arithmetic[0] ?? "", { fill: "var(--nnviz-density)" });
    svg.append(tensorGlyph(facts.arrives, left, high / 2, room, longest, "var(--nnviz-density)"));
    text(left, high + 26, told(facts.arrives));
    const colour = facts.output ? "var(--nnviz-guide)" : "var(--nnviz-danger)";
    svg.append(drawn("path", {
      d: `M${width * 0.36} ${high / 2}H${width * 0.64}m-10 -8l10 8l-10 8`, fill: "none", stroke: colour,
      "stroke-width": 3,
    }));
    text(middle, high / 2 - 16, facts.name, { "font-weight": 600, "font-size": facts.name.length > 16 ? 16 : 21 });
    if (facts.output) {
      const total = facts.tensors.reduce((sum, [, shape]) => sum + product(shape), 0);
      text(middle, high / 2 + 32, total ? `${total.toLocaleString("en")} parameters` : "learns nothing", { "font-size": 17 });
      svg.append(tensorGlyph(facts.output, right, high / 2, room, longest, "var(--nnviz-density)"));
      text(right, high + 26, told(facts.output));
    } else {
      text(right, high / 2 + 20, "✕", { "font-size": 64, fill: "var(--nnviz-danger)" });
      text(right, high + 26, "does not fit", { fill: "var(--nnviz-danger)" });
    }
    return svg;
  }

  sizesRow() {
    const { arrives, axes, reason } = this.facts;
    const row = element("div", { class: "row" }, element("span", { class: "name" }, "goes in"));
    axes.forEach(([less, more], k) => {
      const name = k === 0 ? "batch" : `axis ${k}`;
      const step = (sign, words, shape) => this.button(sign, `${name}, ${words}`, shape && (() => this.set({ shape })));
      row.append(element("span", { class: "chip" }, element("span", { class: "name" }, name), String(arrives[k]),
        step("−", "one less", less), step("+", "one more", more)));
    });
    if (!reason) return row;
    return element("div", {}, element("p", { class: "why", role: "status", style: "margin:0 0 0.4rem" }, reason), row);
  }

  argumentsRow() {
    const row = element("div", { class: "row", style: "margin-top:0.45rem" });
    for (const { name, value, set, steps } of this.facts.arguments) {
      const plain = steps.length === 0;
      const chip = element("span", { class: `chip${set ? " set" : ""}${plain ? " plain" : ""}` },
        element("span", { class: "name" }, name), value);
      const signs = steps.length === 1 ? [["⇄", "the other"]] : [["−", "one less"], ["+", "one more"]];
      steps.forEach((line, k) => {
        chip.append(this.button(signs[k][0], `${name}, ${signs[k][1]}`, line && (() => this.set({ line }))));
      });
      row.append(chip);
    }
    return row;
  }

  learned() {
    const { tensors, torch, rule, arithmetic } = this.facts;
    const box = element("div", { style: "margin-top:0.5rem" });
    for (const row of arithmetic.slice(this.isWide ? 1 : 0)) box.append(element("div", { class: "formula" }, row));
    box.append(element("div", {}, rule));
    if (tensors.length) {
      const parts = tensors.slice(0, 8).map(([name, shape]) =>
        `${name} ${told(shape)} = ${product(shape).toLocaleString("en")}`);
      if (tensors.length > 8) parts.push(`and ${tensors.length - 8} more`);
      box.append(element("div", { class: "name" }, `Learned: ${parts.join(" · ")}`));
    }
    for (const line of torch.slice(0, 5)) box.append(element("div", {}, element("code", {}, line)));
    return box;
  }
}

function told(shape) {
  return `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
}

function product(shape) {
  return shape.reduce((all, size) => all * size, 1);
}

export default (component) => mounted(component, Layers);
