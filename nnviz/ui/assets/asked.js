// asked.js: questions about the run, put to the server one at a time.

import { unpack } from "./wire.js";

export class Asked {
  constructor(url) {
    this.url = url;
    this.last = Promise.resolve();
    this.newest = {};
  }

  // The answer to a question; throws with the server's words where there is none. Of questions of
  // one kind that wait for their turn only the newest is put; the others answer undefined.
  put(question) {
    const { ask } = question;
    this.newest[ask] = question;
    const isNewest = () => this.newest[ask] === question;
    const mine = this.last.then(() => (isNewest() ? this.post(question) : undefined));
    this.last = mine.catch(() => {});
    return mine;
  }

  async post(question) {
    const answer = await fetch(this.url, { method: "POST", body: JSON.stringify(question) });
    if (answer.ok) return unpack(new Uint8Array(await answer.arrayBuffer()));
    const { refused } = await answer.json().catch(() => ({}));
    throw new Error(refused ?? "The server did not answer.");
  }
}
