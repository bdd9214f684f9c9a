"use strict";

// The panel: the chosen word with its neighbors, and the legend. Words get in as text only.

const byId = (id) => document.getElementById(id);
const grouped = new Intl.NumberFormat("en");

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function rankOf(number) {
  const rank = `no. ${grouped.format(number + 1)} of ${grouped.format(count)}`;
  return data.counts ? `${rank}, occurs ${grouped.format(data.counts[number])} times` : rank;
}

function wordElement(text) {
  return element("bdi", { textContent: text });
}

function neighborItem({ number, cosine }) {
  const bar = element("i");
  bar.style.width = `calc((100% - 16px) * ${clamped(cosine, 0, 1)})`;
  const value = element("small", { textContent: cosine.toFixed(3).replace("-", "−") });
  const button = element("button", { type: "button" }, wordElement(visible(words[number])), value, bar);
  button.addEventListener("click", () => {
    choose(number);
    byId("heading").focus(); // the button is gone: the next Tab leads to the new word's neighbors
  });
  return element("li", {}, button);
}

function showWord() {
  const active = activeWord();
  byId("word").hidden = active < 0;
  byId("hint").hidden = active >= 0;
  const chosen = active < 0 ? "" : `; ${words[active]} is chosen`;
  canvas.setAttribute("aria-label", `${grouped.format(count)} words as points${chosen}`);
  if (active < 0) return;
  byId("chosen").textContent = visible(words[active]);
  byId("rank").textContent = rankOf(active);
  byId("neighbors").replaceChildren(...neighborsOf(active).map(neighborItem));
}

function say(text) {
  byId("said").textContent = text;
}

function swatch(color) {
  const dot = element("i");
  dot.style.background = color;
  return dot;
}

function groupItem(names, group) {
  const size = groups.reduce((sum, other) => sum + (other === group), 0);
  const label = element("span", { className: "names" });
  names.forEach((word, i) => label.append(i ? ", " : "", wordElement(shortened(word, 20))));
  const number = element("small", { textContent: grouped.format(size) });
  const button = element("button", { type: "button" }, swatch(`var(--group-${group})`), label, number);
  button.setAttribute("aria-pressed", state.onlyGroup === group);
  button.title = "Show this group only";
  button.addEventListener("click", () => {
    state.onlyGroup = state.onlyGroup === group ? -1 : group;
    const buttons = byId("legend").querySelectorAll("button");
    buttons.forEach((other, i) => other.setAttribute("aria-pressed", state.onlyGroup === i));
    redraw();
  });
  return element("li", {}, button);
}

function stepItem(step) {
  const numbers = Array.from({ length: count }, (_, i) => i).filter((i) => stepOf(i) === step);
  if (!numbers.length) return "";
  const text = `no. ${grouped.format(numbers[0] + 1)} to ${grouped.format(numbers.at(-1) + 1)}`;
  return element("li", {}, element("span", { className: "step" }, swatch(`var(--often-${step})`), text));
}

function showLegend() {
  const items = state.colorBy === "groups" ? data.groupNames.map(groupItem) : SHARES.map((_, i) => stepItem(i));
  byId("legend").replaceChildren(...items);
}
