// sweep.js: how far a sweep is; the script draws again when something has arrived.

import { node } from "./panel.js";
import { write } from "./numbers.js";

const RETRY = 1500;
const PATIENCE = 3000; // milliseconds after which an answer of the script is no longer waited for
const bars = new WeakMap();

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("./stage.css", import.meta.url);
document.head.append(style);

class Sweep {
  constructor(host) {
    this.host = host;
    this.root = node("div", "nnviz-progress", host);
    this.bar = node("progress", "", this.root);
    this.text = node("span", "nnviz-small", this.root);
    this.trouble = node("p", "nnviz-trouble", this.root);
    this.trouble.hidden = true;
  }

  follow(component, base) {
    this.component = component;
    const { feed, n_done: drawn } = component.data;
    this.drawn = drawn;
    this.asked = -Infinity;
    const url = new URL(base + feed, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    if (url.href !== this.url) {
      this.url = url.href;
      this.open();
    } else this.ask();
  }

  open() {
    this.end();
    this.socket = new WebSocket(this.url);
    this.socket.onmessage = ({ data }) => this.take(JSON.parse(data));
    this.socket.onclose = () => {
      if (this.known?.is_live && this.host.isConnected) this.timer = setTimeout(() => this.open(), RETRY);
    };
  }

  take(known) {
    this.known = known;
    this.bar.value = known.fraction;
    write(this.text, known.told);
    this.trouble.hidden = !known.trouble;
    write(this.trouble, known.trouble);
    this.ask();
  }

  // One question at a time: the next, even if the answer is lost, when the script has drawn what the last one was about.
  ask() {
    if (!this.known || (this.known.n_done === this.drawn && this.known.is_live)) return;
    clearTimeout(this.again);
    const patience = PATIENCE - (performance.now() - this.asked);
    this.again = setTimeout(() => this.ask(), patience > 0 ? patience : PATIENCE);
    if (patience > 0) return;
    this.asked = performance.now();
    const { n_done: done, is_live: live } = this.known;
    this.component.setTriggerValue("arrived", `${done}/${live}`);
  }

  end() {
    clearTimeout(this.timer);
    clearTimeout(this.again);
    if (!this.socket) return;
    this.socket.onclose = this.socket.onmessage = null;
    this.socket.close();
  }
}

export default function mount(component, plotlyUrl, base) {
  const host = component.parentElement;
  if (!host.isConnected) return () => {};
  if (!bars.has(host)) bars.set(host, new Sweep(host));
  const bar = bars.get(host);
  bar.follow(component, base);
  return () => setTimeout(() => !host.isConnected && bar.end());
}
