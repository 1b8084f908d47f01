// typing.js: Ctrl+Z takes back what is being typed in a field, before it takes back a change.

const WORDS = "input:not([type]), input[type=text], input[type=number], textarea";
const settled = new WeakMap();
const fieldOf = (event) => event.composedPath()[0]?.closest?.(WORDS);
const settle = (event) => {
  const field = fieldOf(event);
  if (field) settled.set(field, field.value);
};

addEventListener("focusin", settle, true);
addEventListener("change", settle, true);
addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Enter") settle(event);
    const field = fieldOf(event);
    const undoes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    const typing = field && settled.has(field) && settled.get(field) !== field.value;
    if (undoes && typing) event.stopImmediatePropagation();
  },
  true,
);
