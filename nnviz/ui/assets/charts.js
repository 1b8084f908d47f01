// charts.js: the finished charts of one charts() call; what did not change is not drawn again.

import { Board, boardOf } from "./board.js";
import { Reel } from "./reel.js";
import { unpack } from "./wire.js";

class Charts {
  constructor(host, plotlyUrl) {
    this.reel = new Reel(
      host,
      () => this.component.setTriggerValue("play", true),
      (panels) => this.board.turn(panels),
    );
    this.board = new Board(host, plotlyUrl, (panel, point) => this.pick(panel, point));
  }

  follow(component) {
    this.component = component;
    if (component.data !== this.data) {
      this.data = component.data;
      this.message = unpack(component.data);
      this.board.receive(this.message.heads, this.message.panels);
      this.reel.follow(this.message.reel);
    }
    this.board.paint(this.message.tokens);
  }

  pick(panel, point) {
    if (point.set) this.component.setTriggerValue("set", point.set);
    else this.click(panel, point);
  }

  click(panel, { curveNumber: curve, pointNumber: point, x, y, customdata = null }) {
    if (!this.message.click) return;
    this.component.setTriggerValue("click", { panel, curve, point, x, y, customdata });
  }

  remove() {
    this.reel.remove();
    this.board.remove();
  }
}

export default function mount(component, plotlyUrl) {
  const host = component.parentElement;
  if (!host.isConnected) return () => {}; // the reader went on while the modules were loading
  const [charts, leave] = boardOf(host, () => new Charts(host, plotlyUrl));
  charts.follow(component);
  // Streamlit also calls this when a newer message overtakes an older one: then the host stays.
  return leave;
}
