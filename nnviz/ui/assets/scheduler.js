// scheduler.js: which figure is drawn next, over all charts of the page: the one that was drawn
// longest ago, with its newest data only.

const waiting = new Set();
const listening = new Set();
// Milliseconds of drawing after which the rest waits for the next frame. One figure takes about 10
// on a slow machine; less keeps the page smoother, more redraws the figures more often.
const BUDGET = 8;
let frame = null;

function next() {
  let longest = null;
  for (const panel of waiting) {
    if (panel.ready() && !(panel.drawnAt >= longest?.drawnAt)) longest = panel;
  }
  return longest;
}

function step() {
  frame = null;
  const start = performance.now();
  for (let panel = next(); panel; panel = next()) {
    waiting.delete(panel);
    panel.draw();
    panel.drawnAt = performance.now();
    if (panel.drawnAt - start > BUDGET) break;
  }
  if (next()) return request();
  const callbacks = [...listening];
  listening.clear();
  callbacks.forEach((callback) => callback());
}

function request() {
  frame ??= requestAnimationFrame(step);
}

// A panel that already waits is not added twice; it will draw whatever is newest then.
export function schedule(panel) {
  waiting.add(panel);
  request();
}

// Once everything that can be seen is drawn; at once where nothing is drawn, in a hidden tab.
export function whenDrawn(callback) {
  if (document.hidden) return callback();
  listening.add(callback);
  request();
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return;
  const callbacks = [...listening];
  listening.clear();
  callbacks.forEach((callback) => callback());
});

export function forget(panel) {
  waiting.delete(panel);
}
