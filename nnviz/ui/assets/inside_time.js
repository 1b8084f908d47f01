// inside_time.js: the moments of one update: which phase, which column, how far, and playing them.

const SECONDS = 1.5; // a moment
const LONGEST = 24; // seconds of a whole update; deep networks go faster
const TURN = 0.55; // seconds of a step by key
const PAUSE = 1.6; // seconds at the end, before it begins again

export class InsideTime {
  // `draw(time)` is called when the moment is another one.
  constructor(draw, isLooping) {
    this.draw = draw;
    this.isLooping = isLooping;
    this.moments = [];
    this.at = 0;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  // Forward column after column, the loss, back column after column, the update.
  begin(nColumns, isNew) {
    const columns = Array.from({ length: nColumns - 1 }, (_, index) => index + 1);
    const there = columns.map((column) => ({ phase: "forward", column }));
    const back = columns.reverse().map((column) => ({ phase: "backward", column }));
    const last = nColumns - 1;
    this.moments = [
      ...there,
      { phase: "loss", column: last },
      ...back,
      { phase: "update", column: last },
    ];
    this.at = Math.min(this.at, this.end);
    if (!isNew) return;
    this.at = 0;
    if (this.calm) this.at = 1;
    else this.play();
  }

  get end() {
    return this.moments.length;
  }

  // The moment, and how much of it has passed: 1 when it is complete.
  get now() {
    const index = Math.max(Math.ceil(this.at - 1e-9) - 1, 0);
    return { ...this.moments[index], index, share: this.at - index };
  }

  first(phase) {
    return this.moments.findIndex((moment) => moment.phase === phase);
  }

  // How far a column has come in a phase: 0 not reached, 1 complete.
  share(phase, column) {
    const index = this.moments.findIndex(
      (moment) => moment.phase === phase && moment.column === column,
    );
    return Math.min(Math.max(this.at - index, 0), 1);
  }

  get isPlaying() {
    return this.frame !== undefined;
  }

  toggle() {
    if (this.isPlaying) return this.rest();
    if (this.at >= this.end) this.at = 0;
    this.play();
  }

  // To the end, or to a moment; a second is a share of a moment.
  play(until = this.end, seconds = Math.min(SECONDS, LONGEST / this.end)) {
    this.rest();
    let before = performance.now();
    const beat = (now) => {
      this.at = Math.min(this.at + (now - before) / 1000 / seconds, until);
      before = now;
      this.frame = this.at < until ? requestAnimationFrame(beat) : undefined;
      this.draw(this);
      if (this.at >= this.end && this.isLooping) this.again();
    };
    this.frame = requestAnimationFrame(beat);
    this.draw(this);
  }

  again() {
    this.waiting = setTimeout(() => {
      this.at = 0;
      this.play();
    }, PAUSE * 1000);
  }

  rest() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.waiting);
    this.frame = undefined;
    this.draw(this);
  }

  go(at) {
    this.at = Math.min(Math.max(at, 0), this.end);
    this.rest();
  }

  // One moment on, seen going, or one back at once.
  turn(by) {
    const whole = by > 0 ? Math.floor(this.at + 1e-6) + 1 : Math.ceil(this.at - 1e-6) - 1;
    if (by < 0 || this.calm) return this.go(Math.max(whole, 1));
    this.play(Math.min(whole, this.end), TURN);
  }

  // A phase from its beginning to its end.
  visit(phase) {
    const start = this.first(phase);
    const last = this.moments.findLastIndex((moment) => moment.phase === phase);
    if (this.calm) return this.go(last + 1);
    this.at = start;
    this.play(last + 1, Math.min(SECONDS, LONGEST / this.end));
  }
}
