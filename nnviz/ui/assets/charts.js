// charts.js: the finished charts of one charts() call; what did not change is not drawn again.

import { Board, boardOf } from "./board.js";
import { unpack } from "./wire.js";

class Charts {
  constructor(host, plotlyUrl) {
    this.board = new Board(host, plotlyUrl, (panel, point) => this.click(panel, point));
  }

  follow(component) {
    this.component = component;
    if (component.data !== this.data) {
      this.data = component.data;
      this.message = unpack(component.data);
      this.board.receive(this.message.heads, this.message.panels);
    }
    this.board.paint(this.message.tokens);
  }

  click(panel, { curveNumber: curve, pointNumber: point, x, y, customdata = null }) {
    if (!this.message.click) return;
    this.component.setTriggerValue("click", { panel, curve, point, x, y, customdata });
  }

  remove() {
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
