// feed.js: the socket that brings what is new of a run, and comes back by itself.

import { changedPanel, unpack } from "./wire.js";

const SOONEST = 300;
const LATEST = 5000;
const RELOAD = 15_000; // milliseconds within which a page is not loaded again twice
const GONE = 4404;
const REFUSED = 4403;
const SILENT = new Set([GONE, REFUSED]);

// The page's address holds its settings: loaded again, it opens them on the server as it is now.
function reloadOnce() {
  const before = Number(sessionStorage.getItem("nnvizReloaded"));
  if (Date.now() - before < RELOAD) return;
  sessionStorage.setItem("nnvizReloaded", Date.now());
  location.reload();
}

export class Feed {
  // `show({state, facts, …}, done)` is called with each frame; `lost(text)` with "" or why not;
  // `seen` gives the ids of the panels that the reader sees, if that is known.
  constructor(url, show, lost, seen) {
    Object.assign(this, { url, show, lost, seen });
    this.wait = SOONEST;
    this.waiting = [];
    this.open();
  }

  open() {
    this.panels = new Map();
    this.facts = this.steps = this.heads = undefined;
    this.socket = new WebSocket(this.url);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => this.take(data);
    this.socket.onopen = () => {
      this.see(this.seen());
      this.waiting.splice(0).forEach((text) => this.socket.send(text));
    };
    this.socket.onclose = ({ code }) => this.close(code);
  }

  close(code) {
    if (this.ended) return;
    if (SILENT.has(code)) {
      const why = code === GONE ? "The server was started anew." : "This run is another reader's.";
      this.lost(`${why} Reload the page to go on.`);
      if (code === GONE) reloadOnce();
      return;
    }
    this.lost("The connection is lost; it is being taken up again.");
    this.timer = setTimeout(() => this.open(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 1.6, LATEST);
  }

  take(data) {
    const length = new DataView(data).getUint32(0, true);
    const state = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
    const body = new Uint8Array(data, 4 + length);
    if (body.length) this.merge(unpack(body));
    this.wait = SOONEST;
    this.lost("");
    this.size = data.byteLength;
    const panels = body.length ? [...this.panels.values()] : undefined;
    const { facts, steps, heads } = this;
    const shown = { state, facts, steps, heads, panels };
    this.show(shown, () => this.send({ do: "got", frame: state.frame }));
  }

  // A panel that is not seen stays as it was; of other data nothing stays.
  merge({ facts, heads, panels, steps }) {
    const known = facts.data === this.facts?.data ? this.panels : new Map();
    this.facts = facts;
    this.heads = heads ?? this.heads;
    if (steps) this.steps = steps.$append ? [...this.steps, ...steps.$append] : steps;
    for (const panel of panels) {
      const whole = panel.traces ? panel : changedPanel(known.get(panel.id), panel.change);
      known.set(panel.id, whole);
    }
    const kept = this.heads.filter(({ id }) => known.has(id));
    this.panels = new Map(kept.map(({ id }) => [id, known.get(id)]));
  }

  see(panels) {
    if (panels && this.socket.readyState === WebSocket.OPEN) this.send({ do: "see", panels });
  }

  send(command) {
    const text = JSON.stringify(command);
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text);
    else if (command.do !== "got") this.waiting = [text];
  }

  end() {
    this.ended = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}
