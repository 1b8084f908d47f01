// remedies.js: a decision boundary for every remedy in one dose; a click opens a remedy large.

import { paintPlane } from "./remedy_plane.js";
import { element, mounted, Picture } from "./scene.js";

const DOSES = ["none", "weak", "medium", "strong", "far too much"];
const SECONDS = 1.3;
const STYLE = `
.nnviz-remedies { font-size: 1rem; line-height: 1.25; color: var(--st-text-color); }
.nnviz-remedies .head { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.9rem; margin-bottom: 0.5rem; }
.nnviz-remedies input { flex: 1 1 9rem; max-width: 24rem; accent-color: var(--nnviz-density); height: 1.6rem; cursor: pointer; }
.nnviz-remedies .dose { min-width: 7.5rem; font-weight: 600; }
.nnviz-remedies button { font: inherit; color: inherit; background: var(--nnviz-panel); cursor: pointer; text-align: left;
  border: 1px solid var(--nnviz-grid); border-radius: 0.5rem; padding: 0.25rem 0.45rem; }
.nnviz-remedies button:hover { border-color: var(--nnviz-density); }
.nnviz-remedies button:focus-visible, .nnviz-remedies input:focus-visible { outline: 2px solid var(--nnviz-density); }
.nnviz-remedies .tiles { display: grid; gap: 0.4rem; }
.nnviz-remedies .tile { display: block; width: 100%; border-left-width: 4px; }
.nnviz-remedies .one-line { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.nnviz-remedies .quiet { color: var(--nnviz-muted); }
.nnviz-remedies .edge { border-left: 4px solid; padding-left: 0.3rem; }
.nnviz-remedies canvas { display: block; border-radius: 0.25rem; margin: 0.15rem 0; background: var(--nnviz-zero); }
.nnviz-remedies .dial { position: relative; height: 1.3rem; border-radius: 0.2rem; background: var(--nnviz-grid);
  margin-top: 0.15rem; overflow: hidden; display: flex; justify-content: space-between; padding: 0 0.35rem; }
.nnviz-remedies .dial i { position: absolute; inset: 0 auto 0 0; opacity: 0.42; }
.nnviz-remedies .dial span { position: relative; font-variant-numeric: tabular-nums; }
.nnviz-remedies .large { display: flex; flex-wrap: wrap; gap: 0.5rem 1.4rem; align-items: flex-start; }
.nnviz-remedies .rows { flex: 1 1 22rem; display: grid; gap: 0.3rem; }
.nnviz-remedies .rows button { display: grid; grid-template-columns: minmax(7rem, 1.2fr) 1fr 1fr; gap: 0.1rem 0.7rem; align-items: center; }
.nnviz-remedies .rows button[aria-pressed="true"] { border-color: var(--nnviz-density); background: var(--nnviz-zero); }
.nnviz-remedies .rows .wide { grid-column: 1 / -1; }
`;
const EDGES = { memorizes: "danger", between: "good", underfits: "warning" };

class Remedies extends Picture {
  draw() {
    const { facts, root } = this;
    if (this.wanted === undefined || this.wanted === facts.dose) {
      this.wanted = undefined;
      if (!this.playing) this.dose = facts.dose;
    }
    this.shown = facts.shown;
    if (!this.slider) {
      root.classList.add("nnviz-remedies");
      this.body = element("div");
      root.replaceChildren(element("style", {}, STYLE), this.head(), this.body);
    }
    this.paint();
  }

  head() {
    this.slider = element("input", {
      type: "range", min: 0, max: DOSES.length - 1, step: 1, "aria-label": "Dose",
    });
    this.slider.addEventListener("input", () => { this.stop(); this.go(Number(this.slider.value)); });
    this.told = element("span", { class: "dose", role: "status" });
    this.play = element("button", { type: "button", "aria-label": "Play all doses", title: "From no dose to far too much" });
    this.play.addEventListener("click", () => (this.playing ? this.stop() : this.start()));
    return element("div", { class: "head" }, this.play, element("span", {}, "Dose"), this.slider, this.told,
      element("span", { class: "quiet" }, "◯ wrong label"),
      ...Object.entries(EDGES).map(([outcome, colour]) => element("span", { class: "quiet edge", style: `border-color:var(--nnviz-${colour})` }, outcome)));
  }

  go(dose) {
    this.dose = this.wanted = dose;
    this.paint();
    this.set({ dose, shown: this.shown });
  }

  start() {
    this.dose = 0;
    this.playing = setInterval(() => {
      if (!this.root.isConnected) return clearInterval(this.playing);
      if (this.dose === DOSES.length - 1) { this.stop(); this.go(this.dose); return; }
      this.dose += 1;
      this.paint();
    }, SECONDS * 1000);
    this.paint();
  }

  stop() {
    clearInterval(this.playing);
    this.playing = undefined;
  }

  paint() {
    const { facts, dose } = this;
    this.slider.value = dose;
    this.told.textContent = `${dose} · ${DOSES[dose]}`;
    this.slider.setAttribute("aria-valuetext", this.told.textContent);
    this.play.textContent = this.playing ? "❚❚ Stop" : "▶ Play";
    const held = this.body.contains(document.activeElement) && document.activeElement.dataset.key;
    const tile = facts.tiles.find(({ name }) => name === this.shown);
    this.body.replaceChildren(tile ? this.large(tile) : this.gallery());
    for (const [canvas, cell] of this.planes) paintPlane(canvas, cell, facts, this.root);
    if (held) this.body.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  }

  gallery() {
    this.planes = [];
    const columns = [6, 4, 3].find((n) => this.width >= 138 * n) ?? 2;
    const wide = Math.floor(this.width / columns) - 28;
    const high = Math.min(wide, window.innerHeight < 800 ? 74 : 104);
    const style = `grid-template-columns:repeat(${columns}, minmax(0, 1fr))`;
    return element("div", { class: "tiles", style }, ...this.facts.tiles.map((tile) => this.tile(tile, wide, high)));
  }

  tile({ name, title, cells }, wide, high) {
    const cell = cells[this.dose];
    const made = element("button", {
      type: "button", class: "tile", "data-key": name,
      style: `border-left-color:var(--nnviz-${EDGES[cell?.outcome] ?? "grid"})`,
      "aria-label": cell ? `${title} ${cell.words}: training ${percent(cell.train)}, test ${percent(cell.test)}, ${cell.outcome}` : `${title}: not measured yet`,
    }, element("div", { class: "one-line", style: "font-weight:600" }, title),
    element("div", { class: "one-line quiet" }, cell ? cell.words || "as it is" : "on its way"), this.plane(cell, wide, high));
    made.append(dial("train", cell?.train), dial("test", cell?.test));
    made.addEventListener("click", once(() => this.open(name)));
    return made;
  }

  plane(cell, wide, high) {
    const canvas = element("canvas", { "aria-hidden": "true" });
    this.planes.push([canvas, cell]);
    Object.assign(canvas.style, { width: `${wide}px`, height: `${high}px` });
    return canvas;
  }

  large(tile) {
    this.planes = [];
    const back = element("button", { type: "button", "data-key": "back" }, "‹ All remedies");
    back.addEventListener("click", once(() => this.open("")));
    const size = Math.min(this.width, window.innerHeight < 800 ? 270 : 360);
    const cell = tile.cells[this.dose];
    const told = element("div", { style: "font-size:1.15rem;margin:0.3rem 0" },
      element("b", {}, tile.title), ` ${cell ? cell.words || "as it is" : "is on its way"}`);
    const rows = tile.cells.map((each, dose) => this.row(each, dose));
    return element("div", { class: "large" },
      element("div", {}, back, told, this.plane(cell, size, size)), element("div", { class: "rows" }, ...rows));
  }

  row(cell, dose) {
    const row = element("button", {
      type: "button", "data-key": `dose ${dose}`, "aria-pressed": String(dose === this.dose),
      style: `border-left:4px solid var(--nnviz-${EDGES[cell?.outcome] ?? "grid"})`,
    }, element("span", { class: "one-line" }, `${dose} · ${cell?.words || (dose ? DOSES[dose] : "as it is")}`),
    dial("train", cell?.train), dial("test", cell?.test));
    if (cell) {
      row.append(element("span", { class: "wide quiet" },
        `${cell.outcome}: learned ${percent(cell.right)} of the right and ${percent(cell.wrong)} of the wrong labels; test loss ${cell.loss?.toFixed(2) ?? "not finite"}`));
    }
    row.addEventListener("click", once(() => { this.stop(); this.go(dose); }));
    return row;
  }

  open(shown) {
    this.shown = shown;
    this.paint();
    this.set({ dose: this.dose, shown });
  }

  remove() {
    this.stop();
    super.remove();
  }
}

// The second click of a double click would meet what the first has put in its place.
function once(act) {
  return (event) => event.detail < 2 && act();
}

function dial(name, value) {
  const share = value === undefined ? 0 : Math.max(0, value);
  return element("div", { class: "dial" },
    element("i", { style: `width:${100 * share}%;background:var(--nnviz-${name})` }),
    element("span", {}, name), element("span", {}, percent(value)));
}

function percent(value) {
  return value === undefined ? "–" : `${Math.round(100 * value)} %`;
}

export default (component) => mounted(component, Remedies);
