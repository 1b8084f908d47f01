// stage.js: everything of a page that is live: buttons, numbers, scrubber and charts of one run.

import { Answer } from "./answer.js";
import { Asked } from "./asked.js";
import { Board, boardOf } from "./board.js";
import { ByHand } from "./by_hand.js";
import { Feed } from "./feed.js";
import { Inside } from "./inside.js";
import { Numbers, write } from "./numbers.js";
import { node } from "./panel.js";
import { whenDrawn } from "./scheduler.js";
import { Scrubber } from "./scrubber.js";
import { Transport } from "./transport.js";
import { Ways } from "./ways.js";

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./stage.css", import.meta.url);
document.head.append(style);

const TRUST = 250; // milliseconds in which the script itself may tell of another way

class Stage {
  constructor(host, plotlyUrl) {
    this.root = node("div", "nnviz-stage", host);
    const send = (command) => this.feed?.send(command);
    this.bar = node("div", "nnviz-bar", this.root);
    this.transport = new Transport(this.bar, send);
    this.ways = new Ways(this.transport.extra, send);
    this.numbers = new Numbers(this.bar, this.root);
    this.scrubber = new Scrubber(this.bar, send);
    this.lost = node("p", "nnviz-trouble", this.bar);
    this.lost.hidden = true;
    this.progress = node("div", "nnviz-progress", this.root);
    this.progress.hidden = true;
    this.done = node("progress", "", this.progress);
    this.doneText = node("span", "nnviz-small", this.progress);
    this.troubles = node("p", "nnviz-trouble", this.progress);
    this.sentence = node("p", "nnviz-sentence", this.root);
    this.sentence.hidden = true;
    this.words = node("div", "nnviz-words", this.root);
    const see = (panels) => this.feed?.see(panels);
    this.board = new Board(this.root, plotlyUrl, (panel, point) => this.pick(panel, point), see);
    this.tools = [];
    this.onkey = (event) => this.key(event);
    addEventListener("keydown", this.onkey);
    this.onpop = ({ state }) => this.goBack(state?.nnvizWay);
    addEventListener("popstate", this.onpop);
  }

  follow(component, base) {
    this.component = component;
    const { feed, ask, tokens, heads, bare } = component.data;
    this.root.classList.toggle("nnviz-bare", bare);
    this.root.dataset.opens = component.data.opens;
    this.board.paint(tokens);
    this.root.style.colorScheme = this.board.theme.dark ? "dark" : "light";
    for (const lane of [0, 1, 2, 3]) {
      this.root.style.setProperty(`--nnviz-lane-${lane}`, this.board.colors[`lane_${lane}`]);
    }
    const url = new URL(base + feed, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    if (url.href !== this.url) {
      this.url = url.href;
      this.feed?.end();
      const show = (shown, done) => this.take(shown, done);
      this.feed = new Feed(url.href, show, (text) => this.lose(text), () => this.board.seen);
    }
    this.asked = new Asked(new URL(base + ask, location.href));
    if (!this.tools.length && component.data.lanes === 1) {
      const tools = bare ? (component.data.opens ? [Inside] : []) : [Inside, Answer, ByHand];
      this.tools = tools.map((Tool) => new Tool(this));
      this.inside = this.tools.find((tool) => tool instanceof Inside);
    }
    const text = JSON.stringify(heads);
    if (text !== this.heads) {
      this.heads = text;
      this.board.arrange(heads);
    }
  }

  // The numbers stand when the charts do: what is announced is what is drawn.
  take({ state, facts, steps, heads, panels }, done) {
    this.board.setLive(state.status === "running");
    if (panels && facts.data !== this.data) this.board.clear();
    this.data = facts?.data;
    if (panels) this.board.receive(heads, panels);
    whenDrawn(() => {
      this.announce(state, facts, steps);
      done();
    });
  }

  announce(state, facts, steps) {
    this.state = state;
    const rate = state.rate === null ? "–" : state.rate.toLocaleString("en");
    this.transport.show(state);
    this.ways.show(state);
    this.numbers.show({ facts, rate, line: state.line, trouble: state.trouble });
    this.scrubber.show({ ...state, steps, broken: facts?.broken ?? null });
    this.sentence.hidden = !facts?.sentence;
    write(this.sentence, facts?.sentence ?? "");
    this.tell(facts?.words ?? [], state.repetition);
    this.root.dataset.step = facts?.step ?? "";
    this.root.dataset.status = state.status;
    this.root.dataset.frame = state.frame;
    this.facts = facts;
    for (const tool of this.tools) tool.show(state, facts);
    this.enter(state.path);
    if (state.path !== this.component.data.path) this.report(state.path);
  }

  // Each way of the run is an entry of the browser's history, so that Back returns to it.
  enter(way) {
    if (way === this.way || this.component.data.bare) return;
    const entry = { ...history.state, nnvizWay: way };
    if (this.way === undefined || this.returning) history.replaceState(entry, "");
    else history.pushState(entry, "");
    this.returning = false;
    this.way = way;
  }

  goBack(way) {
    if (!way || way === this.way) return;
    this.returning = true;
    this.feed.send({ do: "return", way });
  }

  // The page's script is told of another way, unless it is the one that took it.
  report(path) {
    if (path === this.told) return;
    this.told = path;
    setTimeout(() => {
      if (path === this.state.path && path !== this.component.data.path) {
        this.component.setTriggerValue("path", path);
      } else this.told = undefined;
    }, TRUST);
  }

  tell(words, repetition) {
    const told = words.join("\n");
    if (told !== this.spoken) {
      this.spoken = told;
      this.words.style.order = repetition ? 0 : 1; // a verdict stands above its charts
      this.words.replaceChildren(...words.map((text) => {
        const said = node("p", "");
        said.textContent = text;
        return said;
      }));
    }
    this.progress.hidden = !repetition?.is_live && !repetition?.troubles.length;
    if (!repetition) return;
    this.done.hidden = this.doneText.hidden = !repetition.is_live;
    this.done.value = repetition.fraction;
    write(this.doneText, repetition.told);
    write(this.troubles, repetition.troubles.join(" "));
    this.troubles.hidden = !repetition.troubles.length;
    const live = `${this.component.data.repetition}/${repetition.is_live}`;
    if (this.repeats && this.repeats !== live) this.component.setTriggerValue("path", live);
    this.repeats = live;
  }

  lose(text) {
    this.lost.hidden = !text;
    write(this.lost, text);
  }

  key(event) {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest?.("input, textarea, select, [contenteditable=true], [role=radiogroup]")) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && this.state) {
      event.preventDefault();
      if (!this.scrubber.turn(by) && by > 0 && this.state.status !== "running") {
        this.feed.send({ do: "step" });
      }
    }
    if (event.key.toLowerCase() === "f") this.full();
  }

  full() {
    const views = [...this.board.views.values()];
    (views.find((view) => view.isFull || view.hovered) ?? views[0])?.toggleFull();
  }

  pick(panel, point) {
    for (const tool of this.tools) tool.pick(panel, point);
    if (point.choose) this.component.setTriggerValue("choose", point.choose);
    if (point.press) this.component.setTriggerValue("press", point.press);
    if (point.layer) this.component.setTriggerValue("unit", { layer: point.layer, unit: point.unit });
  }

  remove() {
    removeEventListener("keydown", this.onkey);
    removeEventListener("popstate", this.onpop);
    this.transport.remove();
    this.ways.remove();
    for (const tool of this.tools) tool.remove();
    this.feed?.end();
    this.board.remove();
    this.root.remove();
  }
}

export default function mount(component, plotlyUrl, base) {
  const host = component.parentElement;
  if (!host.isConnected) return () => {}; // the reader went on while the modules were loading
  const [stage, leave] = boardOf(host, () => new Stage(host, plotlyUrl));
  stage.follow(component, base);
  // Streamlit also calls this when a newer message overtakes an older one: then the host stays.
  return leave;
}
