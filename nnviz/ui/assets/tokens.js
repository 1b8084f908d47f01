// tokens.js: tokens as points of a plane, moment by moment of a training; the nearest of one.

import { drawn, element, mounted, Picture, written } from "./scene.js";
import { INK, Player, room, text } from "./sequence_plot.js";

const COLORS = { vowel: "var(--nnviz-positive)", consonant: INK, sign: "var(--nnviz-negative)" };
const NEAREST = 5;
const EDGE = 26;

class Tokens extends Picture {
  constructor(host) {
    super(host);
    this.root.tabIndex = 0;
    this.root.style.outlineOffset = "4px";
    this.root.onkeydown = (event) => this.press(event);
  }

  draw() {
    const { names, kinds, updates, losses, chosen } = this.facts;
    const kept = this.player && this.given === this.facts ? this.player.moment : updates.length - 1;
    this.player?.rest();
    if (this.given !== this.facts) this.token ??= chosen;
    this.given = this.facts;
    const height = room(335);
    const isNarrow = this.width < 560;
    const side = Math.min(260, this.width * 0.34);
    this.size = { width: isNarrow ? this.width : this.width - side - 20, height };
    const look = "display:block;flex:none;border-radius:8px;background:var(--nnviz-panel)";
    this.svg = drawn("svg", { ...this.size, style: look, role: "img", "aria-label": "Tokens in the plane" });
    this.links = drawn("g");
    this.marks = names.map((name, token) => {
      const ring = drawn("circle", { r: 16, fill: "transparent" });
      const middle = { "text-anchor": "middle", "font-size": 20, "font-weight": 600, fill: COLORS[kinds[token]] };
      const mark = drawn("g", { style: "cursor:pointer" }, ring, text(0, 6, name, middle));
      mark.onclick = () => this.choose(token);
      return { mark, ring };
    });
    this.svg.append(this.links, ...this.marks.map(({ mark }) => mark));
    const style = "font-size:16px;color:var(--st-text-color);min-width:0;flex:1";
    this.panel = element("div", { style, "aria-live": "polite" });
    this.player = new Player(updates.length, (moment) => this.show(moment), (moment) => {
      return `after ${updates[moment]} updates, loss ${written(losses[moment])}`;
    });
    const row = element("div", { style: `display:flex;gap:20px;margin-bottom:.4rem;flex-direction:${isNarrow ? "column" : "row"}` }, this.svg, this.panel);
    this.root.replaceChildren(row, this.player.root);
    this.player.go(kept);
  }

  at(moment, token) {
    const { places, reach } = this.facts;
    const { width, height } = this.size;
    const scale = Math.min((width / 2 - EDGE) / reach[0], (height / 2 - EDGE) / reach[1]);
    const [x, y] = places[moment][token];
    return [width / 2 + x * scale, height / 2 - y * scale];
  }

  nearest(moment) {
    const likeness = this.facts.likeness[moment][this.token];
    const others = likeness.map((value, token) => [value, token]).filter(([, token]) => token !== this.token);
    return others.sort(([a], [b]) => b - a).slice(0, NEAREST);
  }

  show(moment) {
    this.marks.forEach(({ mark, ring }, token) => {
      mark.setAttribute("transform", `translate(${this.at(moment, token)})`);
      ring.setAttribute("stroke", token === this.token ? INK : "none");
      ring.setAttribute("stroke-width", 2.5);
    });
    const near = this.nearest(moment);
    const [x1, y1] = this.at(moment, this.token);
    this.links.replaceChildren(...near.map(([, token], place) => {
      const [x, y] = this.at(moment, token);
      const share = Math.min(0.5, 17 / Math.hypot(x - x1, y - y1)); // no line runs over a letter
      const [dx, dy] = [(x - x1) * share, (y - y1) * share];
      const ends = { x1: x1 + dx, y1: y1 + dy, x2: x - dx, y2: y - dy };
      return drawn("line", { ...ends, stroke: "var(--nnviz-train)", "stroke-width": 5 - place * 0.8 });
    }));
    this.tell(near, moment);
  }

  tell(near, moment) {
    const { names, counts, shares } = this.facts;
    const head = element("div", { style: "font-weight:600;font-size:18px" }, `Nearest to ${names[this.token]}`);
    const rows = near.map(([value, token]) => {
      const bar = `height:.7rem;width:${Math.max(0, value) * 100}%;background:var(--nnviz-train)`;
      const style = "display:grid;grid-template-columns:1.4rem 1fr 3rem;gap:.5rem;align-items:center;padding:.2rem 0";
      const number = element("span", { style: "text-align:right;font-variant-numeric:tabular-nums" }, written(value));
      return element("div", { style }, element("b", {}, names[token]), element("div", {}, element("div", { style: bar })), number);
    });
    const note = (words) => element("p", { style: "margin:.6rem 0 0" }, words);
    this.panel.replaceChildren(head, element("div", { style: "opacity:.8" }, "cosine of the angle between them"), ...rows,
      note(`${names[this.token]} stands ${counts[this.token]} times in the text.`),
      note(`The plane shows ${written(shares[moment] * 100, 0)} % of what sets the vectors apart.`));
  }

  choose(token) {
    this.token = token;
    this.show(this.player.moment);
  }

  press(event) {
    if (event.target !== this.root) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const n = this.facts.names.length;
    if (by) this.choose((this.token + by + n) % n);
    else if (event.key === " ") this.player.toggle();
    else return;
    event.preventDefault();
  }
}

export default function tokens(component) {
  return mounted(component, Tokens);
}
